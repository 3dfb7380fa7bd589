"""Everything the report is made from: the corpus, and what is computed from it once and shown in several places."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter, ValidationError

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.base.files import read_json
from climb.data_prep.report.correlations import average_ranks
from climb.data_prep.report.folding import fold_sources
from climb.data_prep.report.token_counts import TokenCounts, count_tokens
from climb.data_prep.report.vocabulary_facts import Vocabulary, read_vocabulary
from climb.data_prep.tokens.tokenizer_training import load_encoder

FloatArray = npt.NDArray[np.float32]
Examples = dict[str, dict[str, list[tuple[str, str]]]]
"""source → rule → (line before, line after)."""

EXAMPLES_FILE = "cleaning_examples.json"


class Evidence:
    """A finished corpus and what the sections of the report want to know of it.

    Attributes:
        corpus: the corpus.
        manifest: its manifest; of very many sources the smaller ones are folded into one.
        source: the source of each training block, a position in `manifest.sources` [B].
        present: the sources with training blocks, as (number, label).
    """

    def __init__(self, folder: Path) -> None:
        """Open the folder of a prepared corpus.

        Raises:
            UserError: it is none, or damaged.
        """
        self.corpus = PreparedCorpus(folder)
        self.manifest, new_numbers = fold_sources(self.corpus.manifest)
        self.source = new_numbers[self.corpus.train.source]
        numbers = np.unique(self.source).tolist()
        self.present = [(number, self.manifest.sources[number]) for number in numbers]

    @cached_property
    def scores(self) -> dict[str, FloatArray]:
        """Metric → one difficulty per training block [B]."""
        return {name: self.corpus.scores(name) for name in self.manifest.metrics}

    @cached_property
    def orders(self) -> dict[str, npt.NDArray[np.int64]]:
        """Metric → the training blocks from the easiest on, ties by number [B]."""
        return {name: np.argsort(values, kind="stable") for name, values in self.scores.items()}

    @cached_property
    def ranks(self) -> dict[str, npt.NDArray[np.float64]]:
        """Metric → the rank of every training block, ties averaged [B]."""
        return {name: average_ranks(values, self.orders[name]) for name, values in self.scores.items()}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What each token id is."""
        return read_vocabulary(self.corpus)

    @cached_property
    def tokens(self) -> TokenCounts:
        """Tokens and words of the training blocks, counted."""
        return count_tokens(self.corpus, self.vocabulary, self.source)

    @cached_property
    def examples(self) -> Examples:
        """Lines that cleaning changed; empty where the corpus keeps none.

        Raises:
            UserError: the file holds something else.
        """
        path = self.corpus.folder / EXAMPLES_FILE
        if not path.is_file():
            return {}
        try:
            return TypeAdapter(Examples).validate_python(read_json(path))
        except ValidationError:
            raise UserError(f"{path} is no table of examples: prepare the corpus again.") from None

    @cached_property
    def _tokenizer(self) -> Any:
        # Not corpus.tokenizer: that would import transformers, which takes longer than the whole report.
        return load_encoder(self.corpus.folder / "tokenizer").tokenizer

    def text(self, ids: npt.NDArray[np.int64]) -> str:
        """Return token ids as text, special tokens left out."""
        return str(self._tokenizer.decode(ids.tolist(), skip_special_tokens=True)).strip()

    def passage(self, block: int, letters: int) -> str:
        """Return the beginning of a training block, its lines parted by slashes."""
        train = self.corpus.train
        ids = train.tokens([block])[0, : int(train.length[block])]
        text = " / ".join(line.strip() for line in self.text(ids).splitlines() if line.strip())
        return text if len(text) <= letters else text[:letters].rsplit(" ", 1)[0] + " …"
