"""A data curriculum from its name and its scores; the files it is made of are `difficulty`, `pool` and `draws`."""

from __future__ import annotations

from collections.abc import Sequence

from climb.curricula.catalogue import control_named, draws
from climb.curricula.difficulty import Scores, joined
from climb.curricula.draw_base import Draw
from climb.curricula.naming import CurriculumSpec, curriculum_name
from climb.curricula.plan import IntArray, RunPlan
from climb.curricula.pool import Pool


def data_order(
    spec: CurriculumSpec, scores: Sequence[Scores], plan: RunPlan, seed: int, breaks: IntArray | None = None
) -> Draw:
    """Return the order of a data curriculum.

    Args:
        spec: of the kind "data".
        scores: the difficulties that its name joins, in that order, float32 [N] each.
        plan: the steps of the run.
        seed: of the draws and of the control.
        breaks: steps with which scores change, so that another order takes the place of this one.

    Raises:
        UserError: a pool smaller than a batch, no blocks, or difficulties that the draw cannot use.
    """
    control = control_named(spec.control)
    rules = spec.options["join"], spec.options["by"]
    real = joined(scores, *rules)
    goes_by = joined([control.scores(metric, seed) for metric in scores], *rules) if spec.control else real
    draw = draws()[spec.options["draw"]]
    tie_seed = seed if draw.shuffles_ties else None
    pool = Pool(goes_by, spec.pacing, plan, curriculum_name([spec]), real, tie_seed, breaks)
    return draw(pool, plan, seed, goes_by)
