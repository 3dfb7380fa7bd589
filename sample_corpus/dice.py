"""Random choices of the grammar: a stream of numbers and bags to draw from.

Every document has its own stream, addressed by (seed, register, number of the document), so that any
document can be written without the ones before it. A bag is a tuple in which a likelier thing occurs more
often; a draw is one multiplication and one lookup (0.2 µs), and no power or logarithm is taken
(a square root is exact), so all platforms agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

from climb.base.random_bits import RandomBits

T = TypeVar("T")

_CHUNK = 1024
_ZIPF_OFFSET = 2.0


class Dice:
    """An endless stream of uniform numbers at one address of a generator."""

    __slots__ = ("u",)

    def __init__(self, bits: RandomBits, address: int) -> None:
        self.u = _numbers(bits, address).__next__

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.u() < probability

    def pick(self, bag: Sequence[T]) -> T:
        """Return one element, all places of the bag being equally likely."""
        return bag[int(self.u() * len(bag))]

    def between(self, low: int, high: int) -> int:
        """Return an integer from low to high, both included."""
        return low + int(self.u() * (high - low + 1))


def _numbers(bits: RandomBits, address: int) -> Iterator[float]:
    start = 0
    while True:
        yield from bits.uniform(address, np.arange(start, start + _CHUNK)).tolist()
        start += _CHUNK


def weighted(*choices: tuple[int, T]) -> tuple[T, ...]:
    """Return the bag that holds each thing as often as its integer weight says."""
    return tuple(thing for weight, thing in choices for _ in range(weight))


def zipf_bag(things: Sequence[T]) -> tuple[T, ...]:
    """Return a bag in which the thing of rank r (from 1) weighs 1 / (r + 2)^1.5, at least one place.

    This is the Zipf–Mandelbrot law with exponent 1.5; over all classes and function words the text comes
    near exponent 1. The bag has at least twelve places a thing, so that
    the rarest ones keep their share.
    """
    ranks = [rank + 1 + _ZIPF_OFFSET for rank in range(len(things))]
    weights = [1.0 / (rank * math.sqrt(rank)) for rank in ranks]
    places = 12 * len(things) / sum(weights)
    bag: list[T] = []
    for thing, weight in zip(things, weights, strict=True):
        bag.extend([thing] * max(1, int(weight * places + 0.5)))
    return tuple(bag)
