"""How often each token occurs in the text a model was trained on: the lexicon of its prepared corpus.

The corpus is the one named by --corpus, else the one a run was trained on, known by its fingerprint. A model with
another tokenizer than the corpus has its tokens counted in the corpus' training text, which is read through once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from climb.base.console import say
from climb.base.corpus import CorpusManifest, PreparedCorpus
from climb.base.errors import UserError
from climb.base.progress_bar import progress
from climb.base.run import CONFIG_FILE, MANIFEST_FILE, Run
from climb.eval.passages import is_corpus
from climb.eval.requests import Ints

_BLOCKS_AT_ONCE = 512


def corpus_of(given: str | None, origin: Path | None, task: str) -> PreparedCorpus:
    """Return the prepared corpus whose frequencies count for a model.

    Args:
        given: the value of --corpus, if any.
        origin: the run that the model comes from, if any.
        task: for the error's sentence.

    Raises:
        UserError: --corpus is no prepared corpus, the model comes from no run, or the run's corpus is not here.
    """
    if given is not None:
        if not is_corpus(Path(given)):
            raise UserError(
                f"--corpus {given} is no prepared corpus, and {task} needs the token counts of one: give the folder "
                "that `climb prep` made."
            )
        return PreparedCorpus(Path(given))
    if origin is None:
        raise UserError(
            f"{task} needs the token counts of the training text, and the model belongs to no run: name its prepared "
            "corpus with --corpus DIR."
        )
    manifest = Run(origin).manifest
    for folder in _places(origin):
        if is_corpus(folder) and _fingerprint(folder) == manifest.corpus_fingerprint:
            return PreparedCorpus(folder)
    raise UserError(
        f"{task} needs the token counts of {manifest.corpus_name!r}, the corpus that {origin} was trained on, which "
        "is not here: name it with --corpus DIR."
    )


def _fingerprint(folder: Path) -> str | None:
    """Return the fingerprint of a corpus; None for one of another version, which no run can be matched with."""
    try:
        return CorpusManifest.read(folder / MANIFEST_FILE).fingerprint
    except UserError:
        return None


def _places(origin: Path) -> Iterator[Path]:
    """Yield where a run's corpus may lie: where its configuration says, under data/ here, and beside its runs/."""
    config = yaml.safe_load((origin / CONFIG_FILE).read_text(encoding="utf-8"))
    named = config.get("corpus") if isinstance(config, dict) else None
    if isinstance(named, str):
        yield Path(named)
    for root in (Path("data"), origin.resolve().parent.parent / "data"):
        yield from sorted(path.parent for path in root.glob(f"*/{MANIFEST_FILE}"))


def token_counts(corpus: PreparedCorpus, tokenizer: Any, size: int) -> Ints:
    """Return the occurrences of every token id in the training text, int64 [size], specials left at 0.

    Args:
        corpus: the prepared corpus.
        tokenizer: the model's fast tokenizer.
        size: number of token ids the model knows, at least the tokenizer's.
    """
    vocabulary = tokenizer.get_vocab()
    if vocabulary == corpus.tokenizer.get_vocab():
        found = np.asarray(corpus.lexicon()["count"], dtype=np.int64)
    else:
        say(f"The model has another tokenizer than {corpus.folder}: counting its tokens in the training text.")
        found = _counted(corpus, tokenizer, max(vocabulary.values()) + 1)
    counts = np.zeros(max(size, len(found)), dtype=np.int64)
    counts[: len(found)] = found
    # The unknown token stands for text; the others do not.
    counts[[i for i in tokenizer.all_special_ids if i != tokenizer.unk_token_id]] = 0
    return counts


def _counted(corpus: PreparedCorpus, tokenizer: Any, size: int) -> Ints:
    """Count a tokenizer's tokens in the training text of a corpus, document by document within each block."""
    counts = np.zeros(size, dtype=np.int64)
    blocks = len(corpus.train)
    with progress("counting tokens", blocks) as advance:
        for first in range(0, blocks, _BLOCKS_AT_ONCE):
            numbers = np.arange(first, min(first + _BLOCKS_AT_ONCE, blocks))
            texts = corpus.tokenizer.batch_decode(_runs(corpus, numbers), clean_up_tokenization_spaces=False)
            encoded = tokenizer(texts, add_special_tokens=False, return_attention_mask=False, verbose=False)
            ids = np.array([token for row in encoded["input_ids"] for token in row], dtype=np.int64)
            counts += np.bincount(ids, minlength=size)
            advance(len(numbers))
    return counts


def _runs(corpus: PreparedCorpus, numbers: Ints) -> list[list[int]]:
    """Return the runs of tokens between the specials of some training blocks."""
    specials = np.array([i for i in corpus.tokenizer.all_special_ids if i != corpus.tokenizer.unk_token_id])
    runs: list[list[int]] = []
    for row, length in zip(corpus.train.tokens(numbers), corpus.train.length[numbers], strict=True):
        tokens = row[:length]
        borders = np.flatnonzero(np.isin(tokens, specials))
        pieces = np.split(tokens, borders)
        runs += [piece[np.isin(piece, specials).astype(int).sum() :].tolist() for piece in pieces]
    return [run for run in runs if run]
