"""The cleaning rules, one small function each, in files by the kind of text they are for.

    common       entities, addresses, stray marks, empty lines     books      Project Gutenberg and other books
    transcripts  CHAT, BNC and Switchboard codes                   subtitles  films and lectures
    treebank     tokens of the Penn Treebank                       wiki       Wikipedia and Simple Wikipedia

They go beyond the table of CLIMB (arXiv 2311.08886) and leave out what damages text there: no paragraph is lost
for holding "up." or "prov.", no tail of a file is lost by joining lines in fives, "l" is read as "I" only where
the whole word shows it, and the case is kept. Which source gets which rules, in which order, stands in
`climb.data_prep.cleaning.cleaner`; one example of each in docs/cleaning.md.
"""

from __future__ import annotations

from climb.data_prep.cleaning.rules.declaring import Rule, rule

__all__ = ["Rule", "rule"]
