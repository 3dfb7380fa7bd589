"""What an update sees is a function of seed and step, and has the shares that were asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.data_prep.parsing.training.batches import Batches, batch_words, joined, learning_rate
from climb.data_prep.parsing.training.conllu import Tree
from climb.data_prep.parsing.training.options import ParserConfig


def tree(*words: str) -> Tree:
    """A chain: each word hangs on the next, the last is the root."""
    size = len(words)
    heads = (*range(1, size), size - 1)
    return Tree(words, (True,) * size, ("X",) * size, heads, ("dep",) * (size - 1) + ("root",))


ONE = [tree("One", f"A{number}", "'") for number in range(40)]
TWO = [tree("Two", f"B{number}", "'") for number in range(10)]
PLAIN = {"lowercase": 0.0, "typographic": 0.0, "joined": 0.0, "steps": 400, "batch_words": 600}


def words(batches: Batches, steps: range) -> list[str]:
    return [word for step in steps for tree in batches.trees(step) for word in tree.words]


def test_steps_may_be_asked_for_in_any_order():
    one, two = Batches([ONE, TWO], ParserConfig()), Batches([ONE, TWO], ParserConfig())
    ahead = [one.trees(step) for step in (5, 3, 9)]
    assert [two.trees(step) for step in (3, 5, 9)] == [ahead[1], ahead[0], ahead[2]]
    assert Batches([ONE, TWO], ParserConfig(seed=1)).trees(3) != ahead[1]
    assert ahead[0] != ahead[1]


def test_weights_count_per_word_of_a_file():
    """40 sentences at weight 1 and 10 at weight 2: shares 2/3 and 1/3."""
    drawn = words(Batches([ONE, TWO], ParserConfig(weights=[1, 2], **PLAIN)), range(100, 150))
    share = drawn.count("Two") / (drawn.count("One") + drawn.count("Two"))
    assert share == pytest.approx(1 / 3, abs=0.02)
    counts = np.array([drawn.count(f"A{number}") for number in range(40)])
    assert counts.min() > 0


@pytest.mark.parametrize(("field", "test"), [("lowercase", str.islower), ("typographic", lambda word: word == "’")])
def test_disguises_have_the_share_asked_for(field, test):
    config = ParserConfig(**{**PLAIN, field: 0.25})
    drawn = words(Batches([ONE], config), range(100, 150))
    first = {"lowercase": "one", "typographic": "’"}[field]
    plain = {"lowercase": "One", "typographic": "'"}[field]
    share = drawn.count(first) / (drawn.count(first) + drawn.count(plain))
    assert test(first)
    assert share == pytest.approx(0.25, abs=0.02)


def test_joined_sentences_have_two_roots():
    config = ParserConfig(**{**PLAIN, "joined": 0.25})
    sizes = [len(tree.words) for step in range(100, 150) for tree in Batches([ONE], config).trees(step)]
    assert sizes.count(6) / len(sizes) == pytest.approx(0.25, abs=0.02)
    both = joined(tree("a", "b"), tree("c", "d", "e"))
    assert both.words == ("a", "b", "c", "d", "e")
    assert both.heads == (1, 1, 3, 4, 4)
    assert both.relations == ("dep", "root", "dep", "dep", "root")


@given(st.integers(0, 399))
def test_batches_grow_to_their_size(step):
    config = ParserConfig(**PLAIN)
    size = sum(len(tree.words) for tree in Batches([ONE], config).trees(step))
    wanted = batch_words(config, step)
    assert wanted <= size < wanted + 3
    assert wanted == pytest.approx(600 * 0.25 ** max(0.0, 1 - step / 100))


def test_the_rate_rises_and_falls_in_straight_lines():
    config = ParserConfig(steps=100, warmup=0.1, learning_rate=0.2)
    rates = [learning_rate(config, step) for step in range(100)]
    assert max(rates) == rates[10] == 0.2
    assert np.diff(rates[:10]) == pytest.approx([0.2 / 11] * 9)
    assert np.diff(rates[10:]) == pytest.approx([-0.2 / 90] * 89)
    assert rates[-1] == pytest.approx(0.2 / 90)
    assert learning_rate(ParserConfig(steps=10, warmup=0.0, learning_rate=0.5), 0) == 0.5
