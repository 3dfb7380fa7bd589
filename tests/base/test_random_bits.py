"""Counter-based random numbers: an independent implementation, published values, laws, distributions."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from climb.base.random_bits import RandomBits, mix64

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
counters = st.integers(0, 2**63 - 1)


def naive_mix(x: int) -> int:
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def naive_bits(seed: int, stream: str, *address: int) -> int:
    """The same numbers with Python's integers, one at a time."""
    state = int.from_bytes(hashlib.sha256(f"{seed}/{stream}".encode()).digest()[:8], "little")
    for counter in address:
        state = naive_mix((state + (counter + 1) * GOLDEN) & MASK)
    return state


def test_mixing_gives_the_published_outputs_of_splitmix64():
    """The first outputs of the reference SplitMix64 from the seeds 0 and 1234567."""
    states = np.array([0, 1234567, 1234567], dtype=np.uint64) + np.array([1, 1, 2], dtype=np.uint64) * np.uint64(
        GOLDEN
    )
    assert mix64(states).tolist() == [0xE220A8397B1DCDAF, 6457827717110365317, 3203168211198807973]


def test_the_numbers_never_change():
    """A run of last year must repeat: these values are pinned, whatever happens to the code."""
    bits = RandomBits(42, "order")
    assert bits.bits([0, 1, 2, 3]).tolist() == [
        0x90AB24A11DF69916,
        0x602D1B23EDC01146,
        0xD3112A664C29BD59,
        0x88E0E5C0A9A66100,
    ]
    assert int(bits.bits(7, 8)) == 0xD3DA97445F5BCA2E
    assert float(bits.uniform(0)) == 0.5651114362098845
    assert bits.below(1000, np.arange(5)).tolist() == [565, 375, 824, 534, 906]
    assert bits.permuted(np.arange(10), 10, 3).tolist() == [8, 9, 3, 6, 5, 2, 1, 4, 7, 0]
    assert bits.permuted(np.arange(3), 10**12, 1).tolist() == [92428439077, 268266519387, 213115593173]
    assert int(RandomBits(2**63 + 11, "mask/ü").bits(2**63)) == 0xA37BCB39F3822A99


@given(seed=st.integers(0, 2**70), stream=st.text(max_size=8), address=st.lists(counters, max_size=4))
def test_equals_the_naive_implementation(seed, stream, address):
    assert int(RandomBits(seed, stream).bits(*address)) == naive_bits(seed, stream, *address)


@given(st.lists(counters, min_size=1, max_size=20), counters)
def test_a_number_does_not_depend_on_the_shape_of_the_call(first, second):
    bits = RandomBits(1, "shape")
    whole = bits.bits(first, second)
    assert whole.tolist() == [int(bits.bits(one, second)) for one in first]
    assert whole[::-1].tolist() == bits.bits(first[::-1], second).tolist()
    table = bits.bits(np.array(first)[:, None], [0, second])
    assert table.shape == (len(first), 2)
    assert table[:, 1].tolist() == whole.tolist()


@pytest.mark.parametrize("kind", [int, np.int32, np.uint16, np.int64])
def test_a_number_does_not_depend_on_the_integer_type(kind):
    assert int(RandomBits(3, "types").bits(kind(17))) == naive_bits(3, "types", 17)


def test_streams_seeds_and_neighbouring_counters_share_nothing():
    """About half of the 64 bits differ between neighbours, in every pair of neighbours alike."""
    here = np.arange(20_000)
    base = RandomBits(0, "a").bits(here)
    for other in (RandomBits(0, "b").bits(here), RandomBits(1, "a").bits(here), RandomBits(0, "a").bits(here + 1)):
        flipped = np.bitwise_count(base ^ other)
        assert flipped.mean() == pytest.approx(32, abs=4 * 4 / np.sqrt(len(here)))
        assert flipped.min() > 10


def passes(observed: np.ndarray) -> bool:
    """Chi-square against equal shares, at a level that a fixed seed meets or breaks for ever."""
    return 1e-3 < stats.chisquare(observed).pvalue < 1 - 1e-3


def test_uniform_is_uniform_also_jointly():
    drawn = RandomBits(7, "uniform").uniform(np.arange(200_000))
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert passes(np.histogram(drawn, bins=1000, range=(0, 1))[0])
    assert passes(np.histogram2d(drawn[:-1:2], drawn[1::2], bins=30, range=[(0, 1)] * 2)[0].ravel())
    assert drawn.mean() == pytest.approx(0.5, abs=4 / np.sqrt(12 * len(drawn)))


@given(bound=st.integers(1, 2**31 - 1), address=counters)
def test_below_stays_below(bound, address):
    assert 0 <= int(RandomBits(5, "below").below(bound, address)) < bound


def test_below_is_uniform():
    assert passes(np.bincount(RandomBits(5, "below").below(7, np.arange(100_000)), minlength=7))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 1000, 1024, 1025, 100_003])
def test_permuted_is_a_permutation(size):
    result = RandomBits(0, "order").permuted(np.arange(size), size, 5)
    assert np.array_equal(np.sort(result), np.arange(size))


@given(size=st.integers(1, 600), address=counters)
def test_permuted_is_a_permutation_at_any_size_and_address(size, address):
    result = RandomBits(0, "order").permuted(np.arange(size), size, address)
    assert np.array_equal(np.sort(result), np.arange(size))


@pytest.mark.parametrize("size", [2**31 + 11, 10**12, 2**52])
def test_permuted_is_one_to_one_where_no_list_would_fit(size):
    index = np.concatenate([np.arange(50_000), size - 1 - np.arange(50_000)])
    result = RandomBits(0, "order").permuted(index, size, 0)
    assert len(np.unique(result)) == len(index)
    assert result.min() >= 0
    assert result.max() < size
    assert passes(np.histogram(result, bins=50, range=(0, size))[0])


@pytest.mark.parametrize("size", [2, 3, 4, 10])
def test_every_place_is_equally_likely_for_every_element(size):
    bits = RandomBits(11, "order")
    addresses = np.arange(60_000)
    for element in range(min(size, 4)):
        assert passes(np.bincount(bits.permuted(element, size, addresses), minlength=size))


def test_all_six_orders_of_three_are_equally_likely():
    bits = RandomBits(12, "order")
    orders = np.stack([bits.permuted(element, 3, np.arange(60_000)) for element in range(3)])
    codes = orders[0] * 9 + orders[1] * 3 + orders[2]
    seen, counts = np.unique(codes, return_counts=True)
    assert len(seen) == 6
    assert passes(counts)


def test_sizes_and_addresses_broadcast():
    bits = RandomBits(0, "order")
    sizes = np.array([1, 2, 3, 50, 10**9])
    mixed = bits.permuted(sizes - 1, sizes, np.arange(5))
    assert mixed.tolist() == [int(bits.permuted(int(n) - 1, int(n), k)) for k, n in enumerate(sizes)]
    assert bits.permuted(np.arange(6).reshape(2, 3), 6, 1).shape == (2, 3)
    assert bits.permuted([], 6, 1).shape == (0,)


@pytest.mark.parametrize("size", [16, 64, 256, 1000])
def test_where_one_element_lands_says_nothing_of_another(size):
    """Elements half a power of two apart are the hardest to separate for a scrambler of bits."""
    bits = RandomBits(3, "order")
    addresses = np.arange(200_000)
    distance = (bits.permuted(0, size, addresses) - bits.permuted(size // 2, size, addresses)) % size
    counts = np.bincount(distance, minlength=size)
    assert counts[0] == 0
    assert passes(counts[1:])
