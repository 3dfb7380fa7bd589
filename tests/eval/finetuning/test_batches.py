import itertools

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from climb.base.random_bits import RandomBits
from climb.eval.finetuning.batches import by_length, epoch_batches, pieces_of, stacked
from climb.eval.finetuning.encoding import Encoded

LENGTHS = st.lists(st.integers(1, 60), min_size=1, max_size=7)


@given(LENGTHS, st.integers(0, 40), st.integers(1, 150))
def test_pieces_are_the_cheapest_of_all_cuts(lengths, overhead, most):
    lengths = np.array(lengths)
    pieces = pieces_of(lengths, overhead, most)
    assert sorted(row for piece in pieces for row in piece) == list(range(len(lengths)))

    def cost(sizes):
        ordered, first, total = np.sort(lengths)[::-1], 0, 0.0
        for size in sizes:
            if size > 1 and ordered[first] * size > most:
                return np.inf
            total += ordered[first] * size + overhead
            first += size
        return total

    n = len(lengths)
    cuts = itertools.chain.from_iterable(itertools.combinations(range(1, n), k) for k in range(n))
    best = min(cost(np.diff([0, *cut, n])) for cut in cuts)
    assert cost([len(piece) for piece in pieces]) == best
    assert sum(lengths[piece].max() * len(piece) + overhead for piece in pieces) == best


@given(st.integers(1, 50), st.integers(1, 12), st.booleans())
def test_an_epoch_holds_each_row_once(rows, size, drop):
    bits = RandomBits(3, "test")
    batches = epoch_batches(rows, size, drop, bits, 0)
    seen = np.concatenate(batches)
    assert len(set(seen.tolist())) == len(seen)
    assert len(seen) == (rows // size * size if drop and rows >= size else rows)
    assert all(len(batch) == size for batch in batches[:-1])
    assert np.array_equal(seen, np.concatenate(epoch_batches(rows, size, drop, bits, 0)))


def test_epochs_and_seeds_have_orders_of_their_own():
    orders = [
        np.concatenate(epoch_batches(100, 10, False, RandomBits(seed, "t"), e)) for seed in (1, 2) for e in (0, 1)
    ]
    assert all(not np.array_equal(a, b) for a, b in itertools.combinations(orders, 2))


@given(LENGTHS, st.integers(1, 150))
def test_what_is_evaluated_fits_the_budget(lengths, most):
    lengths = np.array(lengths)
    batches = list(by_length(lengths, most))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    assert all(len(batch) == 1 or lengths[batch].max() * len(batch) <= most for batch in batches)


def test_rows_are_padded_on_the_right():
    names = np.array(["", ""])
    ids = [np.array([5, 6]), np.array([7, 8, 9])]
    encoded = Encoded(ids, [np.array([0, 1]), np.array([0, 0, 1])], np.array([2, 3]), np.zeros(2), names, names, 0)
    piece = stacked(encoded, np.array([1, 0]), 4, torch.device("cpu"))
    assert piece.ids.tolist() == [[7, 8, 9], [5, 6, 4]]
    assert piece.mask.tolist() == [[1, 1, 1], [1, 1, 0]]
    assert piece.types.tolist() == [[0, 0, 1], [0, 1, 0]]
    assert stacked(encoded, np.array([0]), 4, torch.device("cpu")).mask is None
