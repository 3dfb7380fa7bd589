"""A naive interpolated 3-gram model of words (Jelinek & Mercer 1980), the oracle of what a window can know."""

import math
from collections import Counter


def words(sentence):
    """Split into lower-case-preserving words and closing marks, wrapped in two starts and an end."""
    for mark in ',.?!"':
        sentence = sentence.replace(mark, f" {mark} ")
    return ["<s>", "<s>", *sentence.split(), "</s>"]


class Trigram:
    """P(w | u v) = l3 · f(w | u v) + l2 · f(w | v) + l1 · f(w) + l0 / types, with the weights fitted by EM."""

    def __init__(self, sentences, held):
        self.counts = [Counter(), Counter(), Counter()]
        self.contexts = [Counter(), Counter(), Counter()]
        for sentence in sentences:
            text = words(sentence)
            for i in range(2, len(text)):
                for n in range(3):
                    self.counts[n][tuple(text[i - n : i + 1])] += 1
                    self.contexts[n][tuple(text[i - n : i])] += 1
        self.types = len(self.counts[0]) + 1
        self.weights = [0.25] * 4
        for _ in range(8):
            self._expectation_step(held)

    def _parts(self, gram):
        parts = [1 / self.types]
        for n in range(3):
            context = self.contexts[n][gram[2 - n : 2]]
            parts.append(self.counts[n][gram[2 - n :]] / context if context else 0.0)
        return parts

    def _expectation_step(self, held):
        shares = [0.0] * 4
        for sentence in held:
            text = words(sentence)
            for i in range(2, len(text)):
                parts = [w * p for w, p in zip(self.weights, self._parts(tuple(text[i - 2 : i + 1])), strict=True)]
                for k in range(4):
                    shares[k] += parts[k] / sum(parts)
        self.weights = [share / sum(shares) for share in shares]

    def score(self, sentence):
        """Return the natural logarithm of the sentence's probability."""
        text = words(sentence)
        return sum(
            math.log(sum(w * p for w, p in zip(self.weights, self._parts(tuple(text[i - 2 : i + 1])), strict=True)))
            for i in range(2, len(text))
        )


def accuracy(model, pairs):
    """Return the share of pairs whose good sentence is likelier, ties half."""
    total = 0.0
    for pair in pairs:
        good, bad = model.score(pair.sentence_good), model.score(pair.sentence_bad)
        total += 0.5 if abs(good - bad) < 1e-9 else float(good > bad)
    return total / len(pairs)
