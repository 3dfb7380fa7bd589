"""The page: header, navigation, main part in sections, footer; and the small parts that are no chart or table."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from climb.base.charts.formats import slug
from climb.base.charts.style import STYLE


class Page:
    """A page under construction; ids come from its headings, so the same content has the same ids."""

    def __init__(self, title: str, lead: str = "", footer: str = "") -> None:
        """Begin a page.

        Args:
            title: its heading.
            lead: a sentence under it.
            footer: a sentence at the end.
        """
        self._title = title
        self._lead = lead
        self._footer = footer
        self._parts: list[str] = []
        self._contents: list[tuple[str, str]] = []
        self._ids: dict[str, int] = {}

    def add(self, *parts: str) -> None:
        """Append pieces of HTML, made by this kit or escaped by the caller."""
        self._parts += parts

    def section(self, title: str, anchor: str = "") -> str:
        """Begin a section that the navigation names, and return its id; it lasts until the next one."""
        name = self._new_id(anchor or title)
        if self._contents:
            self._parts.append("</section>")
        self._contents.append((name, title))
        self._parts.append(f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(title)}</h2>')
        return name

    def heading(self, text: str, level: int = 3, anchor: str = "") -> str:
        """Append a heading within a section, and return its id; level 2 begins a section."""
        if level == 2:
            return self.section(text, anchor)
        name = self._new_id(anchor or text)
        self._parts.append(f'<h{level} id="{name}">{escape(text)}</h{level}>')
        return name

    def note(self, text: str) -> None:
        """Append a paragraph in a quiet colour."""
        self._parts.append(f'<p class="note">{escape(text)}</p>')

    def html(self) -> str:
        """Return the whole page."""
        title = escape(self._title)
        lead = f"<p>{escape(self._lead)}</p>" if self._lead else ""
        end = "</section>" if self._contents else ""
        footer = f"<footer><p>{escape(self._footer)}</p></footer>\n" if self._footer else ""
        body = "\n".join(self._parts)
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
            f"<header><h1>{title}</h1>{lead}</header>\n{self._navigation()}<main>\n{body}\n{end}</main>\n"
            f"{footer}</body>\n</html>\n"
        )

    def _navigation(self) -> str:
        links = "".join(f'<li><a href="#{name}">{escape(title)}</a></li>' for name, title in self._contents)
        return f'<nav aria-label="Contents"><ul>{links}</ul></nav>\n' if links else ""

    def _new_id(self, text: str) -> str:
        name = slug(text)
        self._ids[name] = self._ids.get(name, 0) + 1
        if self._ids[name] == 1:
            return name
        return self._new_id(f"{name}-{self._ids[name]}")


def details(summary: str, content: str, opened: bool = False, printed: bool = True) -> str:
    """Return a part that the reader can unfold; on paper it is open.

    Args:
        summary: what is inside, as text.
        content: HTML.
        opened: whether it is unfolded at first.
        printed: whether it is on paper at all; where it is not, the paper says so.
    """
    how = f"{' open' if opened else ''}{'' if printed else ' class=unprinted'}"
    return f"<details{how}><summary>{escape(summary)}</summary>{content}</details>"


def figures_list(figures: Mapping[str, tuple[str, str]]) -> str:
    """Return key figures side by side: what → (the figure, a few words about it)."""
    items = "".join(
        f"<div><dt>{escape(what)}</dt><dd><b>{escape(value)}</b>"
        + (f"<small>{escape(about)}</small>" if about else "")
        + "</dd></div>"
        for what, (value, about) in figures.items()
    )
    return f'<dl class="figures">{items}</dl>'
