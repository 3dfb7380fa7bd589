"""Small corpora and a spaCy pipeline trained in seconds, shared by the tests of this room."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from climb.base.corpus import PreparedCorpus
from climb.data_prep import PrepConfig, prepare

_NOUNS = ["dog", "cat", "tree", "river", "teacher", "window", "story", "garden", "letter", "mountain"]
_VERBS = ["sees", "likes", "finds", "follows", "remembers", "paints"]
_TAGGED = [
    ("The dog sees a cat .", "DET NOUN VERB DET NOUN PUNCT", [1, 2, 2, 4, 2, 2]),
    ("A cat likes the river .", "DET NOUN VERB DET NOUN PUNCT", [1, 2, 2, 4, 2, 2]),
    ("She finds the old letter .", "PRON VERB DET ADJ NOUN PUNCT", [1, 1, 4, 4, 1, 1]),
    ("He remembers a story .", "PRON VERB DET NOUN PUNCT", [1, 1, 3, 1, 1]),
    ("The teacher sees old trees .", "DET NOUN VERB ADJ NOUN PUNCT", [1, 2, 2, 4, 2, 2]),
    ("Birds sing .", "NOUN VERB PUNCT", [1, 1, 1]),
]


def make_text(lines: int, seed: int, blank_every: int = 0) -> str:
    """Return sentences of a toy grammar, a line each, with blank lines between documents when asked."""
    dice = random.Random(seed)
    written = []
    for number in range(lines):
        subject, verb, thing = dice.choice(_NOUNS), dice.choice(_VERBS), dice.choice(_NOUNS)
        mark = dice.choice([".", "!", "?"])
        line = f"The {subject} {verb} the {'old ' * dice.randrange(3)}{thing}{mark}"
        if dice.random() < 0.3:
            line += f" Then it {verb} a {thing} near the {dice.choice(_NOUNS)}."
        written.append(line)
        if blank_every and number % blank_every == blank_every - 1:
            written.append("")
    return "\n".join(written) + "\n"


@pytest.fixture
def corpus_files(tmp_path: Path) -> list[str]:
    """Three sources of known families and one file of another split."""
    folder = tmp_path / "text"
    folder.mkdir()
    for seed, (name, blanks) in enumerate({"childes.train": 0, "simple_wiki.train": 6, "cbt.train": 0}.items()):
        (folder / name).write_text(make_text(260, seed, blanks), encoding="utf-8")
    return [str(folder)]


@pytest.fixture
def prepared(tmp_path: Path, corpus_files: list[str]) -> Callable[..., PreparedCorpus]:
    """Return a function that prepares the small corpus with some options and opens the result."""

    def build(**options: object) -> PreparedCorpus:
        settings: dict[str, object] = {"sources": corpus_files, "vocab_size": 320, "block_size": 16, "workers": 1}
        settings |= {"cache": False, "parse": "spacy_model" in options}
        settings |= options
        settings.setdefault("out", str(tmp_path / "out"))
        return PreparedCorpus(prepare(PrepConfig.model_validate(settings)))

    return build


@pytest.fixture(scope="session")
def spacy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tagger and parser trained for a second on a few made-up sentences."""
    spacy = pytest.importorskip("spacy")
    from spacy.tokens import Doc
    from spacy.training import Example

    nlp = spacy.blank("en")
    nlp.meta["name"], nlp.meta["version"] = "toy", "1.0.0"
    nlp.add_pipe("morphologizer")
    nlp.add_pipe("parser", config={"min_action_freq": 1})
    examples = []
    for text, tags, heads in _TAGGED:
        words = text.split()
        labels = ["ROOT" if head == place else "dep" for place, head in enumerate(heads)]
        gold = Doc(
            nlp.vocab, words, pos=tags.split(), heads=heads, deps=labels, sent_starts=[1] + [0] * (len(words) - 1)
        )
        examples.append(Example(Doc(nlp.vocab, words), gold))
    spacy.util.fix_random_seed(0)
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(12):
        nlp.update(examples, sgd=optimizer)
    folder = tmp_path_factory.mktemp("spacy") / "toy"
    nlp.to_disk(folder)
    return folder
