"""The embedded sample corpus: text from a seeded grammar of English, and minimal pairs it never contains.

It is the offline default of the program and the playground of its tests: four registers of any length,
about 2,500 word types with a Zipf-like distribution, and paradigms of minimal pairs in BLiMP's
format that neither an n-gram model nor a count of words can solve. No torch is needed.
"""

from climb.sample_corpus.corpus_files import write_corpus
from climb.sample_corpus.pair_sets import MinimalPair, minimal_pairs, write_minimal_pairs
from climb.sample_corpus.registers import REGISTERS, documents

__all__ = ["REGISTERS", "MinimalPair", "documents", "minimal_pairs", "write_corpus", "write_minimal_pairs"]
