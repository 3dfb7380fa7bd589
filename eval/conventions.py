"""Named conventions: how two scores become a decision, so that figures are never mixed unawares.

The public pipelines score the same files differently; what is a tie in one is a success in the other. A
result always names its convention. Both conventions here score alike: the summed natural-log probability
of the scored tokens, tokenised as the tokenizer is configured, the first token of a causal model only
where a special token stands before it. They part over ties and over scores that are no numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.base.registry import unknown_name

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Convention:
    """A rule from two scores to credit.

    Attributes:
        name: as given to `--convention`.
        description: one line for the help page and the results.
        tie_credit: credit for exactly equal scores.
        refuses_nan: whether a score that is no number stops the evaluation. Otherwise it counts as the
            largest, as in torch.max, which the public pipeline relies on.
    """

    name: str
    description: str
    tie_credit: float
    refuses_nan: bool

    def credit(self, good: Scores, bad: Scores) -> Scores:
        """Return the credit of each pair, float64 [n]: 1 when the good sentence scores higher, 0 when lower.

        Args:
            good: scores of the acceptable sentences, [n].
            bad: scores of the unacceptable sentences, [n].

        Raises:
            UserError: a score is NaN and the convention refuses it.
        """
        broken = np.isnan(good) | np.isnan(bad)
        if self.refuses_nan and broken.any():
            raise UserError(
                f"{int(broken.sum())} of {len(good)} pairs have a score that is no number: the model's weights or "
                "its number format are broken; try --precision fp32."
            )
        better = (good > bad) | np.isnan(good)
        return np.where(good == bad, self.tie_credit, better.astype(np.float64))


CONVENTIONS = {
    convention.name: convention
    for convention in (
        Convention("native", "summed log-probability; ties half right and counted; NaN is an error", 0.5, True),
        Convention("babylm-2025", "as the 2025 BabyLM pipeline decides: a tie is right, NaN is largest", 1.0, False),
    )
}


def convention_named(name: str) -> Convention:
    """Return the convention.

    Raises:
        UserError: nobody bears the name; the sentence lists near ones.
    """
    if name not in CONVENTIONS:
        raise unknown_name("convention", name, CONVENTIONS)
    return CONVENTIONS[name]
