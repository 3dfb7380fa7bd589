"""What is in a prepared corpus, for people: report.html in pictures, README.md as a data card for the Hub.

Both are made from the finished folder alone, so they can be made again from any prepared corpus; neither knows
a clock, a path or a machine. Twelve million words take a few seconds; of larger corpora, evenly spaced runs of
blocks are read, and the page says so.
"""

from climb.data_prep.report.card import write_card
from climb.data_prep.report.whole import write_report

__all__ = ["write_card", "write_report"]
