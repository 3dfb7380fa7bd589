"""BLiMP by phenomenon as its paper reports it, in percent: people, then three published models.

Warstadt et al. (2020), "BLiMP: the benchmark of linguistic minimal pairs for English", TACL 8, table 3: individual
human agreement, 5-gram, LSTM and GPT-2 (1.5 billion parameters), on all 67,000 pairs by summed probabilities of whole
sentences. A run scored on a filtered subset is close to, not the same as, that setting.
"""

from __future__ import annotations

BLIMP: dict[str, tuple[float, float, float, float]] = {
    "anaphor_agreement": (97.5, 47.9, 91.7, 99.3),
    "argument_structure": (90.0, 71.9, 73.2, 81.8),
    "binding": (87.3, 64.4, 73.5, 80.9),
    "control_raising": (83.9, 68.5, 67.0, 81.9),
    "determiner_noun_agreement": (92.2, 70.1, 85.4, 95.8),
    "ellipsis": (85.0, 36.9, 67.6, 89.4),
    "filler_gap_dependency": (86.9, 60.2, 73.9, 81.3),
    "irregular_forms": (97.0, 79.5, 89.1, 91.9),
    "island_effects": (84.9, 57.2, 46.6, 72.7),
    "npi_licensing": (88.1, 45.5, 51.7, 76.8),
    "quantifiers": (86.6, 53.5, 64.5, 79.0),
    "subject_verb_agreement": (90.9, 60.3, 80.1, 86.4),
}
"""Phenomenon → people, 5-gram, LSTM, GPT-2."""
