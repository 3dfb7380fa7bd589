"""The orders in which the vocabulary opens, one a file: frequency, part of speech, both, age of acquisition."""
