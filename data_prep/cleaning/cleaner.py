"""Which rules clean which source, and the pass over a line that applies and counts them.

A line is cleaned until no rule changes it any more, so cleaning cleaned text changes nothing. Nothing but lines
named in the counts is lost; the counts and the first examples of each rule become the table of removals in the
manifest and in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from climb.data_prep.cleaning.rules import Rule, books, common, subtitles, transcripts, treebank, wiki
from climb.data_prep.sources.reading import Tally

_PASSES = 8
_SHORT = 20_000
"""A line is passed over until nothing changes, but over no more than 8 times its length and 20,000 characters."""

_MOST_ORDERS, _LONGEST_KEY = 20_000, 48

_FIRST: tuple[Rule, ...] = (common.entities, common.invisible_characters)

_CHAT: tuple[Rule, ...] = (
    transcripts.speaker_tags,
    transcripts.headers,
    transcripts.glued_utterances,
    transcripts.time_bullets,
    wiki.glued_headings,
    transcripts.dependent_tiers,
    transcripts.action_notes,
    transcripts.scopes,
    transcripts.pauses,
    transcripts.fillers,
    transcripts.sounds,
    transcripts.unintelligible,
    transcripts.omitted_words,
    transcripts.completions,
    transcripts.special_forms,
    transcripts.joined_compounds,
    transcripts.terminators,
    transcripts.prosody,
    common.split_contractions,
    common.spaced_marks,
    common.bare_marks,
)

_BOOK_NOTES: tuple[Rule, ...] = (
    *_FIRST,
    books.page_marks,
    books.ligatures,
    books.editor_notes,
    books.separators,
    books.note_stars,
)

_WIKI: tuple[Rule, ...] = (
    *_FIRST,
    wiki.categories,
    wiki.wiki_tags,
    wiki.formulas,
    wiki.templates,
    wiki.links,
    wiki.files,
    wiki.table_cells,
    wiki.glued_headings,
    wiki.wiki_quotes,
    wiki.list_marks,
    wiki.note_marks,
    wiki.citations,
    wiki.placeholders,
    wiki.lost_letters,
    common.web_addresses,
    wiki.empty_brackets,
    common.spaced_marks,
    wiki.section_labels,
)

RULES: dict[str, tuple[Rule, ...]] = {
    "aochildes": _CHAT,
    "childes": _CHAT,
    "bnc_spoken": (
        *_FIRST,
        transcripts.angle_notes,
        transcripts.cut_words,
        common.spaced_marks,
        common.bare_marks,
    ),
    "switchboard": (
        *_FIRST,
        transcripts.speaker_tags,
        transcripts.angle_notes,
        transcripts.annotators_comments,
        transcripts.disfluencies,
        transcripts.restarts,
        transcripts.action_notes,
        common.stars,
        common.spaced_marks,
        common.bare_marks,
    ),
    "cbt": (
        treebank.treebank_quotes,
        treebank.treebank_brackets,
        common.spaced_marks,
        common.split_contractions,
        treebank.treebank_words,
        treebank.lone_apostrophes,
        *_BOOK_NOTES,
        common.no_letters,
    ),
    "children_stories": (*_BOOK_NOTES, books.emphasis, common.no_letters),
    "gutenberg": (
        *_BOOK_NOTES,
        books.tables,
        books.producers,
        books.notices,
        common.web_addresses,
        books.emphasis,
        books.bold_marks,
        common.grave_accents,
        books.numeral_lines,
        common.no_letters,
    ),
    "open_subtitles": (
        *_FIRST,
        subtitles.subtitle_markup,
        subtitles.timings,
        subtitles.banners,
        subtitles.lost_apostrophes,
        common.grave_accents,
        subtitles.misread_quotes,
        subtitles.credits_of_subtitles,
        common.web_addresses,
        subtitles.music,
        subtitles.sound_notes,
        subtitles.turns,
        subtitles.leading_dash,
        subtitles.speaker_labels,
        subtitles.misread_i,
        common.bare_marks,
    ),
    "qed": (
        *_FIRST,
        subtitles.subtitle_markup,
        subtitles.timings,
        subtitles.lost_apostrophes,
        subtitles.credits_of_subtitles,
        common.web_addresses,
        subtitles.music,
        subtitles.sound_notes,
        common.stars,
        subtitles.turns,
        subtitles.leading_dash,
        subtitles.speaker_labels,
        subtitles.misread_i,
        subtitles.speakers_alone,
        common.bare_marks,
    ),
    "simple_wikipedia": (*_WIKI, wiki.short_headings, common.no_letters),
    "wikipedia": (*_WIKI, wiki.capital_headings, common.no_letters),
}
"""family → its rules, in the order they are applied; a source of no known family gets the common rules only."""


_Order = tuple[tuple[int, str, Callable[[str], str]], ...]
"""Rules in the order in which a line meets them: number, name, function."""


class Cleaner:
    """Cleans the lines of one source and counts what every rule did.

    Args:
        family: the family of the source.
        clean: whether the rules are applied; without them only the edges of lines are trimmed.
        tally: what was changed is counted here.
        rules: the rules in place of the family's own.

    Attributes:
        cleans: whether the rules are applied.
    """

    def __init__(self, family: str, clean: bool, tally: Tally, rules: Sequence[Rule] | None = None) -> None:
        self._rules = (*(RULES.get(family, ()) if rules is None else rules), common.white_space)
        awaited = {byte for rule in self._rules for byte in rule.needs.encode()}
        self._ordinary = bytes(byte for byte in range(128) if byte not in awaited)
        self._orders: dict[tuple[bytes, int], _Order] = {}
        self.cleans = clean
        self._tally = tally

    def lines(self, line: str) -> list[str]:
        """Return what is left of a line that is not blank: no line, one, or several; none of them blank."""
        if not self.cleans:
            return self._trimmed(line)
        line = self._settled(line, _PASSES * len(line) + _SHORT)
        if "\n" not in line:
            return [line] if line else []
        done: list[str] = []
        waiting = [line]
        left = _PASSES * len(line) + _SHORT
        while waiting:
            line = waiting.pop()
            left -= len(line) + 1
            if "\n" in line:
                waiting.extend(reversed([part for part in line.split("\n") if part and not part.isspace()]))
            elif left < 0:
                done.append(common.white_space(line))
            elif settled := self._settled(line, left):
                (waiting if "\n" in settled else done).append(settled)
        return done

    def _settled(self, line: str, left: int) -> str:
        """Return a line that no rule changes any more, or the first change that makes several lines of it.

        After each change the rules go on in turn, beginning with the next one, until all that may still change
        the line have looked at it in vain, or until they have passed over `left` characters.
        """
        order = self._order(line, -1)
        while True:
            for number, name, apply in order:
                changed = apply(line)
                if changed == line:
                    continue
                self._tally.changed(name, line, changed)
                line = changed
                left -= len(line) + 1
                if not line or "\n" in line:
                    return line
                if left < 0:
                    return common.white_space(line)
                order = self._order(line, number)
                break
            else:
                return line

    def _order(self, line: str, after: int) -> _Order:
        """Return the rules that may change a line, from the one behind number `after` round to that one."""
        seen = line.encode().translate(None, self._ordinary)
        order = self._orders.get((seen, after))
        if order is None:
            found = set(seen.decode())
            steps = [
                (number, rule.name, rule.apply)
                for number, rule in enumerate(self._rules)
                if not rule.needs or not found.isdisjoint(rule.needs)
            ]
            order = (*(step for step in steps if step[0] > after), *(step for step in steps if step[0] <= after))
            if len(self._orders) < _MOST_ORDERS and len(seen) <= _LONGEST_KEY:
                self._orders[seen, after] = order
        return order

    def _trimmed(self, line: str) -> list[str]:
        """Trim a line that is not cleaned."""
        trimmed = line.strip()
        if trimmed != line:
            self._tally.changed("white space", line, trimmed)
        return [trimmed] if trimmed else []
