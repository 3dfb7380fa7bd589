"""Gender in the text: a pronoun that has its referent in the sentence agrees with it, and such pronouns are many."""

import re
from itertools import chain

import pytest

from climb.sample_corpus import REGISTERS
from tests.sample_corpus.conftest import sentences

# Written out here, not taken from the lexicon: the oracle is English.
MEN = "boy|man|father|brother|king|uncle|grandfather|son|prince|Tom|Ben|Sam|Jack|Max|Peter"
WOMEN = "girl|woman|mother|sister|queen|aunt|grandmother|daughter|princess|Mary|Anna|Emma|Lucy|Sara|Kate"
ANYBODY = f"{MEN}|{WOMEN}"
PRONOUNS = {"his": "m", "himself": "m", "he": "m", "her": "f", "herself": "f", "she": "f"}
SUBJECT = rf"(?:(?:The|A|This|That|My) )?(?:\w+ )?(?P<who>{ANYBODY})"
OTHER = rf"(?:the|a|this) (?:{ANYBODY})"
WORDS = r"(?:(?!that |who |what |and |but |so |because |when |while |if |although )[a-z]+ )"


@pytest.fixture(scope="module")
def lines():
    return list(chain(*(sentences(register, 7, 400) for register in REGISTERS)))


def gender(word):
    return "m" if word in MEN.split("|") else "f"


def agreement(pattern, lines):
    """Return (how often the pronoun agrees with `who`, how often the pattern is found)."""
    found = [match for line in lines if (match := re.match(pattern, line))]
    right = sum(PRONOUNS[m["pronoun"]] == gender(m["who"]) for m in found)
    return right, len(found)


@pytest.mark.parametrize(
    ("pattern", "least"),
    [
        (rf"{SUBJECT} {WORDS}{{1,3}}(?P<pronoun>himself|herself)\b", 500),
        (rf"{SUBJECT} {WORDS}{{1,3}}(?P<pronoun>his|her) \w+", 400),
        (rf"{SUBJECT} (?:with|and) (?P<pronoun>his|her) \w+", 40),
        (rf"{SUBJECT} (?P<pronoun>himself|herself) \w+", 60),
        (rf"{SUBJECT} that {OTHER} [a-z]+ {WORDS}{{1,2}}(?P<pronoun>himself|herself)\.", 20),
        (rf"{SUBJECT} (?:that|who) saw {OTHER} {WORDS}{{1,2}}(?P<pronoun>himself|herself)\.", 10),
        (rf"{SUBJECT} {WORDS}*(?:because|although|while) (?P<pronoun>he|she) ", 20),
    ],
    ids=["reflexive", "possessive", "with-and", "stressed", "clause-object", "clause-subject", "next-clause"],
)
def test_pronouns_agree_with_their_referent_whatever_stands_between(pattern, least, lines):
    right, found = agreement(pattern, lines)
    assert found >= least
    if "because" not in pattern:
        assert right == found
    else:  # the second clause may be about somebody else
        assert right / found > 0.8


def test_a_fifth_of_the_sentences_tell_a_gender(lines):
    share = sum(bool(re.search(r"\b(his|her|himself|herself)\b", line)) for line in lines) / len(lines)
    assert 0.2 < share < 0.3


def test_two_names_and_nouns_together_are_of_one_gender(lines):
    pairs = [m.groups() for line in lines for m in re.finditer(rf"\b(?:my|the|our) ({ANYBODY}) ({ANYBODY})\b", line)]
    assert len(pairs) > 100
    assert all(gender(noun) == gender(name) for noun, name in pairs)
