"""The Hub is stood in for: what is tested is what we ask of it and make of its answers."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from climb.base.errors import UserError
from climb.data_prep.sources.formats import hub
from climb.data_prep.sources.formats.hub import parse_address, spool_hub
from climb.data_prep.sources.formats.row_format import RowOptions
from tests.data_prep.sources.texts import documents_of, sources_of

ROWS = [{"id": number, "content": f"text {number}", "kind": ["cbt", "qed"][number % 2]} for number in range(250)]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """Let a data set of 250 rows stand on the Hub; record what is asked for."""
    import datasets
    import huggingface_hub

    made: list[tuple] = []

    def load(*args: object, **options: object) -> list[dict]:
        made.append((*args, options))
        return ROWS

    def info(_self: object, repository: str, revision: str | None = None) -> SimpleNamespace:
        if repository == "org/missing":
            raise ConnectionError("offline\nand more")
        return SimpleNamespace(sha=f"{revision or 'main'}-commit")

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", info)
    monkeypatch.setattr(datasets, "get_dataset_split_names", lambda *_args, **_options: ["train", "test"])
    monkeypatch.setattr(datasets, "load_dataset", load)
    return made


@pytest.mark.parametrize(
    ("address", "expected", "label"),
    [
        ("hf://org/name", ("org/name", None, None, None), "name"),
        ("hf://org/name/en", ("org/name", "en", None, None), "name_en"),
        ("hf://org/name/20231101.en@v1.2#test", ("org/name", "20231101.en", "v1.2", "test"), "name_20231101.en"),
        ("hf://org/name@refs/pr/1", ("org/name", None, "refs/pr/1", None), "name"),
    ],
)
def test_addresses(address: str, expected: tuple, label: str):
    found = parse_address(address)
    assert (found.repository, found.config, found.revision, found.split) == expected
    assert found.label == label


@pytest.mark.parametrize("address", ["hf://name", "hf://", "hf://a/b/c/d", "hf://a b/c", "hf://a/b@"])
def test_wrong_addresses_are_refused(address: str):
    with pytest.raises(UserError, match="write hf://org/name"):
        parse_address(address)


def test_rows_are_streamed_once_from_a_fixed_commit(calls: list, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for _ in range(2):
        source = sources_of("hf://org/name@v1", spool=tmp_path)[0]
    assert calls == [("org/name", None, {"split": "train", "revision": "v1-commit", "streaming": True})]
    assert source.label == "name"
    assert source.files[0].name == "org/name@v1-commit#train"
    assert documents_of(source)[0] == [[f"text {number}"] for number in range(250)]
    said = capsys.readouterr().err
    assert "hf://org/name@v1-commit is the same data at any time" in said
    assert "is read from the column 'content'" in said


def test_a_column_names_the_sources(calls: list, tmp_path: Path):
    sources = sources_of("hf://org/name", spool=tmp_path, text_column="content", source_column="kind")
    assert [source.label for source in sources] == ["cbt", "qed"]
    assert documents_of(sources[1])[0] == [[f"text {number}"] for number in range(1, 250, 2)]


def test_validation_takes_the_split_for_it(calls: list, tmp_path: Path):
    _, rows = spool_hub("hf://org/name", "validation", RowOptions(), tmp_path)
    assert rows.name.endswith("#test")


def test_what_cannot_be_had_is_one_sentence_with_the_way_to_get_it(calls: list, tmp_path: Path):
    command = r"hf download --repo-type dataset org/missing --revision v1 --local-dir missing"
    with pytest.raises(UserError, match=rf"org/missing cannot be read \(offline\).*`{command}`") as raised:
        spool_hub("hf://org/missing@v1", "train", RowOptions(), tmp_path)
    assert "\n" not in str(raised.value)
    assert list(tmp_path.glob("hub-*")) == []


def test_a_stream_that_breaks_leaves_nothing_half(calls: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import datasets

    def broken(*_args: object, **_options: object):
        yield from ROWS[:150]
        raise ConnectionError("lost")

    monkeypatch.setattr(datasets, "load_dataset", broken)
    with pytest.raises(UserError, match="lost"):
        spool_hub("hf://org/name", "train", RowOptions(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_number_where_text_belongs_is_named_by_row(calls: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import datasets

    monkeypatch.setattr(datasets, "load_dataset", lambda *_a, **_o: [{"text": "a"}, {"text": 3}])
    with pytest.raises(UserError, match=r"hf://org/name@main-commit, row 2, column 'text' holds a number"):
        spool_hub("hf://org/name", "train", RowOptions(), tmp_path)


def test_code_of_a_data_set_is_never_run():
    source = Path(hub.__file__).read_text(encoding="utf-8")
    assert "trust_remote_code" not in source
