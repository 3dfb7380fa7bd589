"""Lines that stand word for word in both splits: perplexity over them measures memory, not language.

Lines are compared by 64-bit hashes as they are tokenised. Memory: 8 bytes per distinct held-out line.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from climb.data_prep.shards import WorkFolder, read_arrays


def lines_of_both_splits(work: WorkFolder, shards: int, held_out: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    """Return the hashes of the lines that stand in train and in validation, sorted.

    Args:
        work: the working folder, every shard encoded.
        shards: how many there are.
        held_out: whether each document of the corpus is held out.
    """
    kept_back = np.unique(np.concatenate([_hashes(work, number, held_out, True) for number in range(shards)]))
    seen = np.zeros(len(kept_back), dtype=bool)
    for number in range(shards):
        seen |= np.isin(kept_back, _hashes(work, number, held_out, False))
    return kept_back[seen]


def _hashes(work: WorkFolder, number: int, held_out: npt.NDArray[np.bool_], wanted: bool) -> npt.NDArray[np.uint64]:
    """Return the hashes of a shard's lines that are held out, or that are not."""
    arrays = read_arrays(work.arrays("encode", f"{number:06d}"))
    hashes: npt.NDArray[np.uint64] = arrays["line_hash"][held_out[arrays["line_document"]] == wanted]
    return hashes
