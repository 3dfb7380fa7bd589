import time
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from climb.data_prep.cleaning.cleaner import RULES, Cleaner
from climb.data_prep.cleaning.rules import rule
from climb.data_prep.sources.reading import EXAMPLE_LENGTH, Tally
from tests.data_prep.cleaning.cleaning_cases import CODES, lines_of

FAMILIES = sorted(RULES)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def clean(family: str, *lines: str) -> list[str]:
    cleaner = Cleaner(family, True, Tally())
    return [part for line in lines if line.strip() for part in cleaner.lines(line)]


@pytest.mark.parametrize("family", FAMILIES)
@QUICK
@given(data=st.data())
def test_cleaning_cleaned_text_changes_nothing(family: str, data: st.DataObject):
    once = clean(family, data.draw(lines_of(family)))
    assert clean(family, *once) == once
    assert all(part.strip() == part and part and "\n" not in part for part in once)


@pytest.mark.parametrize("family", FAMILIES)
@QUICK
@given(data=st.data())
def test_no_rule_changes_a_line_without_what_it_waits_for(family: str, data: st.DataObject):
    line = data.draw(lines_of(family))
    for each in RULES[family]:
        if each.needs and not set(each.needs) & set(line):
            assert each(line) == line, each.name


def assert_linear(family: str, units: Iterable[str]) -> None:
    for unit in units:
        start = time.perf_counter()
        clean(family, "a [ ( % < { & # " + unit * (40_000 // len(unit)) + " b")
        assert time.perf_counter() - start < 3.0, f"{family}: {unit!r}"


@pytest.mark.parametrize("family", FAMILIES)
def test_hostile_lines_take_linear_time(family: str):
    assert_linear(
        family, ["[", "]", "( ", "{", "<", "*", "= ", "|", "' ", " ", ". ", " - ", "_", "&amp;", ">", "+", "A:"]
    )


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_hostile_codes_take_linear_time(family: str):
    assert_linear(family, sorted({character for each in RULES[family] for character in each.needs}))
    assert_linear(family, [code for codes in CODES.values() for code in codes])


def test_every_passage_over_a_hostile_line_is_bounded():
    """A rule that never comes to rest stops, and what it has made of the line so far is kept."""

    @rule()
    def restless(line: str) -> str:
        """Turn the line."""
        return line[1:] + line[:1]

    assert len(Cleaner("x", True, Tally(), [restless]).lines("ab" * 50_000)[0]) == 100_000

    @rule("-")
    def splitting(line: str) -> str:
        """Break the line at its first dash."""
        return line.replace("-", "\n", 1)

    assert "".join(Cleaner("x", True, Tally(), [splitting]).lines("a-" * 20_000)).count("a") == 20_000


def test_counts_are_the_bytes_that_went():
    tally = Tally()
    cleaner = Cleaner("childes", clean=True, tally=tally)
    lines = ["*MOT:\tlook [points] é .", "*CHI:\t[cries]", "plain line."]
    left = [part for line in lines for part in cleaner.lines(line)]
    removed = sum(len(line.encode()) for line in lines) - sum(len(line.encode()) for line in left)
    assert sum(counts["bytes"] for counts in tally.rules.values()) == removed
    assert tally.rules["speaker tags"]["lines"] == 2


def test_the_first_three_changed_lines_are_kept_as_examples():
    tally = Tally()
    cleaner = Cleaner("gutenberg", clean=True, tally=tally)
    for number in range(5):
        cleaner.lines(f"He was _very_ glad, {number} times.")
    assert tally.examples["emphasis"] == [
        (f"He was _very_ glad, {number} times.", f"He was very glad, {number} times.") for number in range(3)
    ]


@settings(max_examples=200, deadline=None)
@given(st.text("ab ", min_size=1, max_size=600), st.text("ab ", max_size=600))
def test_examples_show_the_change_and_stay_short(before: str, after: str):
    tally = Tally()
    tally.changed("rule", before, after)
    if before.isspace() or before == after:
        return
    [(old, new)] = tally.examples["rule"]
    assert max(len(old), len(new)) <= EXAMPLE_LENGTH
    assert old != new
    assert old.strip("…") in before
    assert new.strip("…") in after


def test_without_cleaning_only_the_edges_go():
    assert Cleaner("childes", clean=False, tally=Tally()).lines("  *MOT:\tLook   [here] ") == ["*MOT:\tLook   [here]"]
    assert Cleaner("childes", clean=False, tally=Tally()).lines("  ") == []


def test_case_is_kept():
    for family in FAMILIES:
        assert clean(family, "She told ANNA, Mr. McIntyre and DeLorean about it.") == [
            "She told ANNA, Mr. McIntyre and DeLorean about it."
        ]


def test_every_rule_says_what_it_does():
    for each in {each.name: each for rules in RULES.values() for each in rules}.values():
        assert each.about.endswith(".")
        assert each.name == each.apply.__name__.replace("_", " ")
