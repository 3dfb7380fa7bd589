"""When a run is looked at: held-out evaluations by step, weights-only milestones by words.

BabyLM asks for weights after 1, 2 … 10, 20 … 100, 200 … 1000 million words; step 0 is kept too, as the
untrained reference.
"""

from __future__ import annotations

from bisect import bisect_right

MILLION = 1_000_000
MILESTONES = tuple(MILLION * factor * scale for scale in (1, 10, 100) for factor in range(1 if scale == 1 else 2, 11))
"""Words after which weights are kept, up to a billion."""

_FORWARD_SHARE = 1 / 3
"""A forward pass alone costs about a third of a training step."""

_SAFETY = 0.7


def evaluation_steps(max_steps: int, evaluations: int) -> frozenset[int]:
    """Return the steps after which to evaluate: 0, every `evaluations`-th part of the run, the last."""
    if evaluations == 0:
        return frozenset()
    return frozenset(round(part * max_steps / evaluations) for part in range(evaluations + 1))


def milestones_crossed(words_before: int, words_after: int) -> list[int]:
    """Return the milestones, in millions of words, that lie in (words_before, words_after]."""
    first, last = bisect_right(MILESTONES, words_before), bisect_right(MILESTONES, words_after)
    return [words // MILLION for words in MILESTONES[first:last]]


def held_out_blocks(
    available: int, total_samples: int, words_per_sample: float, evaluations: int, share: float
) -> int:
    """Return how many held-out blocks each evaluation reads, so that all of them stay within a time share.

    Args:
        available: blocks in the validation split.
        total_samples: training blocks of the whole run, repeats counted.
        words_per_sample: mean words of a training block, to foresee the milestones.
        evaluations: evaluations spread over the run, without those at milestones.
        share: the largest share of the run's time for evaluation.

    Returns:
        A number in [1, available], the same whatever the machine: it is counted in blocks, not seconds.
    """
    moments = evaluations + 1 + len(milestones_crossed(0, int(total_samples * words_per_sample)))
    affordable = _SAFETY * share * total_samples / _FORWARD_SHARE / moments
    return max(1, min(available, int(affordable)))
