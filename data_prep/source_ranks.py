"""What the two source orders share: a rank per family, and the refusal of sources without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from climb.data_prep.metric import SentenceBatch, Values


def missing_ranks(families: Mapping[str, str], ranks: Mapping[str, int]) -> str | None:
    """Return which of the sources ({label: family}) have no rank, None when all have one."""
    unknown = [label for label, family in families.items() if family not in ranks]
    if not unknown:
        return None
    return f"{', '.join(unknown)} has no place in the order: name the files as one of {', '.join(sorted(ranks))}."


def ranks_of(batch: SentenceBatch, families: Sequence[str], ranks: Mapping[str, int]) -> Values:
    """Return the rank of the batch's source, once per sentence [S]."""
    return np.full(len(batch.words), float(ranks[families[batch.source]]))
