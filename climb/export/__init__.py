"""Folders ready for the Hub: a run's model with its card, a prepared corpus with its data card."""
