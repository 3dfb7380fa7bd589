"""Clauses per sentence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from climb.base.tags import RELATION_ID, UD_ID
from climb.data_prep.metric import Metric, SentenceBatch, Values
from climb.data_prep.parsing.dependencies import IntArray

_SUBORDINATE = ("csubj", "ccomp", "advcl", "acl")
_OF_A_PREDICATE = ("nsubj", "csubj", "cop", "aux", "expl")


class Clauses(Metric):
    """Number of clauses of a sentence, from Universal Dependencies.

    Counted are the main clause (a root that is not punctuation, so that a fragment such as "Yes." is one), every
    subordinate clause (csubj, ccomp, advcl, acl with relative clauses), and every xcomp, parataxis and conj that
    is a predicate: a verb or auxiliary, or a word with a subject, copula, auxiliary or expletive of its own. A conj
    counts only where the word it is joined to counts: "She sang and danced" has two clauses, "songs and dances"
    none, "tall and strong" as a predicate one. Clause ratios of this kind are the measures of syntactic complexity
    of Lu (2010), there from constituents.
    """

    name = "clauses"
    unit = "clauses per sentence"
    description = "mean number of clauses per sentence"
    needs_parser = True

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the clauses of each sentence."""
        if batch.heads is None or batch.pieces is None or batch.relations is None:
            raise ValueError("clauses needs sentences parsed with relations")
        found = clause_heads(batch.heads, batch.relations, batch.tags)
        run = np.repeat(np.arange(len(batch.pieces)), batch.pieces)
        return np.bincount(run[found], minlength=len(batch.pieces)).astype(np.float64)


def clause_heads(
    heads: IntArray, relations: npt.NDArray[np.uint8], tags: npt.NDArray[np.uint8] | None
) -> npt.NDArray[np.bool_]:
    """Return whether each piece is the head of a clause [P].

    Args:
        heads: head minus own position, 0 at a root [P].
        relations: positions in `UD_RELATIONS` [P].
        tags: positions in `UD_TAGS` [P], or None.
    """
    above = np.arange(len(heads)) + heads
    predicate = np.zeros(len(heads), dtype=bool)
    predicate[above[_are(relations, _OF_A_PREDICATE) & (heads != 0)]] = True
    root = heads == 0
    if tags is not None:
        predicate |= (tags == UD_ID["VERB"]) | (tags == UD_ID["AUX"])
        root &= tags != UD_ID["PUNCT"]
    found: npt.NDArray[np.bool_] = root | ((heads != 0) & _are(relations, _SUBORDINATE))
    found |= (heads != 0) & predicate & _are(relations, ("xcomp", "parataxis"))
    joined = (heads != 0) & predicate & _are(relations, ("conj",))
    while True:
        more = joined & found[above] & ~found
        if not more.any():
            return found
        found |= more


def _are(relations: npt.NDArray[np.uint8], names: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Return which relations are among some [P]."""
    return np.asarray(np.isin(relations, np.array([RELATION_ID[name] for name in names], dtype=np.uint8)))
