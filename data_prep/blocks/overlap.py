"""Lines that stand word for word in both splits: perplexity over them measures memory, not language.

Lines are compared by 64-bit hashes as they are tokenised. Memory: 8 bytes per distinct held-out line; time: that of
looking every line up in them, n log m for n lines and m of them held out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from climb.data_prep.shards import WorkFolder, read_arrays

Hashes = npt.NDArray[np.uint64]


def lines_of_both_splits(work: WorkFolder, shards: int, held_out: npt.NDArray[np.bool_]) -> Hashes:
    """Return the hashes of the lines that stand in train and in validation, sorted.

    Args:
        work: the working folder, every shard encoded.
        shards: how many there are.
        held_out: whether each document of the corpus is held out.
    """
    kept_back = np.unique(np.concatenate([_hashes(work, number, held_out, True) for number in range(shards)]))
    seen = np.zeros(len(kept_back), dtype=bool)
    for number in range(shards):
        lines = _hashes(work, number, held_out, False)
        lines = lines[are_among(kept_back, lines)]
        seen[np.searchsorted(kept_back, lines)] = True
    return kept_back[seen]


def are_among(ordered: Hashes, hashes: Hashes) -> npt.NDArray[np.bool_]:
    """Return which hashes [n] stand in a sorted array [m]; unlike `numpy.isin` the array is not sorted anew."""
    if not len(ordered):
        return np.zeros(len(hashes), dtype=bool)
    place = np.minimum(np.searchsorted(ordered, hashes), len(ordered) - 1)
    return np.asarray(ordered[place] == hashes)


def _hashes(work: WorkFolder, number: int, held_out: npt.NDArray[np.bool_], wanted: bool) -> Hashes:
    """Return the hashes of a shard's lines that are held out, or that are not."""
    arrays = read_arrays(work.arrays("encode", f"{number:06d}"))
    hashes: Hashes = arrays["line_hash"][held_out[arrays["line_document"]] == wanted]
    return hashes
