"""N-gram perplexity against nltk.lm: the same numbers, and how much sooner they are there.

    python -m benchmarks.ngram_perplexity
    python -m benchmarks.ngram_perplexity --words 400000 --rounds 9

Both count the tokens of the embedded sample corpus in blocks of 128 and score every block. Order 1 is `nltk.lm.MLE`;
orders 2 and 3 are `nltk.lm`'s `InterpolatedLanguageModel` with weights that do not depend on the context
(Jelinek & Mercer 1980), which nltk has no class for. The two take turns in one process; medians and ranges.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from itertools import islice

import numpy as np
from nltk.lm import MLE
from nltk.lm.api import LanguageModel, Smoothing
from nltk.lm.models import InterpolatedLanguageModel
from nltk.lm.vocabulary import Vocabulary
from nltk.util import everygrams
from rich.table import Table

from benchmarks.alternate import alternate, ratio_text
from climb.base.console import show
from climb.data_prep.difficulty.ngram_model import NgramModel
from climb.data_prep.difficulty.trigrams import count_keys, ngram_keys
from climb.data_prep.metric import TokenRuns
from climb.sample_corpus import REGISTERS, documents

BLOCK = 128


class FixedWeights(Smoothing):
    """Interpolation in which every order has one weight: p_n = λ_n · ML_n + (1 − λ_n) · p_{n−1}."""

    def __init__(self, vocabulary: Vocabulary, counter: object, weights: Sequence[float]) -> None:
        super().__init__(vocabulary, counter)
        self.weights = weights

    def unigram_score(self, word: str) -> float:
        """Return the relative frequency of a token."""
        return float(self.counts.unigrams.freq(word))

    def alpha_gamma(self, word: str, context: tuple[str, ...]) -> tuple[float, float]:
        """Return the share of this order and the weight of the orders below."""
        order = len(context) + 1
        share = self.weights[order - 1] / sum(self.weights[:order])
        return share * self.counts[context].freq(word), 1.0 - share


def nltk_model(blocks: Sequence[Sequence[int]], weights: Sequence[float]) -> LanguageModel:
    """Return nltk's model of the blocks; the order is the number of weights."""
    order = len(weights)
    text = [[str(token) for token in block] for block in blocks]
    vocabulary = Vocabulary([token for block in text for token in block])
    if order == 1:
        model: LanguageModel = MLE(1, vocabulary=vocabulary)
    else:
        model = InterpolatedLanguageModel(FixedWeights, order, params={"weights": weights}, vocabulary=vocabulary)
    model.fit(everygrams(block, max_len=order) for block in text)
    return model


def nltk_perplexity(model: LanguageModel, block: Sequence[int], order: int) -> float:
    """Return the perplexity of a block: every token after as many before it as the model looks back on."""
    text = [str(token) for token in block]
    return float(model.perplexity([tuple(text[max(0, place - order + 1) : place + 1]) for place in range(len(text))]))


def our_perplexities(runs: TokenRuns, order: int, vocab_size: int) -> tuple[NgramModel, np.ndarray]:
    """Count and score the blocks."""
    unigrams = np.bincount(runs.ids, minlength=vocab_size)
    counts = [count_keys(ngram_keys(runs, n, vocab_size)[0]) for n in range(2, order + 1)]
    model = NgramModel.from_counts(unigrams, *counts)
    return model, model.perplexities(runs)


def tokens(words: int) -> tuple[TokenRuns, int]:
    """Return blocks of word ids of the sample corpus, and the size of the vocabulary."""
    numbers: dict[str, int] = {}
    ids: list[int] = []
    for register in REGISTERS:
        sentences = (sentence for document in documents(register, 0) for sentence in document)
        flat = (word for sentence in sentences for word in sentence.split())
        ids += [numbers.setdefault(word, len(numbers)) for word in islice(flat, words // len(REGISTERS))]
    full = len(ids) // BLOCK
    return TokenRuns(np.array(ids[: full * BLOCK]), np.full(full, BLOCK)), len(numbers)


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    runs, size = tokens(options.words)
    blocks = np.split(runs.ids, np.cumsum(runs.lengths)[:-1])
    lists = [block.tolist() for block in blocks]
    title = f"{len(runs.ids):,} tokens of {size:,} types counted and scored, one CPU core, {options.rounds} rounds"
    table = Table(
        "order", "ours, s", "nltk.lm, s", "nltk.lm ÷ ours", "largest relative difference", title=title, box=None
    )
    for order in (1, 2, 3):
        model, ours = our_perplexities(runs, order, size)
        theirs = np.zeros(0)

        def score_ours(order: int = order) -> float:
            began = time.perf_counter()
            our_perplexities(runs, order, size)
            return time.perf_counter() - began

        def score_theirs(order: int = order, weights: tuple[float, ...] = model.weights) -> float:
            nonlocal theirs
            began = time.perf_counter()
            reference = nltk_model(lists, weights)
            theirs = np.array([nltk_perplexity(reference, block, order) for block in lists])
            return time.perf_counter() - began

        seconds = alternate({"ours": score_ours, "nltk": score_theirs}, options.rounds)
        table.add_row(
            str(order),
            f"{np.median(seconds['ours']):.3f}",
            f"{np.median(seconds['nltk']):.2f}",
            ratio_text(seconds["nltk"], seconds["ours"]),
            f"{np.abs(theirs / ours - 1).max():.1e}",
        )
    show(table)


if __name__ == "__main__":
    main()
