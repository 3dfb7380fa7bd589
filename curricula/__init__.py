"""What the model sees, and when: pacing functions, data and vocabulary curricula, targets.

Everything is a pure function of (seed, sample number), and under a self-scored curriculum of the scores that the
model gave last: nothing else is ever saved, restored or told the time.

    from climb.curricula import RunPlan, build
    samples = build("data_length_linear+vocab_log", corpus, RunPlan(steps=1000, batch_size=32), seed=0)
    samples.batch(samples.plan.numbers_of(0))

`climb.curricula.dataset` (the only module with torch) serves them to a `DataLoader`.
"""

from climb.curricula.naming import CurriculumSpec, curriculum_name, parse
from climb.curricula.pacing_base import Pacing, pacing_named
from climb.curricula.plan import RunPlan
from climb.curricula.samples import Samples, build

__all__ = [
    "CurriculumSpec",
    "Pacing",
    "RunPlan",
    "Samples",
    "build",
    "curriculum_name",
    "pacing_named",
    "parse",
]
