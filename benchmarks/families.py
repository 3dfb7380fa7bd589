"""Does a run do what its curriculum says? One real run per kind of curriculum, its batches measured and pictured.

    python -m benchmarks.families --corpus data/babylm --out runs/families --pictures docs/results/curricula

Each run is an ordinary one: interrupted, it goes on when the command is given again. Afterwards the batches that its
configuration stands for are made once more and measured from outside: which ranks of difficulty were drawn, which
share of the tokens was hidden, which share was asked for, how long the rows and how large the steps were. Beside that
stand the formula of the curriculum, written here a second time, and what the run's curriculum.jsonl says.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import climb
from climb.base.charts.curves import lines
from climb.base.charts.svg_files import standalone
from climb.base.console import show
from climb.base.corpus import PreparedCorpus
from climb.checkpoints import by_step
from climb.config import TrainConfig
from climb.curricula.plan import RunPlan
from climb.curricula.samples import Samples
from climb.options import train_config
from climb.score_files import load_scores

FloatArray = npt.NDArray[np.float64]
IGNORED = -100
START, END, FROM, TO = 0.1, 1.0, 0.0625, 0.875
"""CLIMB's ramp, which all curricula here keep unless their kind has another one."""


def ramp(step: int, steps: int, shape: Callable[[float], float], start: float = START, end: float = END) -> float:
    """Return the pacing value at a step, from the formula in docs/curricula.md."""
    x = min(max((step / steps - FROM) / (TO - FROM), 0.0), 1.0)
    return start + (end - start) * shape(x)


def linear(x: float) -> float:
    """Return x."""
    return x


def log(x: float) -> float:
    """Return CLIMB's logarithm, 0 at 0 and 1 at 1."""
    return min(1.0, 1.0 + float(np.log(x + np.exp(-10.0))) / 10.0)


@dataclass(frozen=True)
class Look:
    """What one step of a run can be asked about.

    Attributes:
        corpus: it trains on.
        batch: its rows, as the trainer got them.
        special: whether a token of these blocks is special or padding, before anything was masked or hidden.
        unk: id of the unknown token.
        scores: the difficulties that the model gave, before this step, under a self-scored curriculum.
    """

    corpus: PreparedCorpus
    batch: dict[str, npt.NDArray[Any]]
    special: npt.NDArray[np.bool_]
    unk: int
    scores: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Family:
    """One kind of curriculum.

    Attributes:
        curriculum: its name.
        unit: what is drawn.
        says: (step, steps, corpus) → what the formula says.
        measured: what a batch shows of it.
        recorded: the value that a record of curriculum.jsonl holds of it.
    """

    curriculum: str
    unit: str
    says: Callable[[int, int, PreparedCorpus], float]
    measured: Callable[[Look], float]
    recorded: Callable[[dict[str, Any]], float]


def hardest_rank(metric: str) -> Callable[[Look], float]:
    """Return a measure: the highest percentile of difficulty among the blocks of a batch."""

    def measure(look: Look) -> float:
        scores = look.corpus.scores(metric) if look.scores is None else look.scores
        highest = scores[look.batch["examples"]].max()
        return float((scores < highest).mean())

    return measure


def tag_targets(look: Look) -> float:
    """Return the share of the targets of a step that ask for a part of speech."""
    asked = {name: int((unit["labels"] != IGNORED).sum()) for name, unit in look.batch["objectives"].items()}
    return asked.get("pos", 0) / sum(asked.values())


def causal_rows(look: Look) -> float:
    """Return the share of the rows of a step that ask for the next token."""
    rows = {name: len(unit["input_ids"]) for name, unit in look.batch["objectives"].items()}
    return rows.get("clm", 0) / sum(rows.values())


def hidden_share(look: Look) -> float:
    """Return the share of ordinary tokens that are shown as unknown, of those that are not masked or replaced."""
    plain = ~look.special & (look.batch["labels"] == IGNORED)
    return float((look.batch["input_ids"][plain] == look.unk).mean())


def asked_share(look: Look) -> float:
    """Return the share of ordinary tokens that are asked for."""
    return float((look.batch["labels"][~look.special] != IGNORED).mean())


def row_length(look: Look) -> float:
    """Return the tokens of a row."""
    return float(look.batch["input_ids"].shape[1])


def blocks(look: Look) -> float:
    """Return the blocks of a step."""
    return float(len(np.unique(look.batch["numbers"])))


def unopened(value: float, corpus: PreparedCorpus) -> float:
    """Return the share of ordinary tokens of the text whose rank by count is above a share of the vocabulary."""
    tokenizer = corpus.tokenizer
    counts = np.asarray(corpus.lexicon()["count"], dtype=np.float64)
    ordinary = np.sort(np.delete(counts, tokenizer.all_special_ids))[::-1]
    # Special tokens come first in the order and are never hidden.
    opened = max(int(value * len(counts)) + 1 - len(tokenizer.all_special_ids), 0)
    return float(ordinary[opened:].sum() / ordinary.sum())


def steps_of_rows(step: int, steps: int, corpus: PreparedCorpus) -> float:
    """Return the largest length that divides a block and is at most the share of it that is asked for."""
    size = corpus.manifest.block_size
    share = ramp(step, steps, linear, start=0.25)
    return float(max(length for length in range(1, size + 1) if size % length == 0 and length <= share * size + 1e-9))


def mean_share(steps: int) -> float:
    """Return the mean over a run of the share that a batch curriculum asks for."""
    return float(np.mean([ramp(step, steps, linear, start=0.25) for step in range(steps)]))


BATCH = 16
CAUSAL_PART = 1 / 16
"""One sample of sixteen, as in GPT-BERT."""
FAMILIES = {
    "data": Family(
        "data_length_linear",
        "hardest block of a batch, as a percentile of length",
        lambda step, steps, corpus: ramp(step, steps, linear),
        hardest_rank("length"),
        itemgetter("data_pacing"),
    ),
    "data-log": Family(
        "data_ngram_log",
        "hardest block of a batch, as a percentile of unigram perplexity",
        lambda step, steps, corpus: ramp(step, steps, log),
        hardest_rank("ngram"),
        itemgetter("data_pacing"),
    ),
    "vocab": Family(
        "vocab_linear",
        "share of tokens hidden",
        lambda step, steps, corpus: unopened(ramp(step, steps, linear), corpus),
        hidden_share,
        lambda record: 1.0 - record["vocabulary_unlocked_occurrences"],
    ),
    "mask": Family(
        "mask_decay_linear",
        "share of tokens asked for",
        lambda step, steps, corpus: ramp(step, steps, linear, 0.3, 0.15),
        asked_share,
        itemgetter("mask_rate"),
    ),
    "length": Family("length_linear", "tokens in a row", steps_of_rows, row_length, itemgetter("length")),
    "batch": Family(
        "batch_linear",
        "blocks in a step",
        lambda step, steps, corpus: BATCH * ramp(step, steps, linear, start=0.25) / mean_share(steps),
        blocks,
        itemgetter("batch"),
    ),
    "selfppl": Family(
        "data_selfppl_linear:positions=1,every=0.25,subset=0.05",
        "hardest block of a batch, as a percentile of the model's own perplexity; last segment",
        lambda step, steps, corpus: ramp(step, steps, linear),
        hardest_rank("selfppl"),
        itemgetter("data_pacing"),
    ),
    "objective": Family(
        "objective_pos_mlm",
        "share of targets that ask for a part of speech",
        lambda step, steps, corpus: float(step < round(0.125 * steps)),
        tag_targets,
        lambda record: float(record["objectives"] == ["pos"]),
    ),
    "hybrid": Family(
        "objective_mntp_clm:mode=split,mntp=@15",
        "share of rows that ask for the next token",
        lambda step, steps, corpus: CAUSAL_PART,
        causal_rows,
        lambda record: CAUSAL_PART * ("clm" in record["objectives"]),
    ),
}


def configuration(family: Family, arguments: argparse.Namespace) -> TrainConfig:
    """Return the run of a family."""
    return train_config(
        corpus=str(arguments.corpus),
        out=str(arguments.out / family.curriculum),
        curriculum=family.curriculum,
        model="masked-laptop",
        max_steps=arguments.steps,
        batch_size=BATCH,
        log_steps=max(1, arguments.steps // 40),
        evaluations=2,
    )


def measured(family: Family, config: TrainConfig, corpus: PreparedCorpus) -> list[list[float]]:
    """Return [step, what the formula says, what its batch shows, what curriculum.jsonl says] of the logged steps."""
    samples = Samples(corpus, RunPlan(config.max_steps, config.batch_size), config.curriculum, config.seed)
    scores, first = None, 0
    if samples.self_scoring is not None:
        # Only the last scores are kept, so only the last segment can be made again.
        kept = load_scores(by_step(Path(str(config.out)))[-1], len(corpus.train))
        samples.refresh(kept)
        scores, first = kept.values, samples.segments()[-1].start
    rows = []
    for line in (Path(str(config.out)) / "curriculum.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        step = int(record["step"]) - 1  # records count the steps that are done
        if step < first:
            continue
        batch = samples.batch(samples.plan.numbers_of(step))
        special = np.isin(corpus.train.tokens(batch["examples"]), corpus.tokenizer.all_special_ids)
        look = Look(corpus, batch, special, corpus.tokenizer.unk_token_id, scores)
        rows.append(
            [step, family.says(step, config.max_steps, corpus), family.measured(look), family.recorded(record)]
        )
    return rows


def picture(name: str, family: Family, rows: list[list[float]], folder: Path) -> None:
    """Draw the three courses into folder/<name>.svg."""
    keys = ["formula", "measured in the batches", "curriculum.jsonl"]
    series = {key: [(row[0], row[1 + place]) for row in rows] for place, key in enumerate(keys)}
    figure = lines(series, family.curriculum, "step", dashed=keys[2:])
    folder.mkdir(parents=True, exist_ok=True)
    title = f"{family.curriculum}: {family.unit}"
    (folder / f"{name}.svg").write_text(standalone(figure, title, keys), encoding="utf-8")


def main() -> None:
    """Train, measure, draw, and print a Markdown table of the largest differences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="prepared corpus")
    parser.add_argument("--out", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--pictures", type=Path, required=True, help="folder of the pictures")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    arguments = parser.parse_args()
    corpus = PreparedCorpus(arguments.corpus)
    show("| curriculum | measured | formula − batches | formula − curriculum.jsonl | held-out loss |")
    show("| --- | --- | --- | --- | --- |")
    for name in arguments.families:
        family = FAMILIES[name]
        config = configuration(family, arguments)
        climb.train(config)
        rows = np.array(measured(family, config, corpus))
        picture(name, family, rows.tolist(), arguments.pictures)
        gaps = [np.abs(rows[:, 1] - rows[:, column]).max() for column in (2, 3)]
        loss = held_out(Path(str(config.out)))
        show(f"| `{family.curriculum}` | {family.unit} | {gaps[0]:.3g} | {gaps[1]:.3g} | {loss:.3f} |")


def held_out(run: Path) -> float:
    """Return the last held-out loss of a run, nats per target."""
    records = map(json.loads, (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines())
    return float([record["loss"] for record in records if record["kind"] == "held_out"][-1])


if __name__ == "__main__":
    main()
