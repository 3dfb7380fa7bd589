"""What a piece of text is written with: its style, its dice and its recurring characters."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import NamedTuple

from climb.sample_corpus.dice import Dice
from climb.sample_corpus.lexicon import NAMES, Name

SINGULAR, PLURAL, FIRST = 0, 1, 2


class Phrase(NamedTuple):
    """A noun phrase: its words, agreement (SINGULAR, PLURAL, FIRST), gender and what it may do.

    `gender` is m, f, p (a person of unknown gender), n, or i, you, we. `kind` is the noun class that its
    verbs are chosen by. `licenses` says that it licenses negative polarity items in its clause.
    """

    text: str
    agreement: int
    gender: str
    kind: str = "person"
    licenses: bool = False


@dataclass(frozen=True)
class Style:
    """How a register speaks, as probabilities, and tenses as a weighted bag."""

    tenses: tuple[str, ...]
    plural: float = 0.4
    adjective: float = 0.3
    modifier: float = 0.2
    adverb: float = 0.15
    negation: float = 0.08
    names: float = 0.25
    pronouns: float = 0.2
    ending: float = 0.25
    contractions: bool = False


class Voice:
    """One document's writer: style, dice and a cast of up to five named characters."""

    __slots__ = ("cast", "dice", "style")

    def __init__(self, style: Style, dice: Dice) -> None:
        self.style = style
        self.dice = dice
        cast = [dice.pick(NAMES) for _ in range(dice.between(3, 5))]
        self.cast: tuple[Name, ...] = tuple(dict.fromkeys(cast))

    def in_style(self, style: Style) -> Voice:
        """Return the same writer, with the same dice and cast, speaking in another style."""
        other = copy(self)
        other.style = style
        return other
