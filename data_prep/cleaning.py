"""Which rules clean which source, and the pass over a line that applies and counts them.

Cost: about 10 MB/s and core. Nothing but lines named in the counts is lost; the counts become the table of
removals in the manifest.
"""

from __future__ import annotations

from collections.abc import Callable

from climb.data_prep import cleaning_rules as rules
from climb.data_prep.reading import Tally

Rule = Callable[[str], str]

_TRANSCRIPT: tuple[Rule, ...] = (
    rules.speaker_tags,
    rules.dependent_tiers,
    rules.action_notes,
    rules.unintelligible,
    rules.spaced_marks,
    rules.bare_marks,
)

RULES: dict[str, tuple[Rule, ...]] = {
    "aochildes": (rules.speaker_tags, rules.action_notes, rules.unintelligible, rules.spaced_marks, rules.bare_marks),
    "childes": _TRANSCRIPT,
    "bnc_spoken": (),
    "switchboard": (rules.speaker_tags, rules.bare_marks),
    "cbt": (rules.treebank_quotes, rules.spaced_marks, rules.treebank_contractions),
    "children_stories": (),
    "gutenberg": (rules.tables, rules.editor_notes, rules.emphasis, rules.no_letters),
    "open_subtitles": (
        rules.subtitle_markup,
        rules.music,
        rules.sound_notes,
        rules.leading_dash,
        rules.turns,
        rules.misread_i,
        rules.bare_marks,
    ),
    "qed": (
        rules.entities,
        rules.subtitle_markup,
        rules.sound_notes,
        rules.stars,
        rules.leading_dash,
        rules.misread_i,
        rules.speakers_alone,
        rules.bare_marks,
    ),
    "simple_wikipedia": (rules.short_headings, rules.no_letters),
    "wikipedia": (rules.no_letters, rules.capital_headings),
}
"""family → its rules, in the order they are applied; a source of no known family gets the common rules only."""


class Cleaner:
    """Cleans the lines of one source and counts what every rule did.

    Attributes:
        cleans: whether the rules are applied; without them only the edges of lines are trimmed.
    """

    def __init__(self, family: str, clean: bool, lowercase: bool, tally: Tally) -> None:
        self._steps = [(_title(rule), rule) for rule in (RULES.get(family, ()) if clean else ())]
        self.cleans = clean
        self._lowercase = lowercase
        self._tally = tally

    def lines(self, line: str) -> list[str]:
        """Return what is left of a line that is not blank: no line, one, or several."""
        for title, rule in self._steps:
            changed = rule(line)
            if changed != line:
                self._tally.changed(title, line, changed)
                line = changed
                if not line:
                    return []
        return [part for part in map(self._finish, line.split("\n")) if part]

    def _finish(self, line: str) -> str:
        """Trim the line; collapse its spaces and lower its case where that is wanted."""
        finished = rules.spaces(line) if self.cleans else line.strip()
        if finished != line:
            self._tally.changed("white space", line, finished)
        if self._lowercase and not finished.islower():
            lowered = finished.lower()
            if lowered != finished:
                self._tally.changed("lower case", finished, lowered)
            return lowered
        return finished


def _title(rule: Rule) -> str:
    """Return a rule's name as people read it."""
    return rule.__name__.replace("_", " ")
