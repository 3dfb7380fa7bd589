"""BLiMP (Warstadt et al. 2020): 67 paradigms of English grammar; the full set, BabyLM's filtered one, or a part."""

from __future__ import annotations

from typing import ClassVar

from climb.base.errors import UserError
from climb.eval.data_places import find_folder
from climb.eval.minimal_pairs import MinimalPairTask, read_pairs
from climb.eval.results import Coverage

PARADIGMS = 67
FULL = 67_000
FAST = ("fast_eval/blimp_fast", "blimp_fast")
LAYOUTS = ("full_eval/blimp_filtered", "blimp_filtered", "blimp/data", "blimp", "data", ".")
CURE = (
    "fetch it with `git clone --depth 1 https://github.com/alexwarstadt/blimp evaluation_data/blimp`, or give the "
    "folder that holds it, such as the BabyLM evaluation data, with --data."
)


class Blimp(MinimalPairTask):
    """BLiMP in its own layout or the BabyLM challenge's; a part of it is never called a BLiMP score."""

    name: ClassVar[str] = "blimp"
    description: ClassVar[str] = "BLiMP, full-sentence method: mean accuracy over 67 paradigms"

    def load(self) -> None:
        """Find and read the paradigms."""
        folder = find_folder(self.config.data, FAST if self.config.fast else LAYOUTS, "BLiMP", CURE)
        pairs = read_pairs(folder)
        if not all(pair.term for pair in pairs):
            raise UserError(f"{folder} is not BLiMP (no linguistics_term): evaluate it with --tasks minimal_pairs.")
        present = len({pair.paradigm for pair in pairs})
        note = ""
        if present < PARADIGMS:
            note = f"{present} of {PARADIGMS} paradigms are at hand, so this is not a BLiMP score."
        self.coverage = Coverage(present=present, total=PARADIGMS, unit="paradigms", note=note)
        self.take(pairs, folder.resolve().name)

    def references(self) -> dict[str, float]:
        """Return the published values on the full set (Warstadt et al. 2020, table 3; people: mean individual)."""
        if self.available != FULL:
            return {}
        return {"people": 0.8855, "n-gram": 0.6124, "LSTM": 0.6981, "Transformer-XL": 0.6963, "GPT-2": 0.8302}
