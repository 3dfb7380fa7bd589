import json
from pathlib import Path

import numpy as np
import pytest

from climb.base.errors import UserError
from climb.data_prep.difficulty.metric_files import age_of_acquisition, read_metric_files, with_absolute_files
from climb.data_prep.difficulty.norms import norm_file, norm_metrics, read_norm, read_norms, token_norms
from climb.data_prep.difficulty.word_values import WordValues, averaged, forms_of, summed
from climb.data_prep.metrics.rarity_given import GivenRarity
from climb.data_prep.options import PrepConfig
from climb.data_prep.tokens.words import word_hash
from tests.data_prep.metrics.batches import sentences, tables

NORMS = "Word;AoA_Kup;Conc\nCat;2,5;5\ncat;3,5;5\nfiancée;8,5;NA\n'Tis;9;2\ndo;3;1\n"


@pytest.fixture
def norms(tmp_path: Path) -> Path:
    path = tmp_path / "norms.csv"
    path.write_bytes(NORMS.encode("latin-1"))
    return path


def metric_of(text: str, folder: Path, corpus=()):
    [kind] = norm_metrics(PrepConfig(norms=[text])).values()
    return kind, kind(tables(folder, corpus))


def test_a_sentence_has_the_mean_of_its_covered_words(norms, tmp_path):
    kind, metric = metric_of(str(norms), tmp_path, ["the cat , the fiancée", "xyz"])
    assert (kind.name, kind.unit) == ("aoa", "years")
    # Cat and cat are averaged to 3; 'Tis loses its edge; the dog's cat's = cat; don't = do.
    texts = ["The CAT sat.", "A fiancée’s cat!", "'tis", "Don’t", "don't do", "Nothing known here.", "", "..."]
    filler = np.average([3, 8.5])
    expected = [3, (8.5 + 3) / 2, 9, 3, 3, filler, filler, filler]
    np.testing.assert_allclose(metric.sentences(sentences(texts)), expected)
    assert kind.described(metric.tables).endswith("33.3% of the running words have one")


def test_without_any_covered_word_in_training_the_lists_mean_is_taken(norms, tmp_path):
    _, metric = metric_of(f"{norms}:Conc", tmp_path, ["qqq"])
    values = read_norm(norm_file(f"{norms}:Conc")).table.values
    assert metric.sentences(sentences(["zzz", "cat"])).tolist() == [pytest.approx(values.mean()), 5]


def test_names_columns_and_turning(norms):
    assert norm_file(str(norms)).column is None
    assert read_norm(norm_file(f"{norms}:Conc")).name == "conc"
    turned = read_norm(norm_file(f"hard={norms}:-Conc"))
    assert (turned.name, turned.column, turned.turned) == ("hard", "Conc", True)
    assert turned.table.find(np.array([word_hash("cat")], dtype=np.uint64))[0].tolist() == [-5]
    named = norm_file(f"{norms}:Word:AoA_Kup")
    assert (named.words, named.column) == ("Word", "AoA_Kup")
    assert norm_file(named.absolute()) == norm_file(f"{norms.resolve()}:Word:AoA_Kup")
    for text in (f"hard={norms}:-Conc", str(norms), f"x={norms}", f"{norms}:Conc"):
        again, once = norm_file(norm_file(text).absolute()), norm_file(text)
        assert (again.name, again.words, again.column, again.turned) == (
            once.name,
            once.words,
            once.column,
            once.turned,
        )


def test_a_file_may_have_a_colon_or_an_equal_sign_in_its_name(tmp_path):
    path = tmp_path / "a=b:c.csv"
    path.write_text("word,aoa\ncat,2\n")
    assert norm_file(str(path)).path == path
    assert norm_file(f"x={path}:aoa").column == "aoa"


@pytest.mark.parametrize("text", ["no.csv", "x=no.csv:aoa", ""])
def test_a_missing_file_is_said(text):
    with pytest.raises(UserError, match=r"there is no such file; write \[NAME=\]FILE\[:COLUMN\]"):
        norm_file(text)


def test_two_norms_of_one_name_are_refused(norms):
    with pytest.raises(UserError, match="Two norms are called 'aoa': name one, as in --norms other="):
        read_norms(PrepConfig(norms=[str(norms), f"{norms}:AoA_Kup"]))
    assert set(read_norms(PrepConfig(norms=[str(norms), f"b={norms}:Conc"]))) == {"aoa", "b"}


def test_what_is_recorded_names_no_folder(norms, capsys):
    config = PrepConfig(norms=[str(norms)], source_ranks=["cbt=1"])
    recorded = read_metric_files(config)
    assert str(norms.parent) not in json.dumps(recorded)
    assert recorded["norms"][0] | {"sha256": ""} == {
        "name": "aoa", "file": "norms.csv", "sha256": "", "words": "Word", "column": "AoA_Kup",
    }  # fmt: skip
    assert recorded["source_ranks"] == {"cbt": 1.0}
    assert (
        "metric aoa is column AoA_Kup of 4 words (column Word), read as Latin-1"
        in capsys.readouterr().err.replace("\n", "")
    )


def test_files_are_made_absolute_for_workers(norms, monkeypatch):
    monkeypatch.chdir(norms.parent)
    config = with_absolute_files(
        PrepConfig(norms=["norms.csv:AoA_Kup"], frequencies="norms.csv", source_ranks=["a=1"])
    )
    assert config.norms == [f"{norms.resolve()}:AoA_Kup"]
    assert config.frequencies == str(norms.resolve())
    assert config.source_ranks == ["a=1"]


def test_tokens_that_are_whole_words_have_a_norm(norms):
    norm = age_of_acquisition(PrepConfig(norms=[str(norms)]))
    assert norm is not None
    found = token_norms([" cat", "cat", " Cat", " ca", "<s>", " fiancée", " ", "", " cat."], norm)
    np.testing.assert_array_equal(
        found, np.array([3, np.nan, 3, np.nan, np.nan, 8.5, np.nan, np.nan, np.nan], np.float32)
    )
    assert age_of_acquisition(PrepConfig(norms=[f"{norms}:Conc"])) is None


def test_forms_and_sums():
    assert forms_of("it's") == []
    assert {"they'll", "they’ve", "they's"} <= set(forms_of("they"))
    assert "won't" in forms_of("will")
    table = WordValues.of({"do": 1.0, "don't": 7.0})
    hashes = np.array([word_hash(word) for word in ("do", "don't", "don’t", "do's", "did")], dtype=np.uint64)
    values, found = table.find(hashes)
    assert values.tolist() == [1, 7, 7, 1, 0]
    assert found.tolist() == [True, True, True, True, False]
    assert summed(["What", "what", "?!", " "], [1, 2, 4, 8]) == {"what": 3, "?!": 4}
    assert averaged(["What", "what", "cat"], [1, 2, 4]) == {"what": 1.5, "cat": 4}
    assert WordValues.of({}).find(hashes)[1].sum() == 0


def frequency_metric(path: Path, text: str, folder: Path, corpus=()):
    path.write_text(text, encoding="utf-8")
    kind = GivenRarity.configured(PrepConfig(frequencies=str(path)))
    return kind, kind(tables(folder, corpus))


def test_rarity_in_a_list_is_smoothed_by_adding_one(tmp_path):
    text = json.dumps([{"word": "The", "count": 5}, {"word": "the", "count": 2}, {"word": "cat", "count": 1}])
    kind, metric = frequency_metric(tmp_path / "list.json", text, tmp_path, ["the cat sat", "the mat"])
    # 8 counts and 2 types: Σ = 10.
    bits = {"the": -np.log2(8 / 10), "cat": -np.log2(2 / 10), "other": -np.log2(1 / 10)}
    expected = [np.mean([bits["the"], bits["cat"], bits["other"]]), bits["cat"], bits["other"], 0]
    np.testing.assert_allclose(metric.sentences(sentences(["The cat sat.", "cat's", "zebra", ""])), expected)
    assert sum(2 ** -bits[word] for word in bits) == pytest.approx(1.1)  # one share for each missing word
    assert kind.described(metric.tables).endswith("it lacks 40.0% of the running words")


def test_relative_frequencies_are_smoothed_by_the_smallest(tmp_path):
    _, metric = frequency_metric(tmp_path / "list.csv", "word,freq\nthe,0.75\ncat,0.25\n", tmp_path)
    total = 1 + 2 * 0.25
    expected = [-np.log2(1 / total), -np.log2(0.5 / total), -np.log2(0.25 / total)]
    np.testing.assert_allclose(metric.sentences(sentences(["the", "cat", "dog"])), expected)


@pytest.mark.parametrize("text", ["word,count\nthe,-1\n", "word,count\nthe,0\n"])
def test_lists_without_counts_are_refused(tmp_path, text):
    with pytest.raises(UserError, match="holds no counts"):
        frequency_metric(tmp_path / "list.csv", text, tmp_path)


def test_the_published_norms(shared, tmp_path):
    path = shared / "data" / "vocab" / "AoA_51715_words.csv"
    norm = read_norm(norm_file(f"{path}:AoA_Kup"))
    assert (norm.name, norm.entries, norm.encoding, norm.word_column) == ("aoa", 31_105, "Latin-1", "Word")
    values, found = norm.table.find(
        np.array([word_hash(word) for word in ("momma", "water", "fiancee")], dtype=np.uint64)
    )
    assert values[0] == 1.58
    assert found.tolist() == [True, True, True]
    assert read_norm(norm_file(str(path))).column == "AoA_Kup_lem"
