"""What the metrics in `climb.data_prep.metrics` share: counts, word lists, choice, and strings measured alone."""
