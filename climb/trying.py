"""One sentence through a run's first, middle and last weights: how a model came to say what it says.

A masked model fills <mask>, or several of them one by one; a causal model goes on from what stands before <mask>, or
from the whole text. Continuations are greedy, so that the columns differ by the weights alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from climb.base.errors import UserError
from climb.base.run import Run
from climb.checkpoints import step_of
from climb.eval.loading import LoadedModel, load, load_beside
from climb.eval.scoring import positions_of

MASK = "<mask>"
_TRAINED_WORDS = 1_000_000


@dataclass(frozen=True)
class Stage:
    """Weights of a run: where they lie, and the share of the run after which they were kept."""

    folder: Path
    label: str
    share: float


def stages(run: Run) -> list[Stage]:
    """Return the first, the middle and the last weights of a run, as far as it kept them.

    Raises:
        UserError: the run has no final model.
    """
    if not run.complete:
        raise UserError(f"{run.folder} is not complete: finish it with `climb train`.")
    words, steps = max(run.manifest.words, 1), max(run.manifest.steps, 1)
    kept = [
        Stage(path, f"{path.name[5:-1]}M words", int(path.name[5:-1]) * _TRAINED_WORDS / words)
        for path in run.milestones
    ]
    kept += [
        Stage(path, f"step {step_of(path):,}", step_of(path) / steps)
        for path in run.folder.glob("checkpoint-*")
        if (path / "model.safetensors").is_file()
    ]
    last = Stage(run.model, f"step {steps:,}, final", 1.0)
    between = [stage for stage in kept if 0 < stage.share < 1]
    first = [stage for stage in kept if stage.share == 0]
    middle = sorted(between, key=lambda stage: abs(stage.share - 0.5))[:1]
    return [*(Stage(stage.folder, "untrained", 0.0) for stage in first[:1]), *middle, last]


def load_stage(stage: Stage, run: Run) -> LoadedModel:
    """Load the weights of a stage; a resumable checkpoint takes its tokenizer from the final model."""
    if (stage.folder / "tokenizer.json").is_file():
        return load(stage.folder)
    return load_beside(stage.folder, run.model)


def answers(loaded: LoadedModel, text: str, count: int, new_tokens: int) -> list[str]:
    """Return what the model says to a text.

    Args:
        loaded: a masked or causal model.
        text: with one <mask> or several for a masked model; for a causal one a beginning.
        count: how many fillers of a mask, or next tokens, with their probabilities.
        new_tokens: how many tokens a causal model goes on for, where no <mask> is given.

    Raises:
        UserError: the text is empty or too long, or a masked model got no <mask>.
    """
    if loaded.kind == "masked":
        return _fillers(loaded, text, count)
    beginning, mask, _ = text.partition(MASK)
    ids = _ids(loaded, beginning.rstrip())
    end = loaded.tokenizer.eos_token_id
    # The end that the tokenizer puts behind a text would end it before it goes on.
    ids = ids[:-1] if len(ids) > 1 and ids[-1] == end else ids
    if mask:
        return _likely(loaded, _logits(loaded, ids)[-1], count)
    return [_continued(loaded, ids, new_tokens)]


def _fillers(loaded: LoadedModel, text: str, count: int) -> list[str]:
    mask = loaded.tokenizer.mask_token_id
    if MASK not in text:
        raise UserError(f"A masked model fills gaps: write {MASK} where a word is missing, as in 'The cat {MASK}'.")
    # The space before a word belongs to its token, so the gap takes the space before it in.
    ids = _ids(
        loaded, text.replace(f" {MASK}", loaded.tokenizer.mask_token).replace(MASK, loaded.tokenizer.mask_token)
    )
    logits = _logits(loaded, ids)
    places = [place for place, token in enumerate(ids) if token == mask]
    lines = [_likely(loaded, logits[place], count) for place in places]
    return [line if len(places) == 1 else f"{number}: {line}" for number, of in enumerate(lines, 1) for line in of]


def _ids(loaded: LoadedModel, text: str) -> list[int]:
    ids = [int(token) for token in loaded.tokenizer(text)["input_ids"]]
    limit = positions_of(loaded.model) or len(ids)
    if not ids:
        raise UserError("The text is empty: give a beginning, such as 'The cat'.")
    if len(ids) > limit:
        raise UserError(f"The text has {len(ids)} tokens and the model takes {limit}: shorten it.")
    return ids


def _logits(loaded: LoadedModel, ids: list[int]) -> torch.Tensor:
    device = next(loaded.model.parameters()).device
    with torch.inference_mode():
        output: Any = loaded.model(input_ids=torch.tensor([ids], device=device))
    logits: torch.Tensor = output.logits[0].float()
    return logits


def _likely(loaded: LoadedModel, logits: torch.Tensor, count: int) -> list[str]:
    top = logits.softmax(-1).topk(min(count, logits.shape[-1]))
    return [
        f"{_token(loaded, int(token))} {100 * float(share):.1f} %"
        for share, token in zip(top.values, top.indices, strict=True)
    ]


def _token(loaded: LoadedModel, token: int) -> str:
    text = str(loaded.tokenizer.decode([token]))
    return text.strip() or repr(text)


def _continued(loaded: LoadedModel, ids: list[int], new_tokens: int) -> str:
    limit = int(getattr(loaded.model.config, "max_position_embeddings", len(ids) + new_tokens))
    start = len(ids)
    for _ in range(min(new_tokens, limit - start)):
        token = int(_logits(loaded, ids)[-1].argmax())
        if token == loaded.tokenizer.eos_token_id:
            break
        ids = [*ids, token]
    return str(loaded.tokenizer.decode(ids, skip_special_tokens=True)).strip()
