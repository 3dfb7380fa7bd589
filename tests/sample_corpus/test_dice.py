from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from climb.base.random_bits import RandomBits
from climb.sample_corpus.dice import Dice, weighted, zipf_bag


@given(st.integers(1, 300))
def test_a_zipf_bag_holds_everything_and_falls_with_rank(size):
    counts = Counter(zipf_bag(range(size)))
    assert set(counts) == set(range(size))
    values = [counts[i] for i in range(size)]
    assert values == sorted(values, reverse=True)


def test_zipf_shares_follow_the_law():
    bag = zipf_bag(range(100))
    law = [1 / (rank + 3) ** 1.5 for rank in range(100)]
    for rank in (0, 1, 5, 50):
        assert abs(bag.count(rank) / len(bag) - law[rank] / sum(law)) < 0.003


def test_picks_follow_the_weights_and_streams_are_addressed():
    bag = weighted((3, "a"), (1, "b"))
    dice = Dice(RandomBits(0, "test"), 7)
    drawn = [dice.pick(bag) for _ in range(4000)]
    assert abs(drawn.count("a") / 4000 - 0.75) < 0.03
    again = Dice(RandomBits(0, "test"), 7)
    assert drawn == [again.pick(bag) for _ in range(4000)]
    assert drawn != [Dice(RandomBits(0, "test"), 8).pick(bag) for _ in range(4000)]


def test_between_includes_both_ends():
    dice = Dice(RandomBits(0, "test"), 1)
    assert {dice.between(2, 4) for _ in range(200)} == {2, 3, 4}
