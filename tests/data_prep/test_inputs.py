from pathlib import Path

import pytest

from climb import sample_corpus
from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.data_prep import PrepConfig, prepare
from climb.data_prep.inputs import make_plan
from tests.data_prep.conftest import make_text


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Stand in for the embedded corpus; record how often and with what it is written."""
    calls: list[tuple[int, int]] = []

    def write_corpus(folder: Path, words: int, seed: int) -> None:
        calls.append((words, seed))
        for register in ("child_directed", "spoken", "story", "encyclopedic"):
            (folder / f"{register}.txt").write_text(make_text(words // 30, seed), encoding="utf-8")

    monkeypatch.setattr(sample_corpus, "write_corpus", write_corpus, raising=False)
    return calls


def test_the_embedded_corpus_is_the_default_and_has_all_ranks(written, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = PrepConfig(sample_words=900, vocab_size=300, block_size=16, workers=1, seed=4)
    corpus = PreparedCorpus(prepare(config))
    assert corpus.folder == Path("data/sample")
    assert corpus.manifest.sources == ["child_directed", "encyclopedic", "spoken", "story"]
    assert {"source_spoken", "source_written"} <= set(corpus.manifest.metrics)
    assert corpus.manifest.options["sample_words"] == 900
    prepare(config)
    assert written == [(900, 4)], "a finished sample corpus is not generated again"
    with pytest.raises(UserError, match=r"other options \(block_size\)"):
        prepare(config.model_copy(update={"block_size": 24}))
    assert len(written) == 1, "nothing is generated before a refusal"
    assert not (corpus.folder / ".work").exists()


def test_a_damaged_sample_corpus_is_made_again(written, tmp_path: Path):
    config = PrepConfig(out=str(tmp_path / "out"), sample_words=900, vocab_size=300, block_size=16, workers=1)
    scores = prepare(config) / "scores.parquet"
    whole = scores.read_bytes()
    scores.unlink()
    prepare(config)
    assert scores.read_bytes() == whole


def test_the_plan_does_not_depend_on_folders_or_workers(tmp_path: Path):
    keys = []
    for folder, workers in (("one", 1), ("two", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text("some words\n", encoding="utf-8")
        config = PrepConfig(sources=[str(tmp_path / folder)], out=str(tmp_path / "out" / folder), workers=workers)
        keys.append(make_plan(config)[1].key)
    assert keys[0] == keys[1]
    config = PrepConfig(sources=[str(tmp_path / "one")], out="x", block_size=64)
    assert make_plan(config)[1].key != keys[0]


def test_options_are_strict_and_described():
    with pytest.raises(ValueError, match="vocab_sise"):
        PrepConfig.model_validate({"vocab_sise": 3})
    assert all(field.description for field in PrepConfig.model_fields.values())


def test_importing_the_room_is_light():
    import subprocess
    import sys

    code = (
        "import sys, climb.data_prep; "
        "heavy = {'torch', 'spacy', 'pyarrow', 'transformers', 'tokenizers', 'numpy'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
