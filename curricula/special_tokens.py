"""Which token ids are special: never a target, never hidden."""

from __future__ import annotations

import numpy as np

from climb.base.corpus import PreparedCorpus
from climb.curricula.token_order_base import BoolArray


def special_ids(corpus: PreparedCorpus) -> BoolArray:
    """Return whether each token id is special, bool [V]."""
    special = np.zeros(corpus.manifest.vocab_size, dtype=np.bool_)
    special[corpus.tokenizer.all_special_ids] = True
    return special
