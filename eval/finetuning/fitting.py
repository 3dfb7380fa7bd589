"""Fine-tune a copy of a model on one task with one seed."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from climb.base.errors import UserError
from climb.base.progress_bar import Advance
from climb.eval.finetuning.batches import Piece, epoch_batches, pieces_of, stacked
from climb.eval.finetuning.classifier import Classifier, make_head
from climb.eval.finetuning.encoding import Ints
from climb.eval.finetuning.metrics import Floats
from climb.eval.finetuning.workload import Point, Workload, repeatable

OVERHEAD = {"cpu": 48, "cuda": 4096}
"""What a forward and backward pass costs beside its tokens, in tokens."""


class Fitting:
    """One fine-tuning: order, dropout and the head's first weights are functions of the seed and the step.

    Args:
        work: the task.
        seed: of this fine-tuning.
    """

    def __init__(self, work: Workload, seed: int) -> None:
        self.work, self.seed, self.recipe = work, seed, work.recipe
        self.train, self.selection = work.parts(seed)
        self.total = self.recipe.steps(len(self.train))
        self.history: list[Point] = []
        self.best: Point | None = None
        self.waited = 0
        self.steps = 0
        self.predictions: dict[str, Floats] = {}

    def run(self, advance: Advance) -> None:
        """Train to the last step or to an early stop; the predictions of the best evaluation are kept.

        Args:
            advance: called with the share of this fine-tuning that was done, and a note.

        Raises:
            UserError: the loss is no finite number.
        """
        with repeatable(self.work.device):
            self._seed_torch(0)
            config = self.work.model.config
            head = make_head(self.recipe.head, self.work.kind, config, self.work.outputs)
            classifier = self.work.classifier(head)
            trained = [parameter for parameter in classifier.parameters() if parameter.requires_grad]
            optimizer = torch.optim.AdamW(trained, weight_decay=self.recipe.weight_decay, fused=True)
            self._steps(classifier, optimizer, advance)

    def _steps(self, classifier: Classifier, optimizer: torch.optim.AdamW, advance: Advance) -> None:
        bits = self.work.bits(self.seed, "order")
        for epoch in range(self.recipe.epochs):
            for rows in epoch_batches(len(self.train), self.recipe.batch_size, self.recipe.drop_last, bits, epoch):
                loss = self._step(classifier, optimizer, rows)
                self.steps += 1
                note = ""
                if self._is_due():
                    self._look(classifier)
                if self.steps % 10 == 0 or self.steps == self.total:
                    note = f"seed {self.seed}, epoch {epoch + 1} of {self.recipe.epochs}, loss {loss:.3f}"
                    note += f", {self.work.select_by} {self.history[-1].score:.3f}" if self.history else ""
                advance(1 / self.total, note=note)
                if self.recipe.patience is not None and self.waited >= self.recipe.patience:
                    advance(1 - self.steps / self.total)
                    return

    def _step(self, classifier: Classifier, optimizer: torch.optim.AdamW, rows: Ints) -> float:
        """Take one optimiser step and return the mean loss of its rows."""
        classifier.train()
        device = self.work.device

        def passes(batch_tokens: int) -> float:
            optimizer.zero_grad()
            self._seed_torch(self.steps + 1)
            loss = 0.0
            for piece in pieces_of(self.train.lengths[rows], OVERHEAD.get(device.type, 48), batch_tokens):
                batch = stacked(self.train, rows[piece], self.work.padding, device)
                with self.work.precision():
                    part = self._summed_loss(classifier(batch), batch) / len(rows)
                part.backward()  # type: ignore[no-untyped-call]
                loss += float(part.detach())
            return loss

        loss = self.work.within_memory(passes)
        if not math.isfinite(loss):
            raise UserError(
                f"{self.work.task}, seed {self.seed}: the loss at step {self.steps} is {loss}; give a lower "
                "--set finetuning.learning_rate."
            )
        if self.recipe.clip is not None:
            nn.utils.clip_grad_norm_(classifier.parameters(), self.recipe.clip)
        for group in optimizer.param_groups:
            group["lr"] = self.recipe.rate(self.steps, self.total)
        optimizer.step()
        return loss

    def _summed_loss(self, logits: Tensor, batch: Piece) -> Tensor:
        """Return the sum of cross-entropies, or of squared errors, over a piece's rows."""
        labels = torch.from_numpy(self.train.labels[batch.rows]).to(logits.device)
        wide = logits if logits.dtype == torch.float64 else logits.float()
        if self.work.classes:
            return F.cross_entropy(wide, labels.long(), reduction="sum")
        return F.mse_loss(wide[:, 0], labels.to(wide.dtype), reduction="sum")

    def _is_due(self) -> bool:
        """Tell whether to evaluate after this step: at every epoch's end or every so many steps, else at the end."""
        if self.selection is None:
            return self.steps == self.total
        every = self.recipe.every or self.recipe.steps_per_epoch(len(self.train))
        return self.steps % every == 0 or (self.steps == self.total and not self.history)

    def _look(self, classifier: Classifier) -> None:
        """Evaluate; keep the predictions where this is the best so far."""
        selection, work = self.selection, self.work
        if selection is None:
            self.best = Point(step=self.steps, score=0.0)
            self.predictions = self._on_all(classifier, {})
            return
        predicted = work.predict(classifier, selection)
        point = Point(step=self.steps, score=work.merit(selection, predicted))
        self.history.append(point)
        before = -math.inf if self.best is None else self.best.score
        self.waited = 0 if point.score > before + self.recipe.min_delta else self.waited + 1
        if point.score > before:
            self.best = point
            first = next(iter(work.evaluated))
            self.predictions = self._on_all(
                classifier, {first: predicted} if self.recipe.select_on == "valid" else {}
            )

    def _on_all(self, classifier: Classifier, known: dict[str, Floats]) -> dict[str, Floats]:
        """Return what is predicted for every evaluated set; outputs already known are not made again."""
        return {
            name: self.work.chosen(known[name] if name in known else self.work.predict(classifier, encoded))
            for name, encoded in self.work.evaluated.items()
        }

    def _seed_torch(self, counter: int) -> None:
        """Seed dropout and initial weights by (seed, counter)."""
        torch.manual_seed(int(self.work.bits(self.seed, "torch").bits(counter)) >> 1)
