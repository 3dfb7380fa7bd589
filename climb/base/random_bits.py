"""Random numbers as a pure function of (seed, stream, counters): the ground that every curriculum stands on.

A stateful generator gives different numbers when a run is resumed, when another number of workers draws
from it, or when somebody draws once more. Here every number is computed from its own address, as in
counter-based generators (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"); the mixing
function is the finaliser of SplitMix64 (Steele, Lea & Flood 2014). Only unsigned 64-bit integer
arithmetic is used, so all platforms agree bit for bit. Cost: about 5 ns per number and counter.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

UInt64Array = npt.NDArray[np.uint64]
Counter = int | npt.ArrayLike

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER_1 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLIER_2 = np.uint64(0x94D049BB133111EB)
_ROUNDS = 5
_NARROW = 10
"""Permutations of up to 2^10 elements are scrambled twice: after one pass the orders of three elements differ
in probability by 5 %, after two by less than 1 %, whatever the size."""


def mix64(x: UInt64Array) -> UInt64Array:
    """Return SplitMix64's finaliser of every element: a bijection of the 64-bit integers."""
    x = (x ^ (x >> np.uint64(30))) * _MULTIPLIER_1
    x = (x ^ (x >> np.uint64(27))) * _MULTIPLIER_2
    return x ^ (x >> np.uint64(31))


class RandomBits:
    """Random numbers addressed by counters.

    Two generators with the same seed and stream name give the same numbers in every process; different
    stream names are independent.

    Example:
        >>> masks = RandomBits(seed=42, stream="mask")
        >>> bool((masks.uniform([7, 8], 3) == masks.uniform([7, 8], 3)).all())
        True
    """

    def __init__(self, seed: int, stream: str) -> None:
        digest = hashlib.sha256(f"{seed}/{stream}".encode()).digest()
        self._key = np.frombuffer(digest[:8], dtype="<u8").astype(np.uint64)[0]

    def bits(self, *counters: Counter) -> UInt64Array:
        """Return 64 random bits for every address; counters (integers ≥ 0) broadcast like numpy arrays."""
        with np.errstate(over="ignore"):
            state = np.asarray(self._key)
            for counter in counters:
                state = mix64(state + (np.asarray(counter).astype(np.uint64) + np.uint64(1)) * _GOLDEN)
            return np.asarray(state)

    def uniform(self, *counters: Counter) -> npt.NDArray[np.float64]:
        """Return numbers uniform on [0, 1), with 53 random bits each."""
        return (self.bits(*counters) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, bound: Counter, *counters: Counter) -> npt.NDArray[np.int64]:
        """Return integers uniform on [0, bound), bound < 2^31 (bias below 2^-21)."""
        drawn: npt.NDArray[np.int64] = np.floor(self.uniform(*counters) * np.asarray(bound)).astype(np.int64)
        return drawn

    def permuted(self, index: Counter, size: Counter, *counters: Counter) -> npt.NDArray[np.int64]:
        """Return element `index` of a random permutation of range(size), one permutation per address.

        O(1) per element at any size, and nothing is stored: a keyed bijection of the next power of two
        (rounds of odd multiplication, addition and xor-shift), walked until it lands inside the range.

        Args:
            index: integers in [0, size).
            size: the number of permuted elements, ≥ 1; may differ from element to element.
            counters: the address of the permutation (an epoch, a step), broadcast against `index`.

        Returns:
            int64 array of the broadcast shape.
        """
        sizes, start, keys = np.broadcast_arrays(np.asarray(size), np.asarray(index), self.bits(*counters))
        shape = sizes.shape
        n = sizes.astype(np.uint64).ravel()
        result = _scramble(start.astype(np.uint64).ravel(), n, keys.ravel())
        outside = np.flatnonzero(result >= n)
        while outside.size:
            walked = _scramble(result[outside], n[outside], keys.ravel()[outside])
            result[outside] = walked
            outside = outside[walked >= n[outside]]
        return result.astype(np.int64).reshape(shape)


def _scramble(x: UInt64Array, size: UInt64Array, key: UInt64Array) -> UInt64Array:
    """Apply a keyed bijection of range(2^ceil(log2(size))) to x."""
    # frexp gives the exponent of size − 1, which is its bit length: exact up to 2^53.
    width = np.maximum(np.frexp((size - np.uint64(1)).astype(np.float64))[1], 1).astype(np.uint64)
    x, key = _rounds(x, width, key)
    narrow = np.flatnonzero(width <= _NARROW)
    if narrow.size:
        x[narrow], _ = _rounds(x[narrow], width[narrow], key[narrow])
    return x


def _rounds(x: UInt64Array, width: UInt64Array, key: UInt64Array) -> tuple[UInt64Array, UInt64Array]:
    """Return x after some rounds, each a bijection of the integers of `width` bits, and the next key."""
    mask = (np.uint64(1) << width) - np.uint64(1)
    shift = (width + np.uint64(1)) >> np.uint64(1)
    with np.errstate(over="ignore"):
        for _ in range(_ROUNDS):
            key = mix64(key + _GOLDEN)
            x = (x * (key | np.uint64(1)) + (key >> np.uint64(32))) & mask
            x ^= x >> shift
    return x, key
