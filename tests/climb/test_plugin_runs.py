"""Runs with code of a user's own: recorded by checksum, repeated only with the same file."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.base.files import sha256_file
from climb.curricula.plugins import use_plugins
from climb.data_prep import PrepConfig, prepare
from climb.options import resolve
from climb.run_folder import already_done
from climb.training import TrainConfig, train
from tests.curricula.test_plugins import SMOOTH, file_of
from tests.data_prep.conftest import make_text

FAST = {"max_steps": 4, "curriculum": "vocab_smooth", "evaluations": 1}


@pytest.fixture(autouse=True)
def nothing_stays():
    yield
    use_plugins([])


def test_a_run_remembers_its_plugin_and_is_repeated_with_it(tiny, tmp_path: Path) -> None:
    own = file_of(tmp_path, SMOOTH)
    folder = train(tiny(**FAST, plugin=[own], loader_workers=1))
    settings = yaml.safe_load((folder / "config.yaml").read_text())
    assert settings["plugin"] == []
    assert settings["plugins"] == [{"name": "own.py", "sha256": sha256_file(Path(own))}]
    assert str(tmp_path) not in (folder / "config.yaml").read_text()

    def repeated(**flags: object) -> TrainConfig:
        return resolve(TrainConfig, config_file=folder / "config.yaml", flags={"corpus": tiny().corpus, **flags})

    with pytest.raises(UserError, match=r"run with the plugin own\.py: name it again, with --plugin own\.py\."):
        train(repeated(out=str(tmp_path / "again")))
    again = train(repeated(out=str(tmp_path / "again"), plugin=[own]))
    weights = "model/model.safetensors"
    assert (again / weights).read_bytes() == (folder / weights).read_bytes()
    file_of(tmp_path, SMOOTH.replace("3 - 2", "3.0 - 2"))
    with pytest.raises(UserError, match=r"own\.py has changed since the run whose settings these are \(sha256"):
        train(repeated(out=str(tmp_path / "third"), plugin=[own]))
    with pytest.raises(UserError, match=r"holds a run that differs in plugins\.own\.py"):
        train(tiny(**FAST, plugin=[own]))


def test_a_run_without_the_plugin_does_not_take_up_one_with_it(tiny, tmp_path: Path) -> None:
    folder = train(tiny(**FAST, plugin=[file_of(tmp_path, SMOOTH)]))
    with pytest.raises(UserError, match=r"differs in curriculum, plugins\.own\.py"):
        train(tiny(**{**FAST, "curriculum": "vocab_linear"}))
    assert folder.is_dir()


def test_a_file_of_settings_names_no_code(tmp_path: Path) -> None:
    (tmp_path / "train.yaml").write_text("plugin: [evil.py]\n")
    with pytest.raises(UserError, match=r"train\.yaml names a plugin: give code on the command line alone"):
        resolve(TrainConfig, config_file=tmp_path / "train.yaml")


def test_a_difficulty_of_ones_own_is_prepared_and_paced(tiny, tmp_path: Path) -> None:
    own = file_of(tmp_path, COMMAS)
    (tmp_path / "text.train").write_text(make_text(300, 0), encoding="utf-8")
    corpus = prepare(
        PrepConfig(
            sources=[str(tmp_path / "text.train")],
            out=str(tmp_path / "corpus"),
            metrics=["length", "marks"],
            plugin=[own],
            parse=False,
            vocab_size=320,
            block_size=16,
            workers=1,
            cache=False,
        )
    )
    folder = train(tiny(corpus=str(corpus), max_steps=4, batch_size=4, curriculum="data_marks_linear", evaluations=0))
    assert already_done(folder, resolve(TrainConfig, config_file=folder / "config.yaml"), PreparedCorpus(corpus))


COMMAS = """\
from climb.data_prep.metric import Metric


class Marks(Metric):
    name, unit, description = "marks", "marks", "exclamation marks of a sentence"

    def sentences(self, batch):
        return [text.count("!") for text in batch.texts]
"""
