"""The kinds of curricula: what each may be called, what it is told, and an example.

    data      which blocks are drawn              data_length_linear, data_length-ngram_log, data_selfppl_log
    vocab     which tokens are shown              vocab_linear, vocab_aoa_log
    mask      how many tokens are asked for       mask_decay_linear
    length    how far a token can look back       length_linear:start=0.25
    batch     how many blocks make a step         batch_linear:start=0.25
    objective what is asked about               objective_pos_mlm

Draws, orders of the vocabulary and controls are found by the folders they stand in, and in plugins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from climb.base.plugin import Plugin, in_use, parts
from climb.curricula.control_base import Control
from climb.curricula.draw_base import Draw
from climb.curricula.objective_base import objective_units
from climb.curricula.token_order_base import TokenOrder


@dataclass(frozen=True)
class Kind:
    """One kind of curriculum.

    Attributes:
        summary: what it paces, in a line.
        example: a name.
        whats: the names allowed in the middle; None where any columns of scores.parquet may stand.
        paced: whether its names end in a pacing function.
        default: the middle that may be left out; None where one must be given.
        written: whether the canonical name holds the default middle all the same.
        options: {parameter of the kind itself: its allowed values, the default first}.
        pacing: {parameter of a pacing function: its default in this kind}, where it is not CLIMB's.
    """

    summary: str
    example: str
    whats: tuple[str, ...] | None
    paced: bool = True
    default: str | None = None
    written: bool = False
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pacing: Mapping[str, str] = field(default_factory=dict)


_QUARTER = {"start": "0.25", "points": "0.0625:0.25/0.875:1"}
"""GPT-BERT (Charpentier & Samuel 2024) begins with a quarter of its last length and of its last batch."""
_RATES = {"start": "0.3", "end": "0.15", "value": "0.15", "points": "0.0625:0.3/0.875:0.15"}
"""Yang et al. 2023, "Learning better masking for better language model pre-training" (arXiv 2305.15096)."""


def kinds() -> dict[str, Kind]:
    """Return {name: kind}."""
    return _kinds(in_use())


@cache
def _kinds(plugins: tuple[Plugin, ...]) -> dict[str, Kind]:
    paced = [name for name, draw in draws().items() if draw.paced]
    return {
        "data": Kind(
            "the share of the corpus, from easy to hard, that blocks are drawn from",
            "data_length_linear",
            whats=None,
            options={
                "join": ("intersection", "ranks"),
                "by": ("percentile", "value"),
                "draw": ("uniform", *(name for name in paced if name != "uniform")),
            },
        ),
        "vocab": Kind(
            "the share of the vocabulary that is shown; other tokens are hidden as <unk>",
            "vocab_linear",
            whats=tuple(token_orders()),
            default="token",
            options={"hidden": ("unk", "ignore")},
        ),
        "mask": Kind(
            "the share of tokens that a masked model is asked for",
            "mask_decay_linear",
            whats=("decay",),
            default="decay",
            written=True,
            pacing=_RATES,
        ),
        "length": Kind(
            "the length, as a share of a block, of the equal pieces that blocks are cut into",
            "length_linear:start=0.25",
            whats=("pieces",),
            default="pieces",
            pacing=_QUARTER,
        ),
        "batch": Kind(
            "the size of a step, as a share of the largest; the tokens of the run stay the same",
            "batch_linear:start=0.25",
            whats=("blocks",),
            default="blocks",
            pacing=_QUARTER,
        ),
        "objective": Kind(
            "what the model is asked, one after another or at once: tags, masked tokens, next tokens",
            "objective_pos_mlm",
            whats=tuple(objective_units()),
            paced=False,
        ),
    }


def draws() -> dict[str, type[Draw]]:
    """Return {name: class} of the ways to draw from the blocks that are open."""
    from climb.curricula import draws as folder

    return parts(folder, Draw)  # type: ignore[type-abstract]


def token_orders() -> dict[str, type[TokenOrder]]:
    """Return {name: class} of the orders in which the vocabulary opens."""
    from climb.curricula import token_orders as folder

    return parts(folder, TokenOrder)  # type: ignore[type-abstract]


def controls() -> dict[str, type[Control]]:
    """Return {name: class} of the controls; a name is a prefix, as in `random_vocab_linear`."""
    from climb.curricula import controls as folder

    return parts(folder, Control)


def control_named(name: str) -> Control:
    """Return the control of that name; the empty name is the curriculum as it is."""
    return controls()[name]() if name else Control()
