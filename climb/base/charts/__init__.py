"""A kit for self-contained pages: a page with landmarks, charts as SVG, tables, coloured tables, one style sheet.

    page = Page("Corpus x", "what it is in a sentence")
    page.section("Sources")
    page.add(bars({"a": {"train": 3.0}}, "Words per source", "words"), table(["source", "words"], [["a", 3]]))
    html = page.html()

No script, no font, no file from elsewhere; colours follow the reader's light or dark setting and paper is
white; everything that comes from data is escaped; the same data gives the same bytes. Every chart has a title
and a description for those who hear it, and its numbers beside it as a CSV link. Charts are drawn 400 units
wide, so that their text stays readable on a telephone, where a page must never scroll sideways: wide tables
scroll inside their own box. A chart is about 3 kB with its data.
"""

from climb.base.charts.banded import bands
from climb.base.charts.curves import lines
from climb.base.charts.distributions import histogram, ridges
from climb.base.charts.downloads import csv_link
from climb.base.charts.formats import percent, short_number
from climb.base.charts.frames import COLOURS
from climb.base.charts.interval_rows import Estimate, intervals
from climb.base.charts.pages import Page, details, figures_list
from climb.base.charts.stacks import bars
from climb.base.charts.tables import Cell, heat_table, table

__all__ = [
    "COLOURS",
    "Cell",
    "Estimate",
    "Page",
    "bands",
    "bars",
    "csv_link",
    "details",
    "figures_list",
    "heat_table",
    "histogram",
    "intervals",
    "lines",
    "percent",
    "ridges",
    "short_number",
    "table",
]
