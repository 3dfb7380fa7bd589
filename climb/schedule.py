"""The learning-rate schedule as a formula, and the warning about a curriculum that outlasts it.

What opens while the learning rate is all but gone is seen but hardly learned: in 1.5B-parameter runs a decaying
rate erased the gain of a curriculum that moderate decay or averaged weights kept (arXiv 2511.18903).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from climb.config import TrainConfig
from climb.curricula.catalogue import control_named
from climb.curricula.naming import CurriculumSpec, curriculum_name, parse

_LOW = 0.2
"""Share of the peak below which a learning rate is called low."""
_MUCH = 0.1
"""Share of a curriculum's way that may lie there without a warning."""

FloatArray = npt.NDArray[np.float64]


def learning_rate_share(config: TrainConfig, steps: npt.ArrayLike) -> FloatArray:
    """Return the learning rate of each step, 0 first, as a share of its peak, float64."""
    step, total = np.asarray(steps, dtype=np.float64), config.max_steps
    optimizer = config.optimizer
    warmup = round(optimizer.warmup * total)
    rise = step / max(1, warmup)
    after = (step - warmup) / max(1, total - warmup)
    if optimizer.schedule == "constant":
        fall = np.ones_like(step)
    elif optimizer.schedule == "linear":
        fall = 1.0 - after
    elif optimizer.schedule == "cosine":
        fall = 0.5 * (1.0 + np.cos(np.pi * after))
    else:
        decay = round(optimizer.decay * total)
        fall = 1.0 - np.sqrt(np.clip((step - (total - decay)) / max(1, decay), 0.0, 1.0))
    return np.where(step < warmup, rise, np.clip(fall, 0.0, 1.0))


def late_curricula(config: TrainConfig) -> list[str]:
    """Return a sentence for each curriculum much of whose way lies where the learning rate is low."""
    steps = np.arange(config.max_steps)
    low = learning_rate_share(config, steps) < _LOW
    low[: round(config.optimizer.warmup * config.max_steps)] = False
    if not low.any():
        return []
    return [
        sentence for spec in parse(config.curriculum) if (sentence := _sentence(spec, int(np.argmax(low)), config))
    ]


def _sentence(spec: CurriculumSpec, first_low: int, config: TrainConfig) -> str:
    total = config.max_steps
    if spec.control == "matched":  # its samples come in no order, so nothing opens late
        return ""
    paced = spec.pacing if spec.kind in ("data", "vocab") else control_named(spec.control).pacing(spec.pacing)
    values = paced.value(np.arange(total), total)
    way = np.abs(np.diff(values)).sum()
    late = np.abs(np.diff(values[max(first_low - 1, 0) :])).sum()
    if way == 0 or late / way <= _MUCH:
        return ""
    return (
        f"{curriculum_name([spec])}: {late / way:.0%} of it opens after step {first_low:,}, where the learning rate "
        f"is below {_LOW:.0%} of its peak, so it may leave no trace: let it end earlier (to=0.6), or train with "
        "--schedule wsd or --average ema."
    )
