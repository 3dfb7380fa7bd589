"""Honest statistics at three to five seeds: a two-way additive model, Dunnett's comparisons, means, curves, items."""
