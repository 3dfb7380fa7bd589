from hypothesis import given
from hypothesis import strategies as st

from climb.data_prep.boilerplate import LONGEST_HEADER, LONGEST_LICENCE, RULE, without_boilerplate
from climb.data_prep.reading import Tally

HEADER = "The Project Gutenberg eBook of The Cat, by Ann Lee"
START = "*** START OF THE PROJECT GUTENBERG EBOOK THE CAT ***"
END = "*** END OF THE PROJECT GUTENBERG EBOOK THE CAT ***"


def book(*lines: str | None) -> list[str | None]:
    return list(without_boilerplate(lines, Tally()))


def test_header_and_licence_go_and_the_book_stays():
    lines = [
        "Before.",
        HEADER,
        "This eBook is for anyone.",
        "",
        START,
        "The cat sat.",
        "It slept.",
        END,
        "Licence.",
        "§ 1",
    ]
    tally = Tally()
    assert list(without_boilerplate(lines, tally)) == ["Before.", "The cat sat.", "It slept."]
    assert tally.rules[RULE]["lines"] == 7


def test_the_next_book_begins_where_a_licence_ends():
    assert book("One.", END, "Licence.", None, "Two.") == ["One.", None, "Two."]
    assert book("One.", END, "Licence.", HEADER, "Header.", START, "Two.") == ["One.", "Two."]
    assert book("One.", "End of Project Gutenberg's The Cat", "Licence.") == ["One."]
    assert book(HEADER, "Please read.", "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*", "Two.") == ["Two."]


def test_what_only_looks_like_a_header_is_text():
    lines = [HEADER, *(f"line {number}" for number in range(LONGEST_HEADER + 50))]
    assert book(*lines) == lines
    assert book(HEADER, "One.", None, "Two.") == [HEADER, "One.", None, "Two."]
    assert book("She read of Project Gutenberg.") == ["She read of Project Gutenberg."]


def test_a_licence_does_not_swallow_a_library():
    lines = [f"line {number}" for number in range(LONGEST_LICENCE + 3)]
    assert book(END, *lines) == lines[-3:]


@given(st.lists(st.sampled_from([HEADER, START, END, "a", "b", "", None]), max_size=30))
def test_nothing_is_made_up_or_moved(lines: list[str | None]):
    kept = iter(lines)
    assert all(any(line == other for other in kept) for line in book(*lines))
    assert book(*lines).count(None) == lines.count(None)
