import pytest

from climb.sample_corpus.lexicon import NOUNS, parse_verb
from climb.sample_corpus.morphology import article, ing, past, plural, third_person


@pytest.mark.parametrize(
    ("word", "expected"),
    [("dog", "dogs"), ("box", "boxes"), ("baby", "babies"), ("toy", "toys"), ("potato", "potatoes"),
     ("piano", "pianos"), ("brush", "brushes"), ("church", "churches"), ("radio", "radios")],
)  # fmt: skip
def test_plurals(word, expected):
    assert plural(word) == expected


@pytest.mark.parametrize(
    ("verb", "third", "before", "while_"),
    [("help", "helps", "helped", "helping"), ("hug", "hugs", "hugged", "hugging"),
     ("carry", "carries", "carried", "carrying"), ("visit", "visits", "visited", "visiting"),
     ("push", "pushes", "pushed", "pushing"), ("go", "goes", "goed", "going"), ("play", "plays", "played", "playing"),
     ("see", "sees", "seed", "seeing"), ("fix", "fixes", "fixed", "fixing"), ("travel", "travels", "travelled",
     "travelling"), ("plan", "plans", "planned", "planning"), ("rescue", "rescues", "rescued", "rescuing")],
)  # fmt: skip
def test_regular_verb_forms(verb, third, before, while_):
    assert (third_person(verb), past(verb), ing(verb)) == (third, before, while_)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("apple", "an"), ("hour", "an"), ("uniform", "a"), ("umbrella", "an"), ("useful", "a"), ("honest", "an"),
     ("house", "a"), ("Emma", "an")],
)  # fmt: skip
def test_the_article_follows_the_sound(word, expected):
    assert article(word) == expected


def test_irregular_and_phrasal_entries():
    eat = parse_verb("eat/ate/eaten")
    assert (eat.present, eat.past, eat.participle, eat.ing) == (("eats", "eat", "eat"), "ate", "eaten", "eating")
    assert eat.splits_past
    assert not parse_verb("run/ran/run").splits_past
    found = parse_verb("find_out/found_out")
    assert (found.present[0], found.past, found.ing) == ("finds out", "found out", "finding out")


def test_every_noun_class_has_distinct_singulars():
    for kind, bag in NOUNS.items():
        words = [noun.forms[0] for noun in set(bag)]
        assert len(words) == len(set(words)), kind
