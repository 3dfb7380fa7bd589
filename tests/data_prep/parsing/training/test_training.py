"""Training is a function of recipe and treebanks: twice the same bytes, stopped and resumed the same bytes."""

import hashlib
import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from climb.base.errors import Interrupted, UserError
from climb.data_prep.parsing.training import training
from climb.data_prep.parsing.training.architecture import add_parts, blank, examples
from climb.data_prep.parsing.training.conllu import Tree, read_conllu
from climb.data_prep.parsing.training.options import ParserConfig
from climb.data_prep.parsing.training.scores import Scores, score_pipeline
from climb.data_prep.parsing.training.training import ParserTraining, selection_score, train_parser
from tests.data_prep.parsing.training.conftest import conllu

spacy = pytest.importorskip("spacy")

TINY = {"width": 16, "depth": 1, "rows": [60, 20, 40, 20], "steps": 30, "batch_words": 80, "eval_every": 10}


def digests(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def recipe(treebank, tmp_path):
    """Return a function that gives a tiny recipe with some options."""
    train, dev = treebank(), treebank("dev.conllu", 20, seed=1)

    def build(out: str = "out", **options) -> ParserConfig:
        settings = {"files": [str(train)], "dev": [str(dev)], "out": str(tmp_path / out), "learning_rate": 0.02}
        return ParserConfig(**{**settings, **TINY, **options})

    return build


def test_the_same_recipe_gives_the_same_bytes(recipe, tmp_path):
    one, scores = train_parser(recipe("one"))
    two, _ = train_parser(recipe("two"))
    assert digests(one) == digests(two)
    assert digests(train_parser(recipe("three", seed=1))[0]) != digests(one)
    (score,) = scores.values()
    assert score.words == sum(len(tree.words) for tree in read_conllu(tmp_path / "dev.conllu"))
    assert score.upos > 90, "the toy grammar has five classes of words"
    meta = json.loads((one / "meta.json").read_text())
    assert meta["training_words"] == sum(len(tree.words) for tree in read_conllu(tmp_path / "toy.conllu"))
    assert meta["performance"]["dev.conllu"]["las"] == score.las
    assert str(tmp_path) not in json.dumps(meta)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_plain_spacy_loads_the_result(recipe, treebank):
    folder, scores = train_parser(recipe())
    trees = read_conllu(treebank("dev.conllu", 20, seed=1))
    assert score_pipeline(spacy.load(folder), trees) == scores["dev.conllu"]
    doc = spacy.load(folder)("The dog sees a cat.")
    assert [token.pos_ for token in doc] == ["DET", "NOUN", "VERB", "DET", "NOUN", "PUNCT"]


@pytest.mark.parametrize("stop_at", [1, 10, 17])
def test_stopped_and_resumed_is_uninterrupted(recipe, monkeypatch, stop_at):
    whole, scores = train_parser(recipe("whole"))
    step = ParserTraining._step

    def interrupt(self: ParserTraining, number: int) -> None:
        step(self, number)
        if number + 1 == stop_at:
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(ParserTraining, "_step", interrupt)
        with pytest.raises(Interrupted, match=f"after step {stop_at} of 30"):
            train_parser(recipe("stopped"))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    done: list[int] = []
    monkeypatch.setattr(ParserTraining, "_step", lambda self, number: (done.append(number), step(self, number))[1])
    resumed, again = train_parser(recipe("stopped"))
    assert done == list(range(stop_at, 30))
    assert digests(resumed) == digests(whole)
    assert again == scores


def test_killed_goes_on_from_the_last_saved_state(recipe, monkeypatch):
    whole, _ = train_parser(recipe("whole"))
    step = ParserTraining._step

    def die(self: ParserTraining, number: int) -> None:
        if number == 14:
            raise MemoryError
        step(self, number)

    with monkeypatch.context() as patch:
        patch.setattr(ParserTraining, "_step", die)
        with pytest.raises(MemoryError):
            train_parser(recipe("killed"))
    done: list[int] = []
    monkeypatch.setattr(ParserTraining, "_step", lambda self, number: (done.append(number), step(self, number))[1])
    assert digests(train_parser(recipe("killed"))[0]) == digests(whole)
    assert done[0] == 10


def test_a_damaged_or_foreign_state_starts_anew(recipe, tmp_path, capsys):
    whole, _ = train_parser(recipe("whole"))
    work = tmp_path / ".out.training"
    work.mkdir()
    (work / "state.npz").write_bytes(b"PK\x03\x04 torn")
    assert digests(train_parser(recipe())[0]) == digests(whole)
    assert "is damaged" in capsys.readouterr().err
    other = tmp_path / ".other.training"
    other.mkdir()
    np.savez(other / "state.npz", facts=np.array(json.dumps({"recipe": "another"})))
    assert digests(train_parser(recipe("other"))[0]) == digests(whole)
    assert "another recipe" in capsys.readouterr().err


def test_a_finished_pipeline_is_left_alone(recipe, monkeypatch, tmp_path):
    folder, scores = train_parser(recipe())
    monkeypatch.setattr(training, "ParserTraining", None)
    assert train_parser(recipe()) == (folder, scores)
    with pytest.raises(UserError, match="another recipe"):
        train_parser(recipe(seed=5))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("\\title{}")
    with pytest.raises(UserError, match="something else"):
        train_parser(recipe("mine"))


def test_the_best_state_is_kept(recipe, monkeypatch):
    """The second of three looks scores best: the weights of step 20 are written."""
    looks = iter([50.0, 90.0, 70.0])
    kept: dict[int, list[bytes]] = {}
    look = ParserTraining._look

    def watch(self: ParserTraining) -> str:
        note = look(self)
        averages = self._state.averages()
        kept[self._state.progress.step] = [averages[key].tobytes() for _, key in self._state.parameters()]
        return note

    monkeypatch.setattr(ParserTraining, "_look", watch)
    monkeypatch.setattr(training, "selection_score", lambda scores: next(looks))
    folder, _ = train_parser(recipe())
    nlp = spacy.load(folder)
    found = [
        node.get_param(name) for _, pipe in nlp.pipeline for node in pipe.model.walk() for name in node.param_names
    ]
    assert sorted(weights.tobytes() for weights in found) == sorted(kept[20])


def test_selection_is_the_mean_of_tags_and_labelled_heads_over_files():
    assert selection_score([Scores(10, 90, 0, 80), Scores(1000, 100, 0, 90)]) == 90.0


def test_without_development_files_the_last_state_is_kept(recipe):
    folder, scores = train_parser(recipe(dev=[]))
    assert scores == {}
    assert json.loads((folder / "meta.json").read_text())["performance"] == {}


def test_crossing_arcs_are_learnt(tmp_path):
    """`A hearing is scheduled on the issue today`: the arc hearing → issue crosses is → scheduled."""
    rows = [
        ("A", "DET", 2, "det"), ("hearing", "NOUN", 4, "nsubj"), ("is", "AUX", 4, "aux"),
        ("scheduled", "VERB", 0, "root"), ("on", "ADP", 7, "case"), ("the", "DET", 7, "det"),
        ("issue", "NOUN", 2, "nmod"), ("today", "ADV", 4, "advmod"),
    ]  # fmt: skip
    path = tmp_path / "crossing.conllu"
    path.write_text(conllu([rows] * 12), encoding="utf-8")
    settings = {**TINY, "steps": 60, "learning_rate": 0.02, "joined": 0, "lowercase": 0, "typographic": 0}
    folder, scores = train_parser(
        ParserConfig(files=[str(path)], dev=[str(path)], out=str(tmp_path / "o"), **settings)
    )
    assert scores["crossing.conllu"].las == 100.0
    doc = spacy.load(folder)("A hearing is scheduled on the issue today")
    assert doc[6].head.text == "hearing"
    assert doc[6].dep_ == "nmod"


def test_gold_analyses_reach_spacy_unchanged():
    tree = Tree(
        ("don", "'t", "go"), (False, True, False), ("AUX", "PART", "VERB"), (2, 2, 2), ("aux", "advmod", "root")
    )
    nlp = blank("en")
    (example,) = examples(nlp, [tree])
    assert example.reference.text == "don't go"
    assert [token.pos_ for token in example.reference] == list(tree.tags)
    assert [token.head.i for token in example.reference] == list(tree.heads)
    assert [token.dep_ for token in example.reference] == ["aux", "advmod", "ROOT"]
    assert not example.predicted.has_annotation("DEP")
    add_parts(nlp, ParserConfig(**TINY))
    assert nlp.pipe_names == ["tok2vec", "morphologizer", "parser"]


def test_a_language_without_tokenizer_takes_the_neutral_one(capsys):
    assert blank("sw").lang in ("sw", "xx")
    assert blank("zzz").lang == "xx"
    assert "language-neutral" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"files": []}, "No treebank was given"),
        ({"files": ["nowhere.conllu"]}, r"nowhere.conllu: No such file"),
        ({"dev": ["nowhere.conllu"]}, r"nowhere.conllu: No such file"),
        ({"weights": [1.0, 2.0]}, "a number above 0 for each of the 1 files"),
        ({"weights": [0.0]}, "a number above 0"),
    ],
)
def test_wrong_options_are_one_sentence(recipe, options, complaint):
    with pytest.raises(UserError, match=complaint):
        train_parser(recipe(**options))
