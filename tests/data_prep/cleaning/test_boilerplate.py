from hypothesis import given
from hypothesis import strategies as st

from climb.data_prep.cleaning.boilerplate import LONGEST_GAP, LONGEST_HEADER, RULE, without_boilerplate
from climb.data_prep.sources.reading import Tally

HEADER = "The Project Gutenberg eBook of The Cat, by Ann Lee"
START = "*** START OF THE PROJECT GUTENBERG EBOOK THE CAT ***"
END = "*** END OF THE PROJECT GUTENBERG EBOOK THE CAT ***"
TERMS = "1.F.3. You may demand a refund within the terms of this license."


def book(*lines: str | None) -> list[str | None]:
    return list(without_boilerplate(lines, Tally()))


def test_header_and_licence_go_and_the_book_stays():
    lines = [
        "Before.",
        HEADER,
        "For anyone.",
        "",
        START,
        "The cat sat.",
        "It slept.",
        END,
        "Updates:",
        TERMS,
        "So:",
        TERMS,
    ]
    tally = Tally()
    assert list(without_boilerplate(lines, tally)) == ["Before.", "The cat sat.", "It slept."]
    assert tally.rules[RULE]["lines"] == 9


def test_the_next_book_begins_where_a_licence_ends():
    assert book("One.", END, TERMS, None, "Two.") == ["One.", None, "Two."]
    assert book("One.", END, TERMS, HEADER, "For anyone.", START, "Two.") == ["One.", "Two."]
    assert book("One.", "End of Project Gutenberg's The Cat", TERMS) == ["One."]
    assert book(HEADER, "Please read.", "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*", "Two.") == ["Two."]


def test_what_only_looks_like_a_header_is_text():
    lines = [HEADER, *(f"line {number}" for number in range(LONGEST_HEADER + 50))]
    assert book(*lines) == lines
    assert book(HEADER, "One.", None, "Two.") == [HEADER, "One.", None, "Two."]
    assert book("She read of Project Gutenberg.") == ["She read of Project Gutenberg."]


def test_a_book_without_a_mark_behind_a_licence_stays():
    lines = [f"line {number}" for number in range(3 * LONGEST_GAP)]
    assert book(END, *lines) == lines
    assert book(END, TERMS, *lines, "They spoke of the license.") == [*lines, "They spoke of the license."]


@given(st.lists(st.sampled_from([HEADER, START, END, TERMS, "a", "b", "", None]), max_size=30))
def test_nothing_is_made_up_or_moved(lines: list[str | None]):
    kept = iter(lines)
    assert all(any(line == other for other in kept) for line in book(*lines))
    assert book(*lines).count(None) == lines.count(None)
