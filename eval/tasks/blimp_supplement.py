"""The BabyLM challenge's supplement to BLiMP: hypernyms, answers that fit questions, turn taking, inversion."""

from __future__ import annotations

from typing import ClassVar

from climb.eval.data_places import BABYLM_CURE, find_folder
from climb.eval.minimal_pairs import MinimalPairTask, read_pairs
from climb.eval.results import Coverage

FILES = 5
FAST = ("fast_eval/supplement_fast", "supplement_fast")
LAYOUTS = ("full_eval/supplement_filtered", "supplement_filtered", "blimp_supplement", "supplement")


class BlimpSupplement(MinimalPairTask):
    """Mean over the five files, of very different sizes: the smallest, of 64 pairs, weighs as much as the largest."""

    name: ClassVar[str] = "blimp_supplement"
    description: ClassVar[str] = "BLiMP supplement of the BabyLM challenge: mean accuracy over 5 files"

    def load(self) -> None:
        """Find and read the files."""
        layouts = FAST if self.config.fast else LAYOUTS
        folder = find_folder(self.config.data, layouts, "The BLiMP supplement", BABYLM_CURE)
        pairs = read_pairs(folder)
        present = len({pair.paradigm for pair in pairs})
        note = (
            f"{present} of {FILES} files are at hand, so this is not a supplement score." if present < FILES else ""
        )
        self.coverage = Coverage(present=present, total=FILES, unit="files", note=note)
        self.take(pairs, folder.resolve().name)
