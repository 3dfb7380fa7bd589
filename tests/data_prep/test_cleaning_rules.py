import pytest

from climb.data_prep import cleaning_rules as rules
from climb.data_prep.cleaning import RULES, Cleaner
from climb.data_prep.reading import Tally

CASES = [
    ("childes", "*MOT:\tokay, so this'll work. %add: EXP", ["okay, so this'll work."]),
    ("childes", "*CHI:\t[giggles].", []),
    ("childes", "*CHI:\txxx want he reads this one.", ["want he reads this one."]),
    ("aochildes", "there he is .", ["there he is."]),
    ("aochildes", "oh no ! what ?", ["oh no! what?"]),
    ("switchboard", "A:\tthat's right,", ["that's right,"]),
    ("switchboard", "Note: this stays.", ["Note: this stays."]),
    ("cbt", "` That is it , ' said the queen 's frog ; they do n't mind .",
     ["'That is it,' said the queen's frog; they don't mind."]),
    ("cbt", "`` Oh , '' she said -LRB- softly -RRB- .", ['"Oh," she said (softly).']),
    ("gutenberg", "He stood up. It was a help. See prov. 3.", ["He stood up. It was a help. See prov. 3."]),
    ("gutenberg", "for _not_ going away! [Illustration: A cat] It [12] snowed.", ["for not going away! It snowed."]),
    ("gutenberg", "CHAPTER IV ........ 23", []),
    ("gutenberg", "* * * * *", []),
    ("open_subtitles", "- Where is she? - Over there.", ["Where is she?", "Over there."]),
    ("open_subtitles", "♪ La la la ♪", []),
    ("open_subtitles", "<i>l'm sure</i> l think lt's fine. (door slams)", ["I'm sure I think lt's fine."]),
    ("open_subtitles", "lt's KlNG Arthur. ls he ill? Tell all.", ["It's KING Arthur. Is he ill? Tell all."]),
    ("open_subtitles", "Call the lsland jail, el l. 12", ["Call the lsland jail, el l. 12"]),
    ("qed", "&amp;quot;Fine&amp;quot; [music] # yes", ['"Fine" yes']),
    ("qed", "SPEAKER ONE:", []),
    ("qed", "*laughs* the #1 fan of C# says 5*3=15 # yes ##", ["laughs the #1 fan of C# says 5*3=15 yes"]),
    ("qed", "I drank 5 l of it, l think.", ["I drank 5 l of it, I think."]),
    ("gutenberg", "I feel.... ill", ["I feel.... ill"]),
    ("gutenberg", "PREFACE    xiv", []),
    ("childes", "*MOT:\tsee www.example.org there.", ["see www.example.org there."]),
    ("simple_wikipedia", "Television.", []),
    ("simple_wikipedia", "Some cans are illegal.", ["Some cans are illegal."]),
    ("wikipedia", "External Links", []),
    ("wikipedia", "1984 1985", []),
    ("wikipedia", "Politics In February 2008, a Group began.", ["Politics In February 2008, a Group began."]),
    ("bnc_spoken", "the U F Os  touch\tdown", ["the U F Os touch down"]),
    ("my_diary", "*MOT:\tkept [as it is]", ["*MOT: kept [as it is]"]),
]  # fmt: skip


@pytest.mark.parametrize(("family", "line", "expected"), CASES)
def test_rules_of_each_source(family: str, line: str, expected: list[str]):
    assert Cleaner(family, clean=True, tally=Tally()).lines(line) == expected


def test_counts_are_the_bytes_that_went():
    tally = Tally()
    cleaner = Cleaner("childes", clean=True, tally=tally)
    lines = ["*MOT:\tlook [points] é .", "*CHI:\t[cries]", "plain line."]
    left = [part for line in lines for part in cleaner.lines(line)]
    removed = sum(len(line.encode()) for line in lines) - sum(len(line.encode()) for line in left)
    assert sum(counts["bytes"] for counts in tally.rules.values()) == removed
    assert tally.rules["speaker tags"]["lines"] == 2


def test_without_cleaning_only_the_edges_go():
    cleaner = Cleaner("childes", clean=False, tally=Tally())
    assert cleaner.lines("  *MOT:\tLook   [here] ") == ["*mot:\tlook   [here]"]


HOSTILE = [*"[(_l&<1 \t", "...", " -", "' ", "| ", "- ", "A:", "xxx ", "= ", "% ", "a."]


@pytest.mark.parametrize("family", sorted(RULES))
def test_rules_take_linear_time_on_hostile_lines(family: str):
    import time

    cleaner = Cleaner(family, clean=True, tally=Tally())
    for unit in (
        "[",
        "(",
        "_",
        "...",
        " -",
        "l",
        "&",
        "<",
        "' ",
        "| ",
        "- ",
        "A:",
        "xxx ",
        "= ",
        " ",
        "\t",
        "% ",
        "a.",
        "1",
        "*",
        "*#",
        ". . ",
    ):
        start = time.perf_counter()
        cleaner.lines("a [ ( % < { & # " + unit * (40_000 // len(unit)) + " b")
        assert time.perf_counter() - start < 1.0, f"{family}: {unit!r}"


def test_a_long_word_before_a_colon_takes_linear_time():
    assert len(rules.speakers_alone("x" * 40_000 + " and some more words:")) > 40_000


def test_every_rule_says_what_it_does():
    for family in RULES.values():
        assert all(rule.__doc__ for rule in family)
    assert rules.spaces(" a  b ") == "a b"
