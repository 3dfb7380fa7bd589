import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from climb.curricula.terminal import text_chart


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300), st.integers(1, 12))
def test_it_fits_eighty_columns(values, height):
    chart = text_chart(np.array(values), height).splitlines()
    assert len(chart) == height + 2
    assert max(map(len, chart)) <= 78


def test_a_ramp_rises_by_eighths():
    chart = text_chart(np.arange(1, 17) / 16, height=2, width=16).splitlines()
    assert chart[0] == "       1 │        ▁▂▃▄▅▆▇█"
    assert chart[1] == "       0 │▁▂▃▄▅▆▇█████████"
    assert chart[3].split() == ["0", "8", "16"]


def test_columns_are_means_of_their_steps():
    chart = text_chart(np.tile([0.0, 1.0], 50), height=1, width=10).splitlines()
    assert chart[0].endswith("▄" * 10)


def test_fewer_steps_than_columns_and_nothing_at_all():
    assert text_chart(np.array([1.0, 0.0]), height=1, width=4).splitlines()[0].endswith("│██")
    assert "█" not in text_chart(np.zeros(5))
