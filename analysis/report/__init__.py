"""The report on runs, one self-contained page: the question, the answer with its uncertainty, then the evidence.

Made from `Runs` alone; the same runs give the same bytes. It knows no clock and no path but those given to it.
"""
