"""`climb parser train` from the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("spacy")

TREEBANK = """\
1\tBirds\t_\tNOUN\t_\t_\t2\tnsubj\t_\t_
2\tsing\t_\tVERB\t_\t_\t0\troot\t_\tSpaceAfter=No
3\t.\t_\tPUNCT\t_\t_\t2\tpunct\t_\t_

"""
TINY = ["--width", "8", "--depth", "1", "--rows", "9,9,9,9", "--batch-words", "20", "--eval-every", "4"]


def climb(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    process = [sys.executable, "-m", "climb", *arguments]
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}
    return subprocess.run(process, cwd=folder, capture_output=True, text=True, check=False, env=environment)


def test_training_ends_with_scores_size_and_speed(tmp_path):
    (tmp_path / "b.conllu").write_text(TREEBANK * 6)
    arguments = ["parser", "train", "b.conllu", "--dev", "b.conllu", "--out", "birds", "--steps", "8", *TINY]
    finished = climb(*arguments, folder=tmp_path)
    assert finished.returncode == 0, finished.stderr
    for part in ("b.conllu", "UPOS", "UAS", "LAS", "Pipeline: birds", "MB", "words a second"):
        assert part in finished.stdout
    assert (tmp_path / "birds" / "meta.json").is_file()
    assert climb(*arguments, folder=tmp_path).stdout.splitlines()[:4] == finished.stdout.splitlines()[:4]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train"], "No treebank was given"),
        (["train", "nowhere.conllu"], "nowhere.conllu: No such file"),
        (["train", "bad.conllu"], "bad.conllu, line 2 has the part of speech 'VB'"),
        (["train", "bad.conllu", "--weights", "1,x"], "field weights.1: Input should be a valid number"),
        (["train", "bad.conllu", "--dropout", "1"], "field dropout: Input should be less than 1"),
        (["train", "bad.conllu", "--rows", "1,2"], "field rows"),
    ],
)
def test_wrong_input_is_one_sentence_and_code_2(tmp_path, arguments, sentence):
    (tmp_path / "bad.conllu").write_text(TREEBANK.replace("VERB", "VB"))
    finished = climb("parser", *arguments, folder=tmp_path)
    assert finished.returncode == 2
    assert sentence in finished.stderr
    assert "Traceback" not in finished.stderr


def test_help_names_every_option(tmp_path):
    text = climb("parser", "train", "--help", folder=tmp_path).stdout
    for flag in ("out", "lang", "dev", "weights", "width", "depth", "steps", "batch-words", "seed", "eval-every"):
        assert f"--{flag} " in text
    assert "train" in climb("parser", "--help", folder=tmp_path).stdout


def test_ctrl_c_ends_with_code_130_and_the_command_goes_on(tmp_path):
    (tmp_path / "b.conllu").write_text(TREEBANK * 6)
    arguments = ["parser", "train", "b.conllu", "--out", "birds", "--steps", "40", *TINY]
    code = (
        "import os, signal, sys\n"
        "from climb.data_prep.parsing.training.training import ParserTraining\n"
        "step = ParserTraining._step\n"
        "def stopping(self, number):\n"
        "    step(self, number)\n"
        "    if number == 11: os.kill(os.getpid(), signal.SIGINT)\n"
        "ParserTraining._step = stopping\n"
        f"sys.argv = ['climb', *{arguments!r}]\n"
        "from climb.cli import main; main()\n"
    )
    stopped = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert stopped.returncode == 130
    assert "Stopped after step 12 of 40" in stopped.stderr
    assert not (tmp_path / "birds").exists()
    assert "Going on from step 12." in climb(*arguments, folder=tmp_path).stderr
    assert (tmp_path / "birds" / "config.cfg").is_file()
