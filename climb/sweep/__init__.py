"""Sweeps: many runs from one file, on one declared budget, each an ordinary run folder."""
