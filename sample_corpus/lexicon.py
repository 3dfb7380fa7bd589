"""The words with their features, as bags to draw from: nouns, verbs, adjectives, adverbs, names.

Built once at import from the tables in `lexicon_nouns`, `lexicon_verbs` and `lexicon_modifiers` (5 ms).
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from climb.sample_corpus import lexicon_modifiers as m
from climb.sample_corpus import lexicon_nouns as n
from climb.sample_corpus import lexicon_verbs as v
from climb.sample_corpus.dice import zipf_bag
from climb.sample_corpus.morphology import ing, past, plural, third_person

T = TypeVar("T")


class Noun(NamedTuple):
    """A noun: `forms` are (singular, plural); `gender` is m, f, p (a person of either) or n; `adjectives` fit it."""

    forms: tuple[str, str]
    gender: str
    adjectives: tuple[str, ...]


class Name(NamedTuple):
    """A given name with its gender, m or f."""

    text: str
    gender: str


class Verb(NamedTuple):
    """A verb's forms: `present` is indexed by agreement (third singular, plural, I)."""

    base: str
    present: tuple[str, str, str]
    past: str
    participle: str
    ing: str

    @property
    def splits_past(self) -> bool:
        """Whether past and participle differ (ate, eaten), and neither is the base form."""
        return len({self.base, self.past, self.participle}) == 3


class Action(NamedTuple):
    """A transitive verb and the class of its object."""

    verb: Verb
    theme: str


def parse_verb(entry: str) -> Verb:
    """Return the verb of one table entry, `base[/past[/participle]]`; only the first word of a phrase inflects."""
    base, *forms = entry.replace("_", " ").split("/")
    head, _, particle = base.partition(" ")
    tail = f" {particle}" if particle else ""
    irregular_past = forms[0] if forms else past(head) + tail
    participle = forms[1] if len(forms) > 1 else irregular_past
    return Verb(base, (third_person(head) + tail, base, base), irregular_past, participle, ing(head) + tail)


def _verbs(table: str) -> tuple[Verb, ...]:
    return zipf_bag([parse_verb(entry) for entry in table.split()])


def _nouns(table: str, gender: str, *adjectives: str) -> list[Noun]:
    bag = zipf_bag(interleaved(*(words.split() for words in adjectives)))
    entries = (entry.partition("/") for entry in table.split())
    return [Noun((one, many or plural(one)), gender, bag) for one, _, many in entries]


def interleaved(*lists: list[T]) -> list[T]:
    """Return the lists merged by rank, without repeats: the first of each, then the second of each and so on."""
    longest = max(len(words) for words in lists)
    merged = [words[i] for i in range(longest) for words in lists if i < len(words)]
    return list(dict.fromkeys(merged))


_male = _nouns(n.MALE, "m", m.SIZE_OR_AGE, m.OF_ANIMATES)
_female = _nouns(n.FEMALE, "f", m.SIZE_OR_AGE, m.OF_ANIMATES)
_person = _nouns(n.PERSON, "p", m.SIZE_OR_AGE, m.OF_ANIMATES)

MEN, WOMEN = tuple(_male), tuple(_female)
NOUNS: dict[str, tuple[Noun, ...]] = {
    "male": zipf_bag(_male),
    "female": zipf_bag(_female),
    "person": zipf_bag(interleaved(_male, _female, _person)),
    "animal": zipf_bag(_nouns(n.ANIMAL, "n", m.SIZE_OR_AGE, m.OF_ANIMATES)),
    "diminutive": zipf_bag(_nouns(n.DIMINUTIVE, "n", m.SIZE_OR_AGE)),
    "food": zipf_bag(_nouns(n.FOOD, "n", m.SIZE_OR_AGE, m.OF_FOODS)),
    "readable": zipf_bag(_nouns(n.READABLE, "n", m.SIZE_OR_AGE, m.OF_IDEAS)),
    "thing": zipf_bag(_nouns(n.THING, "n", m.SIZE_OR_AGE, m.OF_THINGS)),
    "furniture": zipf_bag(_nouns(n.FURNITURE, "n", m.SIZE_OR_AGE, m.OF_THINGS)),
    "place": zipf_bag(_nouns(n.PLACE, "n", m.SIZE_OR_AGE, m.OF_IDEAS)),
    "vehicle": zipf_bag(_nouns(n.VEHICLE, "n", m.SIZE_OR_AGE, m.OF_THINGS)),
    "instrument": zipf_bag(_nouns(n.INSTRUMENT, "n", m.SIZE_OR_AGE, m.OF_THINGS)),
    "plant": zipf_bag(_nouns(n.PLANT, "n", m.SIZE_OR_AGE, m.OF_THINGS)),
    "sight": zipf_bag(_nouns(n.SIGHT, "n", m.SIZE_OR_AGE, m.OF_IDEAS)),
    "abstract": zipf_bag(_nouns(n.ABSTRACT, "n", m.OF_IDEAS)),
    "relational": zipf_bag(_nouns(n.RELATIONAL, "n", m.SIZE_OR_AGE, m.OF_IDEAS)),
    "group": zipf_bag(_nouns(n.GROUP, "n", m.SIZE_OR_AGE, m.OF_IDEAS)),
}
DRINKS = zipf_bag(n.DRINK.split())
MASSES = zipf_bag(n.MASS.split())

ACTIONS: dict[str, tuple[Action, ...]] = {
    who: zipf_bag(
        interleaved(
            *(
                [Action(parse_verb(entry), pair.partition(">")[2]) for entry in table.split()]
                for pair, table in v.TRANSITIVE.items()
                if pair.startswith(who)
            )
        )
    )
    for who in ("person", "animal")
}
SPLIT_ACTIONS = tuple(
    action
    for action in ACTIONS["person"]
    if action.verb.splits_past and action.verb.base not in v.TWO_PARTICIPLES.split()
)
INTRANSITIVES = {"person": _verbs(v.INTRANSITIVE), "animal": _verbs(v.ANIMAL_INTRANSITIVE)}
MOTIONS, REFLEXIVES, DITRANSITIVES = _verbs(v.MOTION), _verbs(v.REFLEXIVE), _verbs(v.DITRANSITIVE)
SAYERS, FACTIVES, WANTERS, INDUSTRY = _verbs(v.SAY), _verbs(v.FACTIVE), _verbs(v.WANT), _verbs(v.INDUSTRY)
COPULAS = _verbs("look seem feel/felt become/became/become")

MOODS = zipf_bag(m.OF_ANIMATES.split())
QUALITIES = zipf_bag(interleaved(m.OF_THINGS.split(), m.SIZE_OR_AGE.split()))
IDEA_QUALITIES = zipf_bag(m.OF_IDEAS.split())
COMPARATIVES = zipf_bag([entry.partition("/")[2] for entry in m.COMPARABLE.split()])
MANNERS, FREQUENCIES = zipf_bag(m.MANNER.split()), zipf_bag(m.FREQUENCY.split())
EPISTEMICS, WHENS = zipf_bag(m.EPISTEMIC.split()), zipf_bag(m.WHEN.split())
MEN_NAMES = tuple(Name(text, "m") for text in m.MALE_NAMES.split())
WOMEN_NAMES = tuple(Name(text, "f") for text in m.FEMALE_NAMES.split())
NAMES = zipf_bag(interleaved(list(MEN_NAMES), list(WOMEN_NAMES)))
GIVEN_NAMES: dict[str, tuple[str, ...]] = {
    gender: zipf_bag([name.text for name in names]) for gender, names in (("m", MEN_NAMES), ("f", WOMEN_NAMES))
}
SURNAMES, TOWNS = zipf_bag(m.SURNAMES.split()), zipf_bag(m.TOWNS.split())
REGIONS, MONTHS = zipf_bag(m.REGIONS.split()), tuple(m.MONTHS.split())
STATIVE = frozenset(v.STATIVE.split())
# Verbs that always want their object: a clause with one of them and no object has a gap. Whoever can be a receiver
# is no object that fills it: `what the boy found the dog` is what he found for the dog.
STRICT_ACTIONS = tuple(
    action
    for action in ACTIONS["person"]
    if action.verb.base in v.STRICT.split()
    and not (action.verb.base in v.BENEFACTIVE.split() and action.theme in ("person", "animal"))
)
AGENT_OF: dict[str, tuple[Verb, ...]] = {
    theme: tuple(action.verb for action in ACTIONS["person"] if action.theme == theme)
    for theme in dict.fromkeys(action.theme for action in ACTIONS["person"])
}
