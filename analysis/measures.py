"""Measures of a run: which numbers there are, how they are called, which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from climb.analysis.run_record import RunRecord
from climb.eval.results import FINE_TUNED, SHARES

_TOKENWISE = ("loss", "nats_", "perplexity", "surprisal", "share_of_chance")
"""What the names of metrics begin with whose unit is the token."""
_LOWER = ("loss", "nats_per_token", "perplexity", "surprisal", "bits_per_byte")
_HIGHER = ("accuracy", *FINE_TUNED)
_FIRST = ("blimp", "sample_pairs", "minimal_pairs")
HELD_OUT = "held_out"


@dataclass(frozen=True, order=True)
class Measure:
    """A number that every run has one of at its end: a task's metric, or `held_out:loss`."""

    task: str
    metric: str

    def __str__(self) -> str:
        return f"{self.task}:{self.metric}"

    @property
    def tokenwise(self) -> bool:
        """Whether it compares only where tokenizer and objective are the same: a likelihood of tokens."""
        return self.metric.startswith(_TOKENWISE)

    @property
    def direction(self) -> int:
        """1 where higher is better, −1 where lower is, 0 where neither is."""
        if self.metric in _LOWER:
            return -1
        return 1 if self.metric.startswith(_HIGHER) else 0

    @property
    def scale(self) -> float:
        """100 for accuracies and their like, which are shown in percent, else 1."""
        return 100.0 if self.metric.startswith(SHARES) else 1.0

    @property
    def unit(self) -> str:
        """What a difference of 1 is, as shown."""
        if self.metric.startswith(SHARES):
            return "percentage points"
        return {"loss": "nats per target", "nats_per_token": "nats per token", "bits_per_byte": "bits per byte"}.get(
            self.metric, ""
        )

    @property
    def title(self) -> str:
        """The measure for people."""
        if self.task == HELD_OUT:
            return "held-out loss"
        if self.metric == "accuracy_macro":
            return f"{self.task} accuracy"
        return f"{self.task}, {self.metric.replace('_', ' ')}"


def measures_of(record: RunRecord) -> dict[Measure, float]:
    """Return every measure of a run, with the value at its end."""
    found = {
        Measure(task, metric): figure.value
        for task, result in record.results.items()
        for metric, figure in result.metrics.items()
    }
    held_out = [line for line in record.metrics if line.get("kind") == HELD_OUT]
    if held_out:
        found[Measure(HELD_OUT, "loss")] = float(held_out[-1]["loss"])
    return found


def headlines_of(record: RunRecord) -> list[Measure]:
    """Return the measures to quote: the headline of each task, then bits per byte and the held-out loss."""
    found = [Measure(task, result.headline) for task, result in record.results.items()]
    found.sort(
        key=lambda one: (_FIRST.index(one.task) if one.task in _FIRST else len(_FIRST), -one.direction, str(one))
    )
    known = measures_of(record)
    found += [one for one in known if one.metric == "bits_per_byte" and one not in found]
    held_out = Measure(HELD_OUT, "loss")
    return found + ([held_out] if held_out in known else [])


def curve_points(record: RunRecord) -> list[dict[str, Any]]:
    """Return every number of metrics.jsonl as {step, words, kind, task, metric, value}, evaluations and training.

    Standard errors (`…_se`, `standard_error`) and counters stand in no row of their own.
    """
    aside = {"kind", "step", "words", "tokens", "flops", "targets", "task", "standard_error", "blocks"}
    rows = []
    for line in record.metrics:
        kind = str(line.get("kind"))
        for metric, value in line.items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if metric in aside or metric.endswith("_se") or not number:
                continue
            rows.append(
                {
                    "step": int(line["step"]),
                    "words": line.get("words"),
                    "kind": kind,
                    "task": str(line["task"]) if kind == "task" else kind,
                    "metric": metric,
                    "value": float(value),
                }
            )
    return rows
