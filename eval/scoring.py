r"""The one scoring engine: log-probabilities of tokens under a masked or causal language model, exactly and fast.

Causal models give the log-likelihood Σ ln p(x_i | x_<i); masked models the pseudo-log-likelihood
Σ ln p(x_i | x_\i), each scored position masked in turn (Salazar et al. 2020, "Masked language model
scoring") and read there, or one before it after masked next-token prediction: n rows of n tokens for a
sentence of n tokens. Four exact savings over scoring in file order with all logits: texts sorted by length
under a token budget, so that next to nothing is padding; equal texts, and equal masked rows of one batch,
forwarded once; the head only at scored positions; ln p of the target only, never the whole distribution.
Results equal scoring one text at a time up to the rounding of the number format (1e-9 in float64).
Log-softmax in float32 (float64 for float64 models), sums in float64.
Memory: one batch of hidden states and at most 2^22 (GPU: 2^26) logits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from climb.base.errors import UserError
from climb.base.lm_head import body_and_head, in_eval_mode
from climb.eval.requests import Floats, Ints, Item, Kind, Request, Score, tokenised

Advance = Callable[..., None]
MASKED_NEXT = "mntp"
"""`climb_objective` of a model that predicts a masked token one position before it."""
_TEXTS_AT_ONCE = 4096
_SCORED_AT_ONCE = 2**16
"""Enough to sort well by length; the token arrays of more texts than these are never in memory together."""


@dataclass(frozen=True)
class _Row:
    """One sequence of a forward pass.

    Attributes:
        item: its number in the list of distinct items.
        ids: token ids, int64 [n]; in a masked row one of them is the mask.
        read: positions whose hidden states the head sees, int64 [k].
        targets: token ids whose log-probability is wanted there, int64 [k].
        slots: where the answers go among the item's scored tokens, int64 [k].
    """

    item: int
    ids: Ints
    read: Ints
    targets: Ints
    slots: Ints


class Scorer:
    """Scores texts under one model.

    Args:
        model: a Hugging Face masked or causal language model; its weights, mode and the random state stay as
            they are.
        tokenizer: the fast tokenizer that belongs to it.
        kind: "masked" or "causal".
        batch_tokens: largest number of rows × longest row in one forward pass (a single row may exceed it);
            None means 1,024 on a processor, where more does not fit its cache, and 65,536 on a GPU.
        origin: the folder of the run that the model comes from, for tasks that look into it.

    Raises:
        UserError: a masked model whose tokenizer has no mask token, or that was trained to be read otherwise.
    """

    def __init__(
        self,
        model: nn.Module,
        tokenizer: Any,
        kind: Kind,
        batch_tokens: int | None = None,
        origin: Path | None = None,
    ) -> None:
        self.model = model
        self.origin = origin
        self.tokenizer = tokenizer
        self.kind = kind
        self.device = next(model.parameters()).device
        self.batch_tokens = batch_tokens or (65_536 if self.device.type == "cuda" else 1024)
        self.max_length = positions_of(model)
        config: Any = model.config
        self._vocabulary = int(config.vocab_size)
        self._padding = next(
            (int(i) for i in (tokenizer.pad_token_id, tokenizer.eos_token_id, 0) if i is not None), 0
        )
        self._mask = tokenizer.mask_token_id
        if kind == "masked" and tokenizer.mask_token_id is None:
            raise UserError("The tokenizer has no mask token, so this masked model cannot be scored: add one to it.")
        self._before = reads_before(config) if kind == "masked" else 0
        probe = self.encode([Request("a")])[0]
        starts = bool(len(probe.special) and probe.special[0])
        self.scores_first_token = starts or (kind == "masked" and not self._before)
        """Whether the first token of a text is scored: not where the model would read it before the text."""
        with _undisturbed(model):
            self._body, self._head = body_and_head(model)

    def encode(self, requests: Sequence[Request]) -> list[Item]:
        """Tokenise requests and find the positions to be scored; see `climb.eval.requests.tokenised`.

        Raises:
            UserError: a slow tokenizer, or token ids the model has no embedding for.
        """
        items: list[Item] = []
        for first in range(0, len(requests), _TEXTS_AT_ONCE):
            # Where answers stand one position before, position 0 has none, as in a causal model.
            kind: Kind = "causal" if self._before else self.kind
            items += tokenised(self.tokenizer, kind, requests[first : first + _TEXTS_AT_ONCE])
        largest = max((int(item.ids.max()) for item in items if len(item.ids)), default=-1)
        if largest >= self._vocabulary:
            raise UserError(
                f"The tokenizer gives token id {largest}, the model knows {self._vocabulary}: they do not belong "
                "together; load the tokenizer the model was trained with."
            )
        return items

    def score(self, requests: Sequence[Request], advance: Advance | None = None) -> list[Score]:
        """Return one score per request, in the order of the requests.

        Args:
            requests: texts with the start of the scored part.
            advance: called with the number of requests done, as they are done.
        """
        scores: list[Score] = []
        for first in range(0, len(requests), _SCORED_AT_ONCE):
            items = self.encode(requests[first : first + _SCORED_AT_ONCE])
            fits = [number for number, item in enumerate(items) if not self.too_long(item)]
            found = dict(zip(fits, self.score_items([items[number] for number in fits], advance), strict=True))
            scores += [_answer(item, found.get(number)) for number, item in enumerate(items)]
        return scores

    def too_long(self, item: Item) -> bool:
        """Tell whether an item has more tokens than the model has positions."""
        return self.max_length is not None and len(item.ids) > self.max_length

    def score_items(self, items: Sequence[Item], advance: Advance | None = None) -> list[Floats]:
        """Return ln p of each item's scored tokens, float64 [m] per item, in the order of the items.

        Args:
            items: none longer than the model's positions.
            advance: called with the number of items done, as they are done.
        """
        numbers: dict[tuple[bytes, bytes], int] = {}
        copies = [numbers.setdefault((item.ids.tobytes(), item.scored.tobytes()), len(numbers)) for item in items]
        distinct: list[Item] = [items[first] for first in np.unique(copies, return_index=True)[1]] if items else []
        weight = np.bincount(copies, minlength=len(distinct)) if items else np.zeros(0, dtype=np.int64)
        results: list[Floats] = [np.empty(len(item.scored)) for item in distinct]
        with _undisturbed(self.model):
            for batch in self._batches(distinct):
                for row, values in zip(batch, self._forward(batch), strict=True):
                    results[row.item][row.slots] = values
                    if advance is not None:
                        advance(float(weight[row.item]) * len(row.slots) / len(distinct[row.item].scored))
        return [results[number] for number in copies]

    def _batches(self, items: Sequence[Item]) -> Iterator[list[_Row]]:
        """Yield batches of rows, longest first: what will not fit into memory is met at once."""
        order = sorted(range(len(items)), key=lambda number: -len(items[number].ids))
        batch: list[_Row] = []
        for number in order:
            for row in self._rows(number, items[number]):
                if batch and (len(batch) + 1) * len(batch[0].ids) > self.batch_tokens:
                    yield batch
                    batch = []
                batch.append(row)
        if batch:
            yield batch

    def _rows(self, number: int, item: Item) -> Iterator[_Row]:
        """Yield the sequences an item needs: one for a causal model, one per scored token for a masked one."""
        if self.kind == "causal":
            if len(item.scored):
                yield _Row(number, item.ids, item.scored - 1, item.ids[item.scored], np.arange(len(item.scored)))
            return
        for slot, position in enumerate(item.scored):
            ids = item.ids.copy()
            ids[position] = self._mask
            here = np.array([position])
            yield _Row(number, ids, here - self._before, item.ids[here], np.array([slot]))

    def _forward(self, batch: list[_Row]) -> list[Floats]:
        """Return ln p of every row's targets; equal rows of the batch are forwarded once."""
        width = len(batch[0].ids)
        lengths = np.array([len(row.ids) for row in batch])
        ids = np.full((len(batch), width), self._padding, dtype=np.int64)
        for line, row in zip(ids, batch, strict=True):
            line[: len(row.ids)] = row.ids
        # Two sentences that differ in one token have the same masked row there; the length joins the key
        # because a padding token may also occur in a text.
        _, kept, line_of = np.unique(np.column_stack([ids, lengths]), axis=0, return_index=True, return_inverse=True)
        read = [line_of.reshape(-1)[i] * width + row.read for i, row in enumerate(batch)]
        values = self._read(
            ids[kept], lengths[kept], np.concatenate(read), np.concatenate([r.targets for r in batch])
        )
        return np.split(values, np.cumsum([len(row.read) for row in batch])[:-1])

    def _read(self, ids: Ints, lengths: Ints, positions: Ints, targets: Ints) -> Floats:
        """Forward rows [R, L] and return ln p(target) at flat positions of the rows, float64 [k]."""
        device = self.device
        mask = None
        if (lengths < ids.shape[1]).any():
            mask = torch.from_numpy((np.arange(ids.shape[1]) < lengths[:, None]).astype(np.int64)).to(device)
        hidden = self._body(torch.from_numpy(ids).to(device), mask).flatten(0, 1)
        hidden = hidden[torch.from_numpy(positions).to(device)]
        wanted = torch.from_numpy(targets).to(device)
        # 16 MB of logits stay in a processor's cache; a GPU wants larger pieces.
        size = max(1, (2**26 if device.type == "cuda" else 2**22) // self._vocabulary)
        pieces = [
            _log_probability(self._head(hidden[i : i + size]), wanted[i : i + size])
            for i in range(0, len(wanted), size)
        ]
        return np.asarray(torch.cat(pieces).double().cpu().numpy(), dtype=np.float64)


def _log_probability(logits: Tensor, targets: Tensor) -> Tensor:
    """Return ln softmax(logits)[targets], [k], from logits [k, V]; float32 unless the logits are float64."""
    logits = logits if logits.dtype == torch.float64 else logits.float()
    return logits.gather(1, targets[:, None])[:, 0] - logits.logsumexp(dim=1)


def _answer(item: Item, values: Floats | None) -> Score:
    """Return the score of an item from its tokens' values, None for one too long."""
    if values is None:
        return Score(float("nan"), 0, True, np.zeros(0))
    return Score(float(values.sum()), len(item.scored), False, values)


def reads_before(config: Any) -> int:
    """Return how many positions before a masked token its prediction stands: 1 after masked next-token prediction.

    `climb train` writes `climb_objective` into the config.json of a model whose main objective is not that of its
    kind; a model without it predicts a masked token where it stands.

    Raises:
        UserError: the objective is one that masked tokens cannot be read with.
    """
    objective = getattr(config, "climb_objective", None)
    if objective not in (None, MASKED_NEXT):
        raise UserError(
            f"This masked model was trained mainly with the objective {objective}, so it does not fill masks and "
            "cannot be scored: train a causal model, or let mlm or mntp be active at the end with the largest weight."
        )
    return int(objective is not None)


def positions_of(model: nn.Module) -> int | None:
    """Return the largest number of tokens the model can read, None when it has no limit.

    RoBERTa-type models count positions from the padding id + 1, so they read fewer tokens than their
    configuration says.
    """
    limit = getattr(model.config, "max_position_embeddings", None)
    if not isinstance(limit, int) or limit <= 0:
        return None
    for name, module in model.named_modules():
        if (
            name.endswith("position_embeddings")
            and isinstance(module, nn.Embedding)
            and module.padding_idx is not None
        ):
            return int(module.num_embeddings) - int(module.padding_idx) - 1
    return limit


@contextmanager
def _undisturbed(model: nn.Module) -> Iterator[None]:
    """Score in eval mode without gradients, and leave modes and random states as they were."""
    cuda = sorted({p.device.index or 0 for p in model.parameters() if p.device.type == "cuda"})
    with torch.random.fork_rng(devices=cuda), in_eval_mode(model), torch.inference_mode():
        yield
