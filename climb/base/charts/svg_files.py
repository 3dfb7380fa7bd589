"""A chart as an SVG file of its own, for a page in Markdown or a slide."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from html import escape

from climb.base.charts.frames import HEIGHT, WIDTH, colour
from climb.base.charts.style import STYLE

_LINE = 16
"""Height of a line of text."""
_CHARACTERS = 56
"""As many as fit into a line of the title, whatever the font."""


def standalone(figure: str, title: str = "", keys: Sequence[str] = ()) -> str:
    """Return the drawing of a figure of this kit as an SVG document that follows the reader's light or dark setting.

    Args:
        figure: HTML, as `lines` returns it, of the usual height.
        title: stands above the drawing, in as many lines as it needs.
        keys: the series' names, in the order of their colours; they stand below it.
    """
    drawing = figure[figure.index("<svg") : figure.index("</svg>")]
    opening, shapes = drawing.split(">", 1)
    heads = textwrap.wrap(title, _CHARACTERS)
    above = _LINE * len(heads) + 4 * bool(heads)
    height = above + HEIGHT + _LINE * (len(keys) + 1)
    attributes = re.sub(r'viewBox="[^"]*"', f'viewBox="0 0 {WIDTH} {height}"', opening.removeprefix("<svg"))
    head = "".join(
        f'<text x="{WIDTH / 2:g}" y="{_LINE * (place + 1)}" text-anchor="middle">{escape(line)}</text>'
        for place, line in enumerate(heads)
    )
    below = above + HEIGHT + _LINE + 4
    names = "".join(
        f'<text x="50" y="{below + _LINE * place}" style="fill: {colour(place)}">{escape(key)}</text>'
        for place, key in enumerate(keys)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"{attributes}><style>{STYLE}</style>{head}'
        f'<g transform="translate(0 {above})">{shapes}</g>{names}</svg>\n'
    )
