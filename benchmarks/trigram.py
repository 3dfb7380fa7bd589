"""What an interpolated 3-gram model of the sample corpus gets on the corpus's own minimal pairs.

    python -m benchmarks.trigram --words 1000000

A grammar that a 3-gram model solves would be a toy; the demo trains on a million words of it.
"""

from __future__ import annotations

import argparse
from itertools import islice

from climb.sample_corpus import REGISTERS, documents, minimal_pairs
from tests.sample_corpus.trigram import Trigram, accuracy


def text(words: int) -> list[str]:
    """Return the sentences of the first documents of every register, `words` words in all."""
    sentences: list[str] = []
    for register in REGISTERS:
        taken = 0
        for document in documents(register, 0):
            sentences += document
            taken += sum(len(sentence.split()) for sentence in document)
            if taken >= words / len(REGISTERS):
                break
    return sentences


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=200, help="pairs per paradigm")
    arguments = parser.parse_args()
    held_out = [sentence for document in islice(documents("story", 1), 30) for sentence in document]
    model = Trigram(text(arguments.words), held_out)
    for paradigm, pairs in minimal_pairs(arguments.pairs, 0).items():
        print(f"{accuracy(model, pairs):6.1%}  {paradigm}")


if __name__ == "__main__":
    main()
