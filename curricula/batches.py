"""Batch-size curricula: small steps at first, large ones later, in the same number of steps and tokens.

With T steps of B blocks asked for, step s gets about T·B·p(s) / Σp blocks: the mean stays B, the last steps are
larger than B (1.5 times with the defaults). GPT-BERT grew its batches from a quarter (Charpentier & Samuel 2024);
small batches early are cheap updates while the gradient is large (Smith et al. 2018, arXiv 1711.00489).
"""

from __future__ import annotations

import math

import numpy as np

from climb.base.errors import UserError
from climb.curricula.pacing_base import Pacing
from climb.curricula.plan import RunPlan, TablePlan


def paced_plan(plan: RunPlan, pacing: Pacing) -> TablePlan:
    """Return the plan whose steps grow in proportion to the pacing value; sizes rise exactly where that does.

    Args:
        plan: the steps of the run and their mean size.
        pacing: the size of each step, as a share of the largest.

    Raises:
        UserError: a step without samples.
    """
    shares = pacing.value(np.arange(plan.steps), plan.steps)
    # fsum is rounded once, so every platform gets the same table.
    whole = math.fsum(shares)
    if whole <= 0.0:
        raise UserError("The batch curriculum is 0 throughout: let it start at 0.25 and end at 1, say.")
    # A hair less than the share, so that rounding never hands out more than there is.
    sizes = np.floor(shares * (plan.total_samples / whole) * (1.0 - 1e-12)).astype(np.int64)
    # The rest, less than one a step, goes to the largest shares, the latest of equal ones.
    rest = plan.total_samples - int(sizes.sum())
    largest = np.lexsort((np.arange(plan.steps), shares))[plan.steps - rest :]
    sizes[largest] += 1
    return TablePlan(plan.steps, plan.batch_size, np.cumsum(sizes))
