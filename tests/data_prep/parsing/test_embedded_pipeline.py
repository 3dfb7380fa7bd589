"""The English pipeline that climb brings along: size, licence, analyses of known sentences, scores on a treebank."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from climb.base.tags import UD_RELATIONS, UD_TAGS
from climb.data_prep.parsing.spacy_parser import EMBEDDED, inspect_pipeline, load_pipeline, parse_sentences
from climb.data_prep.parsing.training.conllu import read_conllu
from climb.data_prep.parsing.training.scores import score_pipeline

spacy = pytest.importorskip("spacy")

# Words, tags, heads (0: the root) and relations by the guidelines of Universal Dependencies.
KNOWN = [
    (
        "The old man's dog didn't see her.",
        "The old man 's dog did n't see her .",
        "DET ADJ NOUN PART NOUN AUX PART VERB PRON PUNCT",
        [3, 3, 5, 3, 8, 8, 8, 0, 8, 8],
        "det amod nmod case nsubj aux advmod root obj punct",
    ),
    (
        "She gave the book to the teacher yesterday.",
        "She gave the book to the teacher yesterday .",
        "PRON VERB DET NOUN ADP DET NOUN NOUN PUNCT",
        [2, 0, 4, 2, 7, 7, 2, 2, 2],
        "nsubj root det obj case det obl obl punct",
    ),
    (
        "The letter was written by a child.",
        "The letter was written by a child .",
        "DET NOUN AUX VERB ADP DET NOUN PUNCT",
        [2, 4, 4, 0, 7, 7, 4, 4],
        "det nsubj aux root case det obl punct",
    ),
    (
        "I think that birds can fly.",
        "I think that birds can fly .",
        "PRON VERB SCONJ NOUN AUX VERB PUNCT",
        [2, 0, 6, 6, 6, 2, 2],
        "nsubj root mark nsubj aux ccomp punct",
    ),
    # Speech in lower case, without a mark at the end.
    ("do you want some more juice", "do you want some more juice", "AUX PRON VERB DET ADJ NOUN", [3, 3, 0, 6, 6, 3],
     "aux nsubj root det amod obj"),
    ("that's a big truck", "that 's a big truck", "PRON AUX DET ADJ NOUN", [5, 5, 5, 5, 0],
     "nsubj cop det amod root"),
    ("where did the dog go ?", "where did the dog go ?", "ADV AUX DET NOUN VERB PUNCT", [5, 5, 4, 5, 0, 5],
     "advmod aux det nsubj root punct"),
    # Typographic apostrophe.
    ("He doesn’t like it.", "He does n’t like it .", "PRON AUX PART VERB PRON PUNCT", [4, 4, 4, 0, 4, 4],
     "nsubj aux advmod root obj punct"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "tags", "heads", "relations"), KNOWN, ids=[case[0] for case in KNOWN])
def test_known_sentences(text, words, tags, heads, relations):
    parse = parse_sentences(load_pipeline(None), [text])
    assert [text[start:end] for start, end in zip(parse.starts, parse.ends, strict=True)] == words.split()
    assert [UD_TAGS[tag] for tag in parse.tags] == tags.split()
    places = np.arange(1, len(heads) + 1)
    assert np.where(parse.heads == 0, 0, places + parse.heads).tolist() == heads
    assert [UD_RELATIONS[relation] for relation in parse.relations] == relations.split()


def test_it_is_small_licensed_and_named():
    files = [path for path in EMBEDDED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 8_000_000
    assert "Attribution-ShareAlike 4.0" in (EMBEDDED / "LICENSE").read_text(encoding="utf-8")
    meta = json.loads((EMBEDDED / "meta.json").read_text(encoding="utf-8"))
    assert meta["license"] == "CC BY-SA 4.0"
    found = inspect_pipeline(None)
    assert (found.tags, found.parses) == (True, True)
    assert found.supervision_words == meta["training_words"] == 204_577 + 48_655 + 152_310
    assert found == inspect_pipeline(None)
    assert found.name == "en_ud 1.0.0"


def test_its_readme_tells_the_scores_of_its_meta_file():
    text = (EMBEDDED / "README.md").read_text(encoding="utf-8")
    meta = json.loads((EMBEDDED / "meta.json").read_text(encoding="utf-8"))
    for name, scores in meta["performance"].items():
        figures = " | ".join(f"{scores[key]:.2f}" for key in ("upos", "uas", "las"))
        assert re.search(rf"{name.split('_')[1].split('-')[0]}.*\| {figures} \|", text, re.IGNORECASE), (
            name,
            figures,
        )
    for name in ("UD_English-EWT", "UD_English-Atis", "UD_English-CHILDES", "CC BY-SA 4.0", "climb parser train"):
        assert name in text


def test_plain_spacy_loads_it():
    doc = spacy.load(EMBEDDED)("Birds sing. Dogs bark at night.")
    assert [token.pos_ for token in doc[:2]] == ["NOUN", "VERB"]
    assert [sentence.text for sentence in doc.sents] == ["Birds sing.", "Dogs bark at night."]


@pytest.mark.parametrize(
    ("treebank", "upos", "uas", "las"),
    [("EWT/en_ewt", 93.5, 83.0, 79.0), ("Atis/en_atis", 97.5, 92.0, 87.0), ("CHILDES/en_childes", 96.0, 92.0, 89.0)],
)
def test_it_reaches_its_scores_on_development_text(shared: Path, treebank, upos, uas, las):
    path = shared / "data" / "treebank" / f"{treebank}-ud-dev.conllu"
    if not path.is_file():
        pytest.skip(f"no treebank at {path}")
    scores = score_pipeline(load_pipeline(None), read_conllu(path))
    assert (scores.upos >= upos, scores.uas >= uas, scores.las >= las) == (True, True, True), scores
