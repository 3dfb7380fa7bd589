"""Do the metrics measure difficulty? Rank correlations among them, and with what they should follow.

    python -m benchmarks.difficulty --corpus corpus/train --ages ages.tsv --out data

Prepares the corpora (what `climb prep` kept of them before is taken over) and prints Markdown tables:

- with the age of the child that is spoken to: a tab-separated file with columns `age_days`, `corpus`, `transcript`
  and `utterance`; a transcript is one document, its score the mean over its sentences. Intervals by the bootstrap
  over transcripts, and over whole corpora of transcripts, which share recording practice.
- written after spoken, full after simple encyclopedia: the probability that a block drawn from the second scores
  higher than one drawn from the first (ties count half). Intervals by the bootstrap over documents.
- among the metrics, over blocks: Spearman's ρ. Intervals by the bootstrap over documents.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from scipy.stats import rankdata

from climb.base.corpus import PreparedCorpus
from climb.data_prep import PrepConfig, prepare
from climb.data_prep.sources.source import family_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SPOKEN = ("aochildes", "childes", "bnc_spoken", "switchboard")
WRITTEN = ("gutenberg", "wikipedia")
_DRAWS = 400
_BLOCKS = 20_000
"""Blocks at most, evenly spaced, over which metrics are correlated."""
_PART = 500
"""Utterances of a transcript that stand in one row: a document is cut where it has too many characters."""


def spearman(first: FloatArray, second: FloatArray) -> float:
    """Return Spearman's ρ; 0 when one of them is constant."""
    a, b = rankdata(first), rankdata(second)
    a, b = a - a.mean(), b - b.mean()
    size = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size else 0.0


def superiority(low: FloatArray, high: FloatArray) -> float:
    """Return P(high > low) + P(high = low) / 2 (the area under the ROC curve)."""
    ranks = rankdata(np.concatenate([low, high]))
    above = ranks[len(low) :].sum() - len(high) * (len(high) + 1) / 2
    return float(above / (len(low) * len(high)))


def interval(
    statistic: Callable[[IntArray], float], clusters: npt.NDArray[np.generic], seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % percentile interval of a statistic over rows, whole clusters drawn with replacement."""
    generator = np.random.default_rng(seed)
    names, of_row = np.unique(clusters, return_inverse=True)
    order = np.argsort(of_row, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(of_row))[:-1])
    values = []
    for _ in range(_DRAWS):
        drawn = generator.integers(0, len(names), len(names))
        values.append(statistic(np.concatenate([parts[number] for number in drawn])))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def transcripts(path: Path, out: Path) -> tuple[FloatArray, list[str], IntArray]:
    """Write the transcripts as rows of JSON.

    Returns:
        Age in days and corpus of each transcript, and the transcript that each row belongs to.
    """
    lines: dict[tuple[str, str, str], list[str]] = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            key = (row["corpus"], row["transcript"], row["age_days"])
            lines.setdefault(key, []).append(row["utterance"])
    out.parent.mkdir(parents=True, exist_ok=True)
    owners: list[int] = []
    with open(out, "w", encoding="utf-8") as file:
        for number, utterances in enumerate(lines.values()):
            for first in range(0, len(utterances), _PART):
                file.write(json.dumps({"text": "\n".join(utterances[first : first + _PART])}) + "\n")
                owners.append(number)
    return np.array([float(age) for _, _, age in lines]), [corpus for corpus, _, _ in lines], np.array(owners)


def transcript_means(corpus: PreparedCorpus, metric: str, owners: IntArray) -> FloatArray:
    """Return the mean over the sentences of each transcript; NaN where it has none."""
    table = pq.read_table(corpus.folder / "sentences.parquet", columns=["document", metric])
    owner, values = owners[table["document"].to_numpy()], table[metric].to_numpy().astype(np.float64)
    sums = np.bincount(owner, weights=values, minlength=owners.max() + 1)
    counts = np.bincount(owner, minlength=owners.max() + 1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def ages_table(
    corpus: PreparedCorpus, ages: FloatArray, corpora: Sequence[str], owners: IntArray
) -> Iterable[list[str]]:
    """Yield a row per metric: ρ with age, and its intervals over transcripts and over corpora."""
    own = np.array(corpora)
    for metric in corpus.manifest.metrics:
        means = transcript_means(corpus, metric, owners)
        there = np.flatnonzero(np.isfinite(means))
        if not np.ptp(means[there]):
            continue

        def rho(rows: IntArray, means: FloatArray = means, there: IntArray = there) -> float:
            return spearman(means[there[rows]], ages[there[rows]])

        by_transcript = interval(rho, np.arange(len(there)))
        by_corpus = interval(rho, own[there])
        yield [metric, _number(rho(np.arange(len(there)))), _span(by_transcript), _span(by_corpus)]


def contrast(corpus: PreparedCorpus, low: Sequence[str], high: Sequence[str]) -> Iterable[list[str]]:
    """Yield a row per metric: the probability that a block of `high` is harder than one of `low`."""
    families = [family_of(label) for label in corpus.manifest.sources]
    source = corpus.train.source
    is_low = np.isin(source, [number for number, name in enumerate(families) if name in low])
    is_high = np.isin(source, [number for number, name in enumerate(families) if name in high])
    rows = _thinned(np.flatnonzero(is_low), _BLOCKS // 2), _thinned(np.flatnonzero(is_high), _BLOCKS // 2)
    both = np.concatenate(rows)
    for metric in corpus.manifest.metrics:
        values = corpus.scores(metric).astype(np.float64)[both]
        hard = is_high[both]

        def area(chosen: IntArray, values: FloatArray = values, hard: npt.NDArray[np.bool_] = hard) -> float:
            return superiority(values[chosen][~hard[chosen]], values[chosen][hard[chosen]])

        yield [metric, _number(area(np.arange(len(both)))), _span(interval(area, corpus.train.document[both]))]


def correlations(corpus: PreparedCorpus) -> Iterable[list[str]]:
    """Yield the lower triangle of Spearman's ρ among the metrics, and the widest interval as a last row."""
    rows = _thinned(np.arange(len(corpus.train)), _BLOCKS)
    names = varying(corpus)
    values = np.stack([corpus.scores(name).astype(np.float64)[rows] for name in names])
    found = np.array([[spearman(a, b) for b in values] for a in values])
    documents, of_block = np.unique(corpus.train.document[rows], return_inverse=True)
    generator = np.random.default_rng(0)
    draws = []
    for _ in range(_DRAWS // 4):
        weight = np.bincount(generator.integers(0, len(documents), len(documents)), minlength=len(documents))
        again = np.repeat(np.arange(len(rows)), weight[of_block])
        ranks = np.stack([rankdata(row[again]) for row in values])
        draws.append(np.nan_to_num(np.corrcoef(ranks)))
    half = (np.quantile(draws, 0.975, axis=0) - np.quantile(draws, 0.025, axis=0)) / 2
    for place, name in enumerate(names):
        cells = [_number(found[place, other]) if other < place else "" for other in range(len(names) - 1)]
        yield [name, *cells]
    yield [f"half of the widest interval: {half.max():.3f}", *([""] * (len(names) - 1))]


def varying(corpus: PreparedCorpus) -> list[str]:
    """Return the metrics that are not the same for nearly all blocks (`tokens` is, where blocks are full)."""
    return [name for name in corpus.manifest.metrics if np.ptp(np.quantile(corpus.scores(name), [0.02, 0.98])) > 0]


def _thinned(rows: IntArray, most: int) -> IntArray:
    return rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64)]


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _span(bounds: tuple[float, float]) -> str:
    return f"{_number(bounds[0])} to {_number(bounds[1])}"


def _print(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    print("| " + " | ".join(header) + " |")
    print("|---" * len(header) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def main() -> None:
    """Prepare, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", required=True, help="folder of text files named after BabyLM's sources")
    parser.add_argument("--ages", required=True, type=Path, help="utterances by the age of the child")
    parser.add_argument("--norms", nargs="*", default=[], help="as for climb prep")
    parser.add_argument("--frequencies", help="as for climb prep")
    parser.add_argument("--out", required=True, type=Path, help="where the prepared corpora go")
    arguments = parser.parse_args()
    lists = {"norms": arguments.norms, "frequencies": arguments.frequencies}
    spoken_to = arguments.out / "text" / "aochildes.jsonl"
    ages, corpora, owners = transcripts(arguments.ages, spoken_to)
    options = {"sources": [str(spoken_to)], "out": str(arguments.out / "ages"), "validation": 0.0} | lists
    by_age = PreparedCorpus(prepare(PrepConfig.model_validate(options)))
    if by_age.manifest.total("train").documents != len(owners):
        raise SystemExit("a row became no document or several: the ages would go to other transcripts")
    options = {"sources": [arguments.corpus], "out": str(arguments.out / "difficulty"), "validation": 0.0} | lists
    corpus = PreparedCorpus(prepare(PrepConfig.model_validate(options)))
    print("## With the age of the child that is spoken to\n")
    print(f"{len(ages)} transcripts of {len(set(corpora))} corpora, {ages.min():.0f} to {ages.max():.0f} days.\n")
    header = ["metric", "ρ", "95 %, transcripts", "95 %, corpora"]
    _print(header, ages_table(by_age, ages, corpora, owners))
    print("## Written after spoken, full after simple encyclopedia\n")
    pairs = zip(contrast(corpus, SPOKEN, WRITTEN), contrast(corpus, ["simple_wikipedia"], ["wikipedia"]), strict=True)
    header = ["metric", "written > spoken", "95 %", "full > simple", "95 %"]
    _print(header, ([*first, *second[1:]] for first, second in pairs))
    print("## Among the metrics\n")
    _print(["", *varying(corpus)[:-1]], correlations(corpus))


if __name__ == "__main__":
    main()
