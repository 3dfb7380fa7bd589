"""`samples.jsonl`: a few rows as the model saw them, for people who want to look before they believe.

At each evaluation four rows of the step just taken (at step 0: of the first one): their text with masked and hidden
tokens visible, what was asked, and where they come from. A function of the seed alone, as the samples are: a run that
was resumed has the same lines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from climb.base.corpus import PreparedCorpus
from climb.curricula.lengths import Batch
from climb.curricula.masking import IGNORED
from climb.curricula.objective_base import objective_units
from climb.curricula.samples import Samples

ROWS = 4


def step_records(samples: Samples, corpus: PreparedCorpus, step: int) -> list[dict[str, Any]]:
    """Return the lines of samples.jsonl for an evaluation.

    Args:
        samples: of the run.
        corpus: that they are of.
        step: optimiser steps done.

    Returns:
        Records with step, number (of the sample), source, difficulty under a data curriculum, text and targets;
        under a length curriculum the row is the first piece of its block; under an objective curriculum there is one
        for each objective that a sample serves, named by `objective`, and targets of tag objectives are tags.
    """
    of_step = samples.plan.numbers_of(max(step - 1, 0))
    places = np.arange(min(ROWS, len(of_step))) * len(of_step) // min(ROWS, len(of_step))
    numbers = np.asarray(of_step)[places]
    difficulties = samples.difficulties(numbers)
    records = []
    for place, number in enumerate(numbers.tolist()):
        batch = samples.batch([number])
        source = corpus.manifest.sources[int(corpus.train.source[batch["examples"][0]])]
        record: dict[str, Any] = {"step": step, "number": number, "source": source}
        if difficulties is not None:
            record["difficulty"] = float(difficulties[place])
        records += [record | shown for shown in _shown(batch, corpus)]
    return records


def _shown(batch: Batch, corpus: PreparedCorpus) -> list[dict[str, Any]]:
    """Return what the first row of a sample shows and asks: once, or for each objective that the sample serves."""
    if "objectives" not in batch:
        return [_first_row(batch, batch, corpus, ())]
    leader: Batch = {}
    records = []
    for unit, asked in batch["objectives"].items():
        leader = asked if "input_ids" in asked else leader
        if len(asked["labels"]):
            shown = _first_row(leader, asked, corpus, objective_units()[unit].tags)
            records.append({"objective": unit, **shown})
    return records


def _first_row(seen: Batch, asked: Batch, corpus: PreparedCorpus, tags: tuple[str, ...]) -> dict[str, Any]:
    mask = seen["attention_mask"][:1] if "attention_mask" in seen else None
    (shown,) = shown_rows(seen["input_ids"][:1], asked["labels"][:1], mask, corpus.tokenizer)
    if tags:
        labels = asked["labels"][0]
        shown["targets"] = [("other", *tags)[label] for label in labels[labels != IGNORED].tolist()]
    return shown


def shown_rows(
    input_ids: npt.NDArray[np.int64],
    labels: npt.NDArray[np.int64],
    attention_mask: npt.NDArray[np.int64] | None,
    tokenizer: Any,
) -> list[dict[str, Any]]:
    """Return text and targets of the rows of one pass.

    Args:
        input_ids: int64 [n, L].
        labels: what each position is asked for, −100 for nothing [n, L].
        attention_mask: 0 at padding [n, L]; None where nothing is padded.
        tokenizer: a Hugging Face tokenizer.

    Returns:
        For each row its text, special tokens spelled out and padding left out, and the targets token by token, in the
        order in which they are asked.
    """
    shown = []
    for row, asked in enumerate(labels):
        seen = input_ids[row] if attention_mask is None else input_ids[row][attention_mask[row] > 0]
        targets = [_decoded(tokenizer, [token]) for token in asked[asked != IGNORED].tolist()]
        shown.append({"text": _decoded(tokenizer, seen.tolist()), "targets": targets})
    return shown


def _decoded(tokenizer: Any, ids: list[int]) -> str:
    return str(tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False))
