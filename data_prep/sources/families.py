"""Families of sources: what a label means, which cleaning rules and which rank it has.

One table maps the file names of the BabyLM editions 2023 to 2026 and of the embedded corpus to families.
"""

from __future__ import annotations

import re

FAMILIES = {
    "aochildes": "aochildes",
    "ao_childes": "aochildes",
    "childes": "childes",
    "bnc_spoken": "bnc_spoken",
    "bnc": "bnc_spoken",
    "switchboard": "switchboard",
    "swbd": "switchboard",
    "open_subtitles": "open_subtitles",
    "opensubtitles": "open_subtitles",
    "subtitles": "open_subtitles",
    "qed": "qed",
    "cbt": "cbt",
    "children_stories": "children_stories",
    "childrens_stories": "children_stories",
    "children_books": "children_stories",
    "gutenberg": "gutenberg",
    "gutenberg_fiction": "gutenberg",
    "standardized_gutenberg": "gutenberg",
    "simple_wiki": "simple_wikipedia",
    "simple_wikipedia": "simple_wikipedia",
    "simplewiki": "simple_wikipedia",
    "wikipedia": "wikipedia",
    "wiki": "wikipedia",
    "child_directed": "child_directed",
    "spoken": "spoken",
    "story": "story",
    "stories": "story",
    "encyclopedic": "encyclopedic",
    "encyclopedia": "encyclopedic",
}
_EDITION = re.compile(r"_(?:train|dev|valid|validation|test|clean|cleaned|raw|\d+m|strict|small)$")


def family_of(label: str) -> str:
    """Return the family of a source label, the normalised label itself when no family is known.

    Example:
        >>> family_of("Simple-Wiki_10M"), family_of("my_diary")
        ('simple_wikipedia', 'my_diary')
    """
    name = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    while _EDITION.search(name):
        name = _EDITION.sub("", name)
    return FAMILIES.get(name, name)
