import os
from pathlib import Path

import pytest

from climb.base.errors import UserError
from climb.data_prep.finding import Given, corpus_name, find_files, without_held_out


def test_files_folders_and_globs_without_repetition(tmp_path: Path):
    for name in ("b.train", "a.txt", "c.md"):
        (tmp_path / name).write_text("words\n")
    found = find_files([str(tmp_path / "a.txt"), str(tmp_path), str(tmp_path / "*.train")])
    assert [path.name for path in found] == ["a.txt", "b.train"]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.md", "words", "not plain text"),
        ("a.txt", "", "every file is empty"),
        ("a.txt", "\ufeff \n\n", "every file is empty"),
        (None, "", "matches no text file"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path: Path, name: str | None, content: str, problem: str):
    path = tmp_path / (name or "missing.txt")
    if name:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=problem):
        find_files([str(path)])


def test_a_file_reached_twice_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.txt").write_text("words")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    monkeypatch.chdir(tmp_path)
    found = find_files(["a.txt", str(tmp_path / "a.txt"), f"../{tmp_path.name}/a.txt", "b.txt"])
    assert found == [Given("a.txt")]


def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(UserError, match="no regular file"):
        find_files([str(tmp_path / "a.txt")])


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.txt").write_text("words")

    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(UserError, match=r"a\.txt cannot be read \(Permission denied\)"):
        find_files([str(tmp_path / "a.txt")])


def test_what_is_held_out_is_not_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    train = [Given(str(tmp_path / "a.train")), Given(str(tmp_path / "a.dev"))]
    held_out = [Given(str(tmp_path / "x" / ".." / "a.dev"))]
    (tmp_path / "x").mkdir()
    assert without_held_out(train, held_out) == train[:1]
    assert "not trained on: 1 of" in capsys.readouterr().err
    with pytest.raises(UserError, match="All the text is held out"):
        without_held_out(train[1:], held_out)


def test_an_empty_folder_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match="holds no text file"):
        find_files([str(tmp_path)])


def test_an_empty_file_among_others_is_said_and_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "a.txt").write_text("words")
    (tmp_path / "b.txt").write_text(" \n")
    assert [path.name for path in find_files([str(tmp_path)])] == ["a.txt"]
    assert "b.txt" in capsys.readouterr().err


def test_names_of_corpora():
    assert corpus_name([Given("/x/story.txt")]) == "story"
    assert corpus_name([Given("/x/babylm/train/a.train"), Given("/x/babylm/train/b.train")]) == "babylm"


def test_a_home_folder_does_not_name_a_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert corpus_name([Given(str(tmp_path / "a.txt")), Given(str(tmp_path / "b.txt"))]) == "corpus"
    assert corpus_name([Given("/a.txt"), Given("/b.txt")]) == "corpus"
