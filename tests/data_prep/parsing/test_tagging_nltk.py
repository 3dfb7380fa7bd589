import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.base.tags import CLIMB_ID, UD_ID, UD_TO_CLIMB
from climb.data_prep.parsing import tagging_nltk
from climb.data_prep.parsing.spacy_parser import Parse

nltk = pytest.importorskip("nltk")

# Petrov, Das & McDonald (2012), the table en-ptb.map of their universal tag set.
PETROV_TABLE = """
# . $ . '' . `` . ( . ) . , . . . : . -LRB- . -RRB- . ! . ? . CC CONJ CD NUM DT DET EX DET FW X IN ADP JJ ADJ JJR ADJ
JJS ADJ LS X MD VERB NN NOUN NNS NOUN NNP NOUN NNPS NOUN PDT DET POS PRT PRP PRON PRP$ PRON RB ADV RBR ADV RBS ADV
RP PRT SYM X TO PRT UH X VB VERB VBD VERB VBG VERB VBN VERB VBP VERB VBZ VERB WDT DET WP PRON WP$ PRON WRB ADV
"""
PETROV = PETROV_TABLE.split()


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model of a few features in NLTK's layout: words it knows, and a guess from the suffix."""
    folder = tmp_path / "taggers" / tagging_nltk.RESOURCE
    folder.mkdir(parents=True)
    known = {
        "the": "DT",
        "The": "DT",
        "to": "TO",
        "in": "IN",
        ".": ".",
        ",": ",",
        "``": "``",
        "''": "''",
        "'s": "POS",
    }
    weights = {"bias": {"NN": 1.0}, "i suffix ing": {"VBG": 3.0}, "i suffix ere": {"EX": 3.0}}
    for kind, value in (("weights", weights), ("tagdict", known), ("classes", ["NN", "VBG", "EX", *known.values()])):
        path = folder / f"averaged_perceptron_tagger_eng.{kind}.json"
        path.write_text(json.dumps(value), encoding="utf-8")
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    tagging_nltk.load_tagger.cache_clear()
    yield tmp_path
    tagging_nltk.load_tagger.cache_clear()


def tagged(sentences: list[str]) -> list[list[tuple[str, int]]]:
    tagging = tagging_nltk.tag_sentences(sentences)
    result, place = [], 0
    for sentence, count in zip(sentences, tagging.pieces.tolist(), strict=True):
        rows = range(place, place + count)
        result.append([(sentence[tagging.starts[i] : tagging.ends[i]], int(tagging.tags[i])) for i in rows])
        place += count
    return result


def test_the_twelve_tags_are_petrovs():
    assert len(PETROV) % 2 == 0
    petrov = dict(zip(PETROV[::2], PETROV[1::2], strict=True))
    assert {ptb: UD_TO_CLIMB[ud] for ptb, ud in tagging_nltk.PTB_TO_UD.items() if ptb != "--"} == petrov
    assert UD_TO_CLIMB[tagging_nltk.PTB_TO_UD["--"]] == "."


def test_pieces_keep_their_places_and_tags(model: Path):
    found = tagged(['The singing, in the dog\'s "house".', "", "there"])
    names = [("The", "DET"), ("singing", "VERB"), (",", "PUNCT"), ("in", "ADP"), ("the", "DET"), ("dog", "NOUN"),
             ("'s", "PART"), ('"', "PUNCT"), ("house", "NOUN"), ('"', "PUNCT"), (".", "PUNCT")]  # fmt: skip
    assert found == [[(text, UD_ID[name]) for text, name in names], [], [("there", UD_ID["DET"])]]


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(st.text(alphabet="ab'`\".,?!() \t\u201cé—$", max_size=30), max_size=3))
def test_pieces_cover_all_but_white_space_in_order(texts: list[str]):
    for text in texts:
        spans = tagging_nltk._spans(text)
        assert all(start < end for start, end in spans)
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
        assert "".join(text[start:end] for start, end in spans).split() == "".join(text.split()).split()


def test_a_parse_takes_the_tags_at_its_pieces(model: Path):
    sentences = ["The singing dog.", "", "to singing-in"]
    starts = [0, 4, 12, 15, 0, 3, 10, 11]
    ends = [3, 11, 15, 16, 2, 10, 11, 13]
    parse = Parse(
        starts=np.array(starts), ends=np.array(ends), tags=np.zeros(8, dtype=np.uint8), heads=np.zeros(8, np.int32),
        relations=np.zeros(8, dtype=np.uint8), pieces=np.array([4, 0, 4]),
    )  # fmt: skip
    names = ["DET", "VERB", "NOUN", "PUNCT", "PART", "NOUN", "NOUN", "NOUN"]
    assert tagging_nltk.retagged(parse, sentences).tags.tolist() == [UD_ID[name] for name in names]


def test_the_fingerprint_follows_the_model(model: Path):
    first = tagging_nltk.inspect_tagger()
    assert first == tagging_nltk.inspect_tagger()
    assert (first.name, first.supervision_words) == ("nltk averaged_perceptron_tagger_eng", 1_000_000)
    classes = next(model.rglob("*.classes.json"))
    classes.write_text(classes.read_text(encoding="utf-8").replace("VBG", "VBZ"), encoding="utf-8")
    assert tagging_nltk.inspect_tagger().fingerprint != first.fingerprint


def test_what_is_missing_is_named_with_the_command(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    next(model.rglob("*.weights.json")).write_text("no json", encoding="utf-8")
    with pytest.raises(UserError, match=r"cannot be read .*--force averaged_perceptron_tagger_eng"):
        tagging_nltk.load_tagger()
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path / "nothing")])
    with pytest.raises(UserError, match=r"`python -m nltk\.downloader averaged_perceptron_tagger_eng`"):
        tagging_nltk.load_tagger()
    monkeypatch.setattr(nltk, "__version__", "3.8.1")
    with pytest.raises(UserError, match=r"NLTK 3\.9 or newer, not 3\.8\.1"):
        tagging_nltk.load_tagger()
    monkeypatch.setitem(sys.modules, "nltk", None)
    with pytest.raises(UserError, match=r"pip install 'climb-lm\[nltk\]'"):
        tagging_nltk.load_tagger()


def test_a_corpus_takes_its_tags_from_nltk(model: Path, prepared):
    corpus = prepared(tagger="nltk", parse=False)
    manifest = corpus.manifest
    assert (manifest.tagger, manifest.supervision_words) == ("nltk averaged_perceptron_tagger_eng", 1_000_000)
    assert manifest.options["tagger"].startswith("nltk averaged_perceptron_tagger_eng ")
    assert "depth" not in manifest.metrics
    lexicon = corpus.lexicon()
    the = list(lexicon["text"]).index(" the")
    assert lexicon["tag_counts"][the][CLIMB_ID["DET"]] == lexicon["count"][the] > 0
