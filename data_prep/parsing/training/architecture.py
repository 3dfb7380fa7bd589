"""The pipeline before training: word vectors shared by a tagger and a transition-based dependency parser.

Hashed embeddings of four features of a word (Serrà & Karatzoglou 2017; spaCy's MultiHashEmbed), convolutions with
residual connections, a softmax over UD's tags, and the arc-eager parser of Honnibal & Johnson (2015) with
pseudo-projective labels (Nivre & Nilsson 2005). Only spaCy's own parts are used: plain spaCy
loads the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from climb.base.console import say
from climb.data_prep.parsing.training.conllu import Tree
from climb.data_prep.parsing.training.options import ParserConfig

_RAREST_ACTION = 5
"""Moves of the parser seen less often are not learnt: a label met twice costs more than it brings."""


def blank(lang: str) -> Any:
    """Return spaCy's empty pipeline of a language: its tokenizer alone."""
    import spacy

    try:
        return spacy.blank(lang)
    except ImportError:
        say(f"spaCy has no tokenizer for {lang!r}: its language-neutral one (xx) is taken.")
        return spacy.blank("xx")


def add_parts(nlp: Any, config: ParserConfig) -> None:
    """Add word vectors, tagger and parser, untrained."""
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": config.width, "upstream": "*"}
    nlp.add_pipe("tok2vec", config={"model": _word_vectors(config)})
    tagger = {"@architectures": "spacy.Tagger.v2", "tok2vec": listener, "nO": None, "normalize": False}
    nlp.add_pipe("morphologizer", config={"model": tagger})
    parser = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "parser",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "nO": None,
        "tok2vec": listener,
    }
    nlp.add_pipe("parser", config={"model": parser, "min_action_freq": _RAREST_ACTION})


def _word_vectors(config: ParserConfig) -> dict[str, Any]:
    return {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.MultiHashEmbed.v2",
            "width": config.width,
            # LOWER, not NORM: tokenizers give contractions other norms than words given one by one have.
            "attrs": ["LOWER", "PREFIX", "SUFFIX", "SHAPE"],
            "rows": config.rows,
            "include_static_vectors": False,
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": config.width,
            "depth": config.depth,
            "window_size": 1,
            "maxout_pieces": 3,
        },
    }


def gold_doc(nlp: Any, tree: Tree) -> Any:
    """Return a sentence with its gold analysis as spaCy holds it."""
    from spacy.tokens import Doc

    # spaCy names the root's relation ROOT, and relies on it.
    return Doc(
        nlp.vocab,
        words=list(tree.words),
        spaces=list(tree.spaces),
        pos=list(tree.tags),
        heads=list(tree.heads),
        deps=["ROOT" if head == word else tree.relations[word] for word, head in enumerate(tree.heads)],
    )


def plain_doc(nlp: Any, tree: Tree) -> Any:
    """Return a sentence's gold words without their analysis."""
    from spacy.tokens import Doc

    return Doc(nlp.vocab, words=list(tree.words), spaces=list(tree.spaces))


def examples(nlp: Any, trees: Sequence[Tree]) -> list[Any]:
    """Return what spaCy learns from: the plain words and the gold analysis of each sentence."""
    from spacy.training import Example

    return [Example(plain_doc(nlp, tree), gold_doc(nlp, tree)) for tree in trees]
