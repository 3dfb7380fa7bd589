"""Any folder of minimal pairs in BLiMP's format: the BabyLM supplement, another language's BLiMP, one's own."""

from __future__ import annotations

from typing import ClassVar

from climb.eval.data_places import find_folder
from climb.eval.minimal_pairs import MinimalPairTask, read_pairs


class PairFolder(MinimalPairTask):
    """The pairs of `--data DIR/*.jsonl`; a paradigm is a UID, or a file where no UID is given."""

    name: ClassVar[str] = "minimal_pairs"
    description: ClassVar[str] = "any folder of .jsonl files with sentence_good and sentence_bad (--data DIR)"

    def load(self) -> None:
        """Read the folder."""
        cure = "give the folder that holds them with --data DIR."
        folder = find_folder(self.config.data, (".",), "Minimal pairs (*.jsonl)", cure)
        self.take(read_pairs(folder), folder.resolve().name)
