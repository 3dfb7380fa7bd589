"""What holds for every page that the project writes."""

import re
from html.parser import HTMLParser


class Collector(HTMLParser):
    """Tags and attributes of a page; `unclosed` and `misplaced` stay empty on a well-formed one."""

    VOID = frozenset(("meta", "br", "hr", "input", "wbr"))

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.unclosed: list[str] = []
        self.misplaced: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.unclosed.append(tag)

    def handle_endtag(self, tag) -> None:
        if not self.unclosed or self.unclosed.pop() != tag:
            self.misplaced.append(tag)

    def values(self, name: str) -> list[str]:
        return [value or "" for key, value in self.attributes if key == name]


def collected(html: str) -> Collector:
    collector = Collector()
    collector.feed(html)
    collector.close()
    return collector


def check_page(html: str) -> Collector:
    """Check what holds for every page: whole, self-contained, no script, each id once, links that lead somewhere."""
    page = collected(html)
    assert not page.misplaced
    assert not page.unclosed
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name == "src" or name.startswith("on") or name == "srcset"]
    styles = " ".join([*re.findall(r"<style>(.*?)</style>", html, re.DOTALL), *page.values("style")])
    assert "url(" not in styles
    assert "@import" not in styles
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    for link in page.values("href"):
        assert link.startswith("data:text/csv") or (link[0] == "#" and link[1:] in ids)
    for name in page.values("aria-labelledby"):
        assert name in ids
    assert page.tags.count("main") == page.tags.count("h1") == page.tags.count("header") == 1
    assert page.tags.count("svg") == page.tags.count("figcaption") == page.tags.count("desc")
    return page
