import csv
import io
import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.base.charts import (
    COLOURS,
    Estimate,
    Page,
    bands,
    bars,
    csv_link,
    details,
    figures_list,
    heat_table,
    histogram,
    intervals,
    lines,
    percent,
    ridges,
    short_number,
    table,
)
from climb.base.charts.style import _DARK, _LIGHT
from tests.pages import check_page, collected

HOSTILE = '<script>alert("x")</script>&'


def svg_of(figure: str) -> ElementTree.Element:
    return ElementTree.fromstring(re.search(r"<svg.*?</svg>", figure, re.DOTALL).group())


def points_of(figure: str) -> list[list[tuple[float, float]]]:
    return [
        [tuple(map(float, point.split(","))) for point in shape.get("points").split()]
        for shape in svg_of(figure).iter("polyline")
    ]


def test_heights_of_a_histogram_are_its_shares():
    figure = histogram([0, 1, 2, 4], {"a": [0.5, 0.2, 0.3], "b": [0.0, 0.0, 1.0]}, "shares", "x")
    first, second = points_of(figure)
    floor = first[0][1]
    heights = [floor - y for _, y in first[1:-1:2]]
    tallest = floor - second[-2][1]
    assert [round(height / tallest, 3) for height in heights] == [0.5, 0.2, 0.3]
    widths = [b[0] - a[0] for a, b in zip(first[1:-1:2], first[2:-1:2], strict=True)]
    assert widths[2] == pytest.approx(widths[0] + widths[1], abs=0.2)


def test_a_logarithmic_axis_has_equal_steps_for_equal_ratios():
    (points,) = points_of(lines({"a": [(1, 0), (10, 1), (100, 2)]}, "c", "x", log_x=True))
    xs = [x for x, _ in points]
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.2)
    ys = [y for _, y in points]
    assert ys[0] - ys[1] == pytest.approx(ys[1] - ys[2], abs=0.2)


def test_both_axes_may_be_logarithmic_and_a_fit_is_dashed():
    series = {"data": [(1, 100), (10, 10), (100, 1)], "fit": [(1, 100), (100, 1)]}
    figure = lines(series, "c", "x", log_x=True, log_y=True, dashed=["fit"])
    data, fit = points_of(figure)
    assert data[1][1] - data[0][1] == pytest.approx(data[2][1] - data[1][1], abs=0.2)
    assert data[0] == fit[0]
    assert figure.count("stroke-dasharray") == 1


def test_bars_are_as_long_as_their_sizes():
    figure = bars({"one": {"train": 30.0, "validation": 10.0}, "two": {"train": 20.0}}, "words", "words")
    widths = [float(shape.get("width")) for shape in svg_of(figure).iter("rect")]
    assert widths[0] / widths[2] == pytest.approx(1.5, rel=0.01)
    assert widths[0] / widths[1] == pytest.approx(3.0, rel=0.01)


def test_rows_of_ridges_keep_shares_and_mark_the_middle():
    figure = ridges([0, 1, 2], {"a": [0.2, 0.8], "b": [0.5, 0.5]}, "shares", "x", middles={"a": 1.0, "b": 1.5})
    first, second = points_of(figure)
    floor = first[0][1]
    heights = sorted({round(floor - y, 1) for _, y in first} - {0.0})
    assert heights[0] / heights[1] == pytest.approx(0.25, abs=0.01)
    assert len(second) == 4, "two equal bins are one step"
    assert second[0][1] > floor
    marks = [shape.get("d") for shape in svg_of(figure).iter("path") if shape.get("class") == "mark"]
    places = [float(re.match(r"M([\d.]+) ", mark)[1]) for mark in marks]
    assert places[0] == pytest.approx((first[0][0] + first[-1][0]) / 2, abs=0.2)
    assert "a: 1; b: 1.5" in svg_of(figure).find("desc").text


def test_a_row_of_its_own_height_and_a_mark_outside_is_left_out():
    figure = ridges([0, 1, 2], {"a": [0.0, 0.0]}, "c", "x", middles={"a": 9.0})
    assert not [shape for shape in svg_of(figure).iter("path") if shape.get("class") == "mark"]
    assert "nan" not in figure


def test_intervals_stand_where_their_numbers_are():
    rows = {"a": Estimate(1.0, 0.0, 3.0, [0.5, 2.0]), "b": Estimate(-1.0)}
    figure = intervals(rows, "c", "x", reference=0.0, first_colour=1)
    svg = svg_of(figure)
    (bar,) = svg.iter("rect")
    start, width = float(bar.get("x")), float(bar.get("width"))
    ring_1, ring_2, dot, other = (float(shape.get("cx")) for shape in svg.iter("circle"))
    assert (dot - start) / width == pytest.approx(1 / 3, abs=0.01)
    assert (ring_1 - start) / width == pytest.approx(0.5 / 3, abs=0.01)
    assert (ring_2 - start) / width == pytest.approx(2 / 3, abs=0.01)
    assert start - other == pytest.approx(width / 3, abs=0.3)
    (mark,) = (shape.get("d") for shape in svg.iter("path") if shape.get("class") == "mark")
    assert float(re.match(r"M([\d.]+) ", mark)[1]) == pytest.approx(start, abs=0.1)
    assert bar.get("fill") == "var(--c1)"
    assert "a: 1, from 0 to 3; b: -1" in svg.find("desc").text


def test_a_band_goes_from_the_lowest_to_the_highest_and_nothing_from_nothing():
    figure = bands({"a": [], "b": [(0, 1, 0, 4), (1, 2, 2, 2)]}, "c", "x", from_zero=True)
    nothing, line = (shape.get("points") for shape in svg_of(figure).iter("polyline"))
    polygon = [shape.get("points").split() for shape in svg_of(figure).iter("polygon")][1]
    heights = [float(point.split(",")[1]) for point in polygon]
    assert nothing == ""
    middle = [float(point.split(",")[1]) for point in line.split()]
    low, high = heights[3], heights[0]
    assert (low - middle[0]) / (low - high) == pytest.approx(1 / 4, abs=0.01)
    assert heights[1] == heights[2] == middle[1]


def test_everything_is_escaped_and_nothing_is_fetched():
    page = Page(HOSTILE, HOSTILE, HOSTILE)
    page.heading(HOSTILE, level=2)
    page.note(HOSTILE)
    page.heading(HOSTILE)
    page.section(HOSTILE)
    page.add(table([HOSTILE], [[HOSTILE]], HOSTILE, csv=True), details(HOSTILE, ""))
    page.add(figures_list({HOSTILE: (HOSTILE, HOSTILE)}))
    page.add(heat_table(HOSTILE, [HOSTILE], {HOSTILE: [0.5]}, HOSTILE, float, lambda value: HOSTILE))
    page.add(histogram([0, 1], {HOSTILE: [1.0]}, HOSTILE, HOSTILE), bars({HOSTILE: {HOSTILE: 1.0}}, HOSTILE, HOSTILE))
    page.add(intervals({HOSTILE: Estimate(1.0, 0.0, 2.0)}, HOSTILE, HOSTILE))
    page.add(bands({HOSTILE: [(0, 1, 0, 2)]}, HOSTILE, HOSTILE, HOSTILE))
    page.add(lines({HOSTILE: [(0, 0), (1, 1)]}, HOSTILE, HOSTILE, y_label=HOSTILE))
    page.add(ridges([0, 1], {HOSTILE: [1.0]}, HOSTILE, HOSTILE, middles={HOSTILE: 0.5}))
    html = page.html()
    seen = check_page(html)
    assert 'alert("x")<' not in html
    assert seen.tags.count("section") == 2
    assert seen.tags.count("nav") == 1
    assert html == page.html()


def test_a_csv_link_gives_the_table_back():
    rows = [["a,b", 1, 0.123456789], ['say "x"\ny', -2, 1e-9], ["=1+1", 3, 2.0], ["50 % & <é>", 4, 0.5]]
    link = csv_link("A table", ["name", "count", "share"], rows)
    href = collected(link).values("href")[0]
    text = unquote(href.removeprefix("data:text/csv;charset=utf-8,"))
    header, *read = csv.reader(io.StringIO(text, newline=""))
    assert header == ["name", "count", "share"]
    assert [row[0] for row in read] == ["a,b", 'say "x"\ny', "'=1+1", "50 % & <é>"]
    assert [int(row[1]) for row in read] == [1, -2, 3, 4]
    assert [float(row[2]) for row in read] == pytest.approx([0.123457, 1e-9, 2.0, 0.5])
    assert collected(link).values("download") == ["a-table.csv"]


def test_heat_tables_write_the_number_and_colour_by_it():
    text = heat_table("m", ["x", "y", "z"], {"row": [0.5, -1.0, None]}, "c", lambda value: value)
    assert '<td class="number warm" style="--d:0.50">0.5</td>' in text
    assert '<td class="number cold" style="--d:1.00">-1</td>' in text
    assert '<td class="number">–</td>' in text
    assert '<th scope="row">row</th>' in text


def test_text_stays_readable_on_its_colours():
    """WCAG AA: 4.5 to 1 for text on paper, on fills, and on the deepest cell of a coloured table."""
    for sheet in (_LIGHT, _DARK):
        colours = {
            name: tuple(int(value[i : i + 2], 16) for i in (0, 2, 4))
            for name, value in re.findall(r"--(\w+): #([0-9a-f]{6})", sheet)
        }
        pairs = [(ink, ground) for ink in ("ink", "dim", "link") for ground in ("paper", "fill")]
        pairs += [("ink", "added"), ("ink", "removed")]
        for ink, ground in pairs:
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
        for side in ("warm", "cold"):
            cell = tuple((a + b) / 2 for a, b in zip(colours[side], colours["paper"], strict=True))
            assert contrast(colours["ink"], cell) >= 4.5, side
        for number in range(COLOURS):
            assert contrast(colours[f"c{number}"], colours["fill"]) >= 3, number


def contrast(one, other) -> float:
    """Return the contrast ratio of WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour) -> float:
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in (c / 255 for c in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (1.0, "100 %"), (0.5, "50.0 %"), (0.99996, "> 99.9 %"), (1e-7, "< 0.01 %"), (0.0042, "0.42 %")],
)
def test_percent_never_rounds_to_all_or_nothing(share: float, text: str):
    assert percent(share) == text.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (12345.6, "12,346"),
        (0.04567, "0.04567"),
        (3.0, "3"),
        (-1.5, "-1.5"),
        (999.96, "1,000"),
        (-1e-8, "-1e-08"),
    ],
)
def test_numbers(value: float, text: str):
    assert short_number(value) == text


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6), st.booleans())
def test_axes_of_any_range_can_be_drawn(low: float, width: float, log: bool):
    for figure in (
        histogram([low, low + width], {"a": [1.0]}, "c", "x", log),
        ridges([low, low + width], {"a": [1.0]}, "c", "x", log),
        lines({"a": [(low, low), (low + width, low + width)]}, "c", "x", log, log),
    ):
        assert 2 <= len(list(svg_of(figure).iter("text"))) < 40
        assert "nan" not in figure


def test_tables_align_numbers():
    text = table(["name", "count", "share"], [["a", 12345, 0.5]])
    assert '<td class="number">12,345</td>' in text
    assert "<td>a</td>" in text


def test_a_chart_stands_alone_as_xml():
    from climb.base.charts.svg_files import standalone

    figure = lines({"a < b": [(0.0, 1.0), (1.0, 3.0)], "c": [(0.0, 2.0)]}, "x & y", "step")
    root = ElementTree.fromstring(standalone(figure, "t > u", ["a < b", "c"]))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == "t > u"
    assert texts[-2:] == ["a < b", "c"]
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == 2


def test_a_long_title_of_a_chart_takes_lines_and_pushes_the_drawing_down():
    from climb.base.charts.svg_files import standalone

    figure = lines({"a": [(0.0, 1.0), (1.0, 3.0)]}, "x", "step")
    title = "data_ngram_log: hardest block of a batch, as a percentile of unigram perplexity"
    short, long = (ElementTree.fromstring(standalone(figure, one)) for one in ("data_ngram_log", title))
    texts = [element.text for element in long.iter("{http://www.w3.org/2000/svg}text")]
    assert " ".join(texts[:2]) == title
    assert max(map(len, texts[:2])) <= 56
    heights = [float(one.get("viewBox").split()[3]) for one in (short, long)]
    assert heights[1] - heights[0] == 16


def test_long_labels_of_intervals_take_lines_and_lose_nothing_that_fits():
    long = "none · loss=syntactic_smoothing · true_mass=0.2"
    figure = intervals({"vocab_linear": Estimate(1.0), long: Estimate(2.0)}, "c", "x")
    labels = re.findall(r'text-anchor="end">([^<]*)</text>', figure)
    assert labels[0] == "vocab_linear"
    assert max(map(len, labels)) <= 18
    assert "".join(labels[1:]).replace(" ", "") == long.replace(" ", "")
    cut = intervals({"x_" * 99: Estimate(1.0)}, "c", "x")
    assert "…" in "".join(re.findall(r'text-anchor="end">([^<]*)</text>', cut))
