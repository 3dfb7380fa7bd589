"""The laws of every pacing function, and CLIMB's published values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.curricula.pacing_base import Ramp, number_text, pacing_classes, pacing_named

RAMPS = sorted(name for name, cls in pacing_classes().items() if issubclass(cls, Ramp))
SHARE = st.floats(0.0, 1.0)

# b = 0.1, M = 1, at x = .01, .1, .25, .5, .75, .9, 1; six decimals.
CLIMB_TABLE = {
    "linear": [0.109, 0.19, 0.325, 0.55, 0.775, 0.91, 1],
    "quad": [0.10009, 0.109, 0.15625, 0.325, 0.60625, 0.829, 1],
    "root": [0.19, 0.384605, 0.55, 0.736396, 0.879423, 0.953815, 1],
    "exp": [0.100004, 0.100070, 0.100457, 0.106024, 0.173839, 0.431066, 1],
    "log": [0.585942, 0.792808, 0.875250, 0.937625, 0.974114, 0.990522, 1],
    "step": [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 1],
}


def test_every_function_the_field_uses_is_there():
    extra = ["constant", "polynomial", "competence", "cosine", "piecewise"]
    assert set(pacing_classes()) == {*CLIMB_TABLE, *extra}


@pytest.mark.parametrize("name", CLIMB_TABLE)
def test_climbs_values(name):
    pacing = pacing_named(name, {"start": "0.1", "from": "0", "to": "1"})
    steps = np.array([100, 1000, 2500, 5000, 7500, 9000, 10000])
    assert pacing.value(steps, 10000) == pytest.approx(CLIMB_TABLE[name], abs=5e-7)


def test_climbs_schedule_on_its_own_steps():
    """Shipped: 400k steps, the ramp from step 25k to 350k, start 0.1; half way the linear ramp is at 0.55."""
    steps = np.array([0, 24_999, 25_000, 25_001, 187_500, 349_999, 350_000, 399_999])
    values = pacing_named("linear").value(steps, 400_000)
    slope = 0.9 / 325_000
    assert values == pytest.approx([0.1, 0.1, 0.1, 0.1 + slope, 0.55, 1 - slope, 1, 1], abs=1e-12)
    assert values[2] == 0.1
    assert values[6] == 1.0


@pytest.mark.parametrize("x", [0.0, 0.2, 0.7, 1.0])
def test_other_ramps_against_their_formulas(x):
    edges = {"from": "0", "to": "1"}
    step = int(1000 * x)
    competence = pacing_named("competence", {"start": "0.01", **edges}).value(step, 1000)
    assert competence == pytest.approx(np.sqrt(x * (1 - 0.01**2) + 0.01**2), abs=1e-12)
    cosine = pacing_named("cosine", {"start": "0.2", "end": "0.6", **edges}).value(step, 1000)
    assert cosine == pytest.approx(0.2 + 0.4 * np.sin(np.pi * x / 2) ** 2, abs=1e-12)
    cubic = pacing_named("polynomial", {"start": "0", "degree": "3", **edges}).value(step, 1000)
    assert cubic == pytest.approx(x**3, abs=1e-12)


@given(st.sampled_from(RAMPS), SHARE, SHARE, SHARE, SHARE, st.integers(1, 300))
def test_laws_of_a_ramp(name, start, end, one, other, total):
    if one == other:
        other = (one + 1) / 2 if one < 0.5 else one / 2
    begin, finish = min(one, other), max(one, other)
    pacing = pacing_classes()[name](start=start, end=end, from_=begin, to=finish)
    steps = np.arange(total + 1)
    values = pacing.value(steps, total)
    assert values.dtype == np.float64
    assert values.shape == steps.shape
    assert values.min() >= min(start, end)
    assert values.max() <= max(start, end)
    difference = np.diff(values) * np.sign(end - start)
    assert (difference >= 0).all()
    assert (values[steps / total <= begin] == start).all()
    assert (values[steps / total >= finish] == end).all()
    assert [float(pacing.value(step, total)) for step in steps[:5]] == values[:5].tolist()


@pytest.mark.parametrize("name", sorted(pacing_classes()))
def test_a_run_of_one_step_has_a_value(name):
    value = pacing_named(name).value(0, 1)
    assert value.shape == ()
    assert float(value) == (1.0 if name == "constant" else 0.1)


def test_a_ramp_ends_where_its_decimal_says():
    """0.7 × 10 is not 7 in binary; step 7 of 10 is the end of to=0.7 all the same."""
    for tenth in range(1, 10):
        assert pacing_named("linear", {"to": f"0.{tenth}"}).value(tenth, 10) == 1.0


@pytest.mark.parametrize("name", sorted(pacing_classes()))
def test_a_step_has_one_value_however_it_is_asked_for(name):
    """Bit for bit: alone, in any slice, in any order; numpy's routines for scalars and arrays differ."""
    pacing = pacing_named(name)
    whole = pacing.value(np.arange(500), 500)
    assert [float(pacing.value(step, 500)) for step in range(500)] == whole.tolist()
    order = np.random.default_rng(0).permutation(500)
    assert (pacing.value(order.reshape(20, 25), 500) == whole[order].reshape(20, 25)).all()
    for first in range(0, 500, 7):
        assert (pacing.value(np.arange(first, min(first + 7, 500)), 500) == whole[first : first + 7]).all()


def test_piecewise_goes_through_its_points_up_and_down():
    pacing = pacing_named("piecewise", {"points": "0.2:0.5/0.4:0.9/0.8:0.1"})
    assert pacing.value([0, 20, 30, 40, 60, 80, 100], 100) == pytest.approx([0.5, 0.5, 0.7, 0.9, 0.5, 0.1, 0.1])


@given(st.sampled_from(RAMPS), SHARE, SHARE)
def test_text_round_trip(name, start, end):
    pacing = pacing_classes()[name](start=start, end=end)
    assert pacing_named(name, pacing.to_text()) == pacing


@given(st.floats(allow_nan=False))
def test_numbers_are_written_exactly(value):
    assert float(number_text(value)) == value


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("linaer", {}, "did you mean linear"),
        ("linear", {"strat": "0.2"}, "did you mean start"),
        ("linear", {"degree": "2"}, "Unknown parameter of the pacing function 'linear' 'degree'"),
        ("linear", {"start": "ten"}, "start=ten of the pacing function 'linear' is not a number"),
        ("linear", {"start": "0_1"}, "start=0_1 of the pacing function 'linear' is not a number: write start="),
        ("linear", {"start": "٠.٥"}, "is not a number"),
        ("piecewise", {"points": "0:0.1/0_1:1"}, "points=SHARE:VALUE"),
        ("linear", {"from": "2"}, "from=2 of the pacing function 'linear' is outside"),
        ("linear", {"start": "1.5"}, "start=1.5 of the pacing function 'linear' is outside"),
        ("linear", {"end": "nan"}, "outside"),
        ("root", {"from": "-0.1"}, "from=-0.1"),
        ("log", {"from": "0.5", "to": "0.5"}, "ramp without length"),
        ("exp", {"from": "0.9"}, "ramp without length"),
        ("polynomial", {"degree": "0"}, "positive"),
        ("polynomial", {"degree": "inf"}, "positive number: write degree="),
        ("polynomial", {"degree": "nan"}, "positive"),
        ("constant", {"value": "2"}, "outside"),
        ("piecewise", {"points": "0.1"}, "points=SHARE:VALUE"),
        ("piecewise", {"points": "0:0.1/0:0.2"}, "rising order"),
        ("piecewise", {"points": "0:0.1/1:2"}, "outside"),
    ],
)
def test_mistakes_are_refused_in_one_sentence(name, parameters, message):
    with pytest.raises(UserError, match=r"(?s)^[^\n]*$") as caught:
        pacing_named(name, parameters)
    assert message in str(caught.value)


def test_a_run_without_steps_is_refused():
    with pytest.raises(UserError, match="at least 1"):
        pacing_named("linear").value(0, 0)


def test_parameters_may_be_numbers():
    assert pacing_named("linear", {"start": 0.2, "from": 0, "to": 1}) == pacing_named(
        "linear", {"start": "0.2", "from": "0", "to": "1"}
    )
    with pytest.raises(UserError, match="start=2 of the pacing function 'linear' is outside"):
        pacing_named("linear", {"start": 2})
