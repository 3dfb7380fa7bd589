"""What each option of syntactic smoothing does to the targets, and what it costs.

    python -m benchmarks.smoothing_options
    python -m benchmarks.smoothing_options --vocabulary 8192 --corpus data/babylm

For every option: classes and their error, set-up, and the loss alone from given logits to gradients, in turns with
the published loss. How far it moves the targets from the published ones is the total variation of whole targets, its
mean over 400 tokens of the rarer and 400 of the more frequent half of the running text. Of the mass that rarer tokens
give away, the share that tokens of less than ten occurrences receive says whom smoothing serves. As a control: label
smoothing of the same strength, for which nothing but the distance to it is measured.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.alternate import alternate, device_text
from benchmarks.smoothing import Contest, clock, timed
from climb.allocator import keep_freed_memory
from climb.base.random_bits import RandomBits
from climb.config import SyntaxConfig
from climb.eval.bias.frequency_parts import part_of
from climb.losses.syntactic_smoothing import SyntacticSmoothing
from climb.losses.token_loss import Predictions
from climb.training import deterministic

OPTIONS: dict[str, dict[str, Any]] = {
    "as published": {},
    "similarity=js": {"similarity": "js"},
    "similarity=kl": {"similarity": "kl"},
    "temperature=0.1": {"temperature": 0.1},
    "shrinkage=5": {"shrinkage": 5.0},
    "shrinkage=5 prior=word": {"shrinkage": 5.0, "prior": "word"},
    "frequent=1000": {"frequent": 1000.0},
    "frequent=1000 falloff=0.5": {"frequent": 1000.0, "falloff": 0.5},
    "spread=frequency": {"spread": "frequency"},
    "error=0": {"error": 0.0},
}
SAMPLE = 400


def targets_of(loss: SyntacticSmoothing, tokens: torch.Tensor) -> torch.Tensor:
    """Return the whole targets of tokens [n], float32 [n, V]."""
    away = (1.0 - loss.true_mass) * loss.share[tokens][:, None]
    return (loss.classes.dense_rows(tokens) * away).scatter_(1, tokens[:, None], 1.0 - away)


def sample(counts: np.ndarray[Any, Any], special: np.ndarray[Any, Any], part: int) -> torch.Tensor:
    """Return seeded tokens of the rarer (0) or the more frequent (1) half of the running text."""
    inside = np.flatnonzero((part_of(counts, 2) == part) & ~special)
    places = RandomBits(0, "options").permuted(np.arange(min(SAMPLE, len(inside))), len(inside))
    return torch.from_numpy(inside[places])


def ways(contest: Contest, losses: dict[str, SyntacticSmoothing]) -> dict[str, Callable[[], float]]:
    """Return, for every loss, a function from given logits to gradients that returns its seconds."""
    generator = torch.Generator().manual_seed(0)
    shapes = (len(contest.targets), contest.size), (len(contest.targets), 256), (contest.size, 256)
    leaves = tuple(torch.randn(*shape, generator=generator).requires_grad_() for shape in shapes)
    given = Predictions(*leaves, None)
    return {name: partial(timed, partial(loss, given, contest.targets), leaves) for name, loss in losses.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vocabulary", type=int, default=8192)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--corpus", help="prepared corpus whose lexicon is taken; made at random by default")
    arguments = parser.parse_args()
    keep_freed_memory()
    contest = Contest(arguments, arguments.vocabulary)
    counts = np.where(contest.special, 0, contest.lexicon["count"])
    losses, seconds = {}, {}
    for name, options in OPTIONS.items():
        started = clock()
        config = SyntaxConfig(**options)
        losses[name] = SyntacticSmoothing.from_lexicon(config, contest.lexicon, contest.special, 100)
        seconds[name] = clock() - started
    with deterministic(warn_only=False):
        alone = alternate(ways(contest, losses), arguments.rounds)
    halves = [sample(counts, contest.special, part) for part in (0, 1)]
    published = [targets_of(losses["as published"], tokens) for tokens in halves]
    even = torch.from_numpy(~contest.special / (~contest.special).sum()).float()
    print(f"{device_text()}; vocabulary {contest.size:,}, {len(contest.targets)} targets")
    print(f"{'':26} classes  error (99 %)   set-up     loss   moves rare  frequent   to seldom seen")
    rare = torch.from_numpy((counts < 10) & ~contest.special)
    for name, loss in losses.items():
        moved = [
            float((targets_of(loss, tokens) - before).abs().sum(dim=1).mean()) / 2
            for tokens, before in zip(halves, published, strict=True)
        ]
        served = float(loss.classes.dense_rows(halves[0])[:, rare].sum(dim=1).mean())
        print(
            f"{name:26}{loss.classes.size:8,}  {loss.error.mean:5.2%} ({loss.error.p99:5.2%})"
            f" {seconds[name]:6.1f} s {statistics.median(alone[name]) * 1e3:6.1f} ms"
            f" {moved[0]:10.1%} {moved[1]:9.1%} {served:12.1%}"
        )
    apart = [
        float((one - even / 2 - torch.nn.functional.one_hot(tokens, contest.size) / 2).abs().sum(dim=1).mean()) / 2
        for tokens, one in zip(halves, published, strict=True)
    ]
    share = float(even[rare].sum())
    print(f"{'label smoothing':56} {apart[0]:10.1%} {apart[1]:9.1%} {share:12.1%}")


if __name__ == "__main__":
    main()
