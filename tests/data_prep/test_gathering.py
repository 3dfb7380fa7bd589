from pathlib import Path

from climb.data_prep.finding import find_files
from climb.data_prep.gathering import group_sources


def test_equal_stems_are_one_source_training_first(tmp_path: Path):
    for name in ("cbt.train", "qed.train", "cbt.test", "cbt.dev"):
        (tmp_path / name).write_text("words")
    train = find_files([str(tmp_path / name) for name in ("cbt.train", "qed.train", "cbt.test")])
    sources = group_sources(train, find_files([str(tmp_path / "cbt.dev")]), tmp_path / "spool")
    assert [source.label for source in sources] == ["cbt", "qed"]
    assert [(text.name, text.split) for text in sources[0].files] == [
        ("cbt.train", "train"),
        ("cbt.test", "train"),
        ("cbt.dev", "validation"),
    ]
