"""The four registers as endless streams of documents, and the corpus they make on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from types import ModuleType

from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.sample_corpus import child_directed, encyclopedic, spoken, story
from climb.sample_corpus.dice import Dice
from climb.sample_corpus.holdout import allowed_in_text
from climb.sample_corpus.voice import Voice

_MODULES: dict[str, ModuleType] = {
    "child_directed": child_directed,
    "spoken": spoken,
    "story": story,
    "encyclopedic": encyclopedic,
}
REGISTERS: tuple[str, ...] = tuple(_MODULES)


def documents(register: str, seed: int) -> Iterator[list[str]]:
    """Yield documents without end, each a list of sentences; document k is a function of (register, seed, k).

    Raises:
        UserError: the register is unknown.
    """
    if register not in _MODULES:
        raise UserError(f"unknown register {register!r}: the sample corpus has {', '.join(REGISTERS)}")
    module = _MODULES[register]
    bits = RandomBits(seed, f"sample_corpus/{register}")
    for number in count():
        v = Voice(module.STYLE, Dice(bits, number))
        yield [_sentence(v, kind) for kind in module.plan(v)]


def _sentence(v: Voice, kind: Callable[[Voice], str]) -> str:
    """Return a sentence of the kind that is not of a held-out family."""
    while True:
        text = kind(v)
        if allowed_in_text(text):
            return text
