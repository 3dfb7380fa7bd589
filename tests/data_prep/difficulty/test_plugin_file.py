from collections.abc import Callable

import numpy as np
import pytest

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.data_prep.difficulty.choosing import known_metrics, metric_key
from climb.data_prep.difficulty.plugin_file import plugin_metrics
from climb.data_prep.options import PrepConfig
from climb.options import resolve
from tests.data_prep.metrics.batches import sentences, tables

COMMAS = """\
from climb.data_prep.metric import Metric

class Commas(Metric):
    name, unit, description = "commas", "commas", "commas in a sentence"

    def sentences(self, batch):
        return [text.count(",") for text in batch.texts]
"""
CLASH = COMMAS.replace('"commas", "commas"', '"length", "commas"')


def config_of(folder, text, name="my_metric.py"):
    (folder / name).write_text(text, encoding="utf-8")
    return PrepConfig(plugin=[str(folder / name)])


def test_a_metric_of_ones_own_is_found_by_its_name(tmp_path):
    config = config_of(tmp_path, COMMAS)
    kind = known_metrics(config)["commas"]
    assert kind(tables(tmp_path)).sentences(sentences(["a, b, c", "d"])).tolist() == [2, 0]
    before = metric_key(kind)
    assert metric_key(known_metrics(config)["commas"]) == before
    changed = config_of(tmp_path, COMMAS.replace('","', '";"'))
    assert metric_key(known_metrics(changed)["commas"]) != before


def test_it_is_prepared_by_worker_processes_and_recorded(prepared: Callable[..., PreparedCorpus], tmp_path):
    (tmp_path / "marks.py").write_text(COMMAS.replace('","', '"."'), encoding="utf-8")
    alone = prepared(plugin=[str(tmp_path / "marks.py")], metrics=["commas", "length"], out=str(tmp_path / "one"))
    shared = prepared(
        plugin=[str(tmp_path / "marks.py")], metrics=["commas", "length"], out=str(tmp_path / "two"), workers=2
    )
    assert alone.scores("commas").mean() > 0
    np.testing.assert_array_equal(alone.scores("commas"), shared.scores("commas"))
    assert alone.manifest.fingerprint == shared.manifest.fingerprint
    [entry] = alone.manifest.options["plugin"]
    assert (entry["metric"], entry["file"], len(entry["sha256"])) == ("commas", "marks.py", 64)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x = 1\n", "my_metric.py holds no metric"),
        ("def f(:\n", "my_metric.py, line 1: SyntaxError"),
        ("\n\nimport nothing_like_it\n", "my_metric.py, line 3: ModuleNotFoundError"),
        (COMMAS.replace('"commas", "commas", ', '"commas", 3, '), "my_metric.py, line 3: Commas lacks unit"),
        (COMMAS.replace("def sentences", "def sentence"), r"line 3: Commas lacks the method sentences"),
        (COMMAS.replace('"commas", "commas"', '"two words", "commas"'), "line 3: 'two words' is no name"),
        (COMMAS + COMMAS.replace("Commas", "Other").split("\n\n", 1)[1], "two metrics are called 'commas'"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path, text, complaint):
    with pytest.raises(UserError, match=complaint) as caught:
        plugin_metrics(config_of(tmp_path, text))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("return [1 / 0 for _ in batch.texts]", r"my_metric\.py, line 7: ZeroDivisionError: division by zero"),
        ("return [1.0]", r"Commas\.sentences must return one number for each of 2 rows"),
        ("return None", r"Commas\.sentences must return one number"),
        ("return ['a', 'b']", r"Commas\.sentences must return one number"),
        ("return [0.0, float('nan')]", r"Commas\.sentences returned nan for row 1: every value must be a finite"),
    ],
)
def test_what_is_wrong_with_its_values_is_said(tmp_path, body, complaint):
    text = COMMAS.replace('return [text.count(",") for text in batch.texts]', body)
    kind = known_metrics(config_of(tmp_path, text))["commas"]
    with pytest.raises(UserError, match=complaint):
        kind(tables(tmp_path)).sentences(sentences(["a, b", "c"]))


def test_names_that_clash_are_refused(tmp_path):
    with pytest.raises(UserError, match="Two metrics are called 'length'"):
        known_metrics(config_of(tmp_path, CLASH))
    both = config_of(tmp_path, COMMAS).plugin + config_of(tmp_path, COMMAS, "other.py").plugin
    with pytest.raises(UserError, match="two metrics are called 'commas'"):
        plugin_metrics(PrepConfig(plugin=both))
    with pytest.raises(UserError, match="there is no such file"):
        plugin_metrics(PrepConfig(plugin=["no.py"]))


def test_a_file_of_settings_names_no_code(tmp_path):
    (tmp_path / "prep.yaml").write_text("plugin: [evil.py]\n")
    with pytest.raises(UserError, match=r"prep\.yaml names a plugin: give code on the command line alone"):
        resolve(PrepConfig, config_file=tmp_path / "prep.yaml")
    (tmp_path / "prep.yaml").write_text("plugin: []\n")
    assert resolve(PrepConfig, config_file=tmp_path / "prep.yaml").plugin == []
