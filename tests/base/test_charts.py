import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.base.charts import Page, bars, histogram, lines, short_number, table

HOSTILE = '<script>alert("x")</script>&'


def svg_of(figure: str) -> ElementTree.Element:
    return ElementTree.fromstring(re.search(r"<svg.*?</svg>", figure, re.DOTALL).group())


def points_of(figure: str) -> list[list[tuple[float, float]]]:
    return [
        [tuple(map(float, point.split(","))) for point in shape.get("points").split()]
        for shape in svg_of(figure).iter("polyline")
    ]


def test_heights_of_a_histogram_are_its_shares():
    figure = histogram([0, 1, 2, 4], {"a": [0.5, 0.25, 0.25], "b": [0.0, 0.0, 1.0]}, "shares", "x")
    first, second = points_of(figure)
    floor = first[0][1]
    heights = [floor - y for _, y in first[1:-1:2]]
    tallest = floor - second[-2][1]
    assert [round(height / tallest, 3) for height in heights] == [0.5, 0.25, 0.25]
    widths = [b[0] - a[0] for a, b in zip(first[1:-1:2], first[2:-1:2], strict=True)]
    assert widths[2] == pytest.approx(widths[0] + widths[1], abs=0.2)


def test_a_logarithmic_axis_has_equal_steps_for_equal_ratios():
    (points,) = points_of(lines({"a": [(1, 0), (10, 1), (100, 2)]}, "c", "x", log_x=True))
    xs = [x for x, _ in points]
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.2)
    ys = [y for _, y in points]
    assert ys[0] - ys[1] == pytest.approx(ys[1] - ys[2], abs=0.2)


def test_bars_are_as_long_as_their_sizes():
    figure = bars({"one": {"train": 30.0, "validation": 10.0}, "two": {"train": 20.0}}, "words", "words")
    widths = [float(shape.get("width")) for shape in svg_of(figure).iter("rect")]
    assert widths[0] / widths[2] == pytest.approx(1.5, rel=0.01)
    assert widths[0] / widths[1] == pytest.approx(3.0, rel=0.01)


class Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_everything_is_escaped_and_nothing_is_fetched():
    page = Page(HOSTILE)
    page.heading(HOSTILE)
    page.note(HOSTILE)
    page.add(table([HOSTILE], [[HOSTILE]]))
    page.add(histogram([0, 1], {HOSTILE: [1.0]}, HOSTILE, HOSTILE), bars({HOSTILE: {HOSTILE: 1.0}}, HOSTILE, HOSTILE))
    page.add(lines({HOSTILE: [(0, 0), (1, 1)]}, HOSTILE, HOSTILE))
    html = page.html()
    collected = Collector()
    collected.feed(html)
    assert "script" not in collected.tags
    assert not {"link", "img", "iframe"} & set(collected.tags)
    assert not [name for name, _ in collected.attributes if name in ("src", "href") or name.startswith("on")]
    assert "url(" not in html
    assert html == page.html()
    ids = [value for name, value in collected.attributes if name == "id"]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (12345.6, "12,346"), (0.04567, "0.04567"), (3.0, "3"), (-1.5, "-1.5"), (999.96, "1,000")],
)
def test_numbers(value: float, text: str):
    assert short_number(value) == text


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6), st.booleans())
def test_axes_of_any_range_can_be_drawn(low: float, width: float, log: bool):
    figure = histogram([low, low + width], {"a": [1.0]}, "c", "x", log)
    assert 2 <= len(list(svg_of(figure).iter("text"))) < 40
    assert "nan" not in figure


def test_tables_align_numbers():
    text = table(["name", "count", "share"], [["a", 12345, 0.5]])
    assert '<td class="number">12,345</td>' in text
    assert "<td>a</td>" in text
