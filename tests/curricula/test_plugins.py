"""A user's own parts of a curriculum: found by name, everywhere, and their mistakes said with file and line."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from torch.utils.data import DataLoader

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.base.plugin import in_use
from climb.base.tags import UD_TAGS
from climb.curricula.catalogue import controls, draws, kinds, token_orders
from climb.curricula.dataset import SampleDataset, collate
from climb.curricula.naming import curriculum_name, parse
from climb.curricula.pacing_base import pacing_classes, pacing_named
from climb.curricula.plan import RunPlan
from climb.curricula.plugins import use_plugins
from climb.curricula.samples import build
from tests.corpus_fixture import write_corpus

SMOOTH = """\
from climb.curricula.pacing_base import Ramp


class Smooth(Ramp):
    name = "smooth"

    def between(self, x):
        return self.blend(x * x * (3 - 2 * x))
"""
MORE = """\
import numpy as np
from climb.curricula.control_base import Control
from climb.curricula.draw_base import Draw
from climb.curricula.token_order_base import TokenOrder


class Easiest(Draw):
    "The easiest block of all, again and again."
    name = "easiest"
    paced = False

    def ranks(self, numbers):
        return np.zeros(np.shape(numbers), dtype=np.int64)


class ById(TokenOrder):
    name = "by_id"
    summary = "tokens in the order of their numbers"

    def token_ranks(self, lexicon, special):
        return np.lexsort((np.arange(len(special)), ~special)).argsort()

    def beyond(self, ranks, tags, share):
        return ranks > share * self.size


class Kept(Control):
    "Change nothing."
    name = "kept"
"""
OBJECTIVE = """\
from climb.curricula.tag_objective import TagObjective


class Closed(TagObjective):
    name = "pos-closed"
    summary = "determiner, preposition, pronoun or none of them, of masked tokens"
    tags = ("DET", "ADP", "PRON")
"""


@pytest.fixture(autouse=True)
def nothing_stays():
    yield
    use_plugins([])


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> PreparedCorpus:
    return write_corpus(tmp_path_factory.mktemp("plugins") / "corpus")


def file_of(folder: Path, text: str, name: str = "own.py") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_a_pacing_function_of_ones_own_paces(tmp_path: Path) -> None:
    use_plugins([file_of(tmp_path, SMOOTH)])
    pacing = pacing_named("smooth", {"start": "0.2", "from": "0", "to": "1"})
    x = np.arange(11) / 10
    np.testing.assert_allclose(pacing.value(np.arange(11), 10), 0.2 + 0.8 * (3 * x**2 - 2 * x**3))
    assert curriculum_name(parse("vocab_smooth:start=0.2+data_rarity_smooth")) == (
        "vocab_smooth:start=0.2+data_rarity_smooth"
    )


def test_every_kind_of_part_joins_the_programs_own_and_leaves_with_its_file(tmp_path, corpus) -> None:
    before = set(pacing_classes()) | set(draws()) | set(token_orders()) | set(controls())
    digests = use_plugins([file_of(tmp_path, SMOOTH), file_of(tmp_path, MORE, "more.py")])
    assert list(digests) == ["own.py", "more.py"]
    after = set(pacing_classes()) | set(draws()) | set(token_orders()) | set(controls())
    assert after - before == {"smooth", "easiest", "by_id", "kept"}
    assert "by_id" in kinds()["vocab"].whats
    samples = build("kept_data_rarity_easiest+vocab_by_id_linear", corpus, RunPlan(4, 8), 0)
    assert set(samples.examples(range(32))) == {int(np.argmin(corpus.scores("rarity")))}
    hidden = samples.batch(range(8))["input_ids"]
    assert hidden.max() <= max(0.1 * corpus.manifest.vocab_size, corpus.tokenizer.mask_token_id)
    use_plugins([])
    with pytest.raises(UserError, match=r"Unknown pacing function .*'smooth'"):
        parse("vocab_smooth")
    assert "by_id" not in kinds()["vocab"].whats


def test_a_workers_samples_are_the_parents(tmp_path: Path, corpus: PreparedCorpus) -> None:
    """Under fork and under spawn, whose processes know only what was pickled."""
    use_plugins([file_of(tmp_path, SMOOTH)])
    samples = build("data_rarity_smooth", corpus, RunPlan(4, 8), 0, "causal")
    ours = [samples.batch(range(first, first + 8))["input_ids"] for first in range(0, 32, 8)]
    for method in ("fork", "spawn"):
        loader = DataLoader(
            SampleDataset(samples), batch_size=8, collate_fn=collate, num_workers=1, multiprocessing_context=method
        )
        for batch, expected in zip(loader, ours, strict=True):
            np.testing.assert_array_equal(batch["input_ids"].numpy(), expected)


def test_samples_wait_for_the_file_they_were_made_with(tmp_path: Path, corpus: PreparedCorpus) -> None:
    use_plugins([file_of(tmp_path, SMOOTH)])
    frozen = pickle.dumps(build("data_rarity_smooth", corpus, RunPlan(4, 8), 0))
    code = "import pickle, sys; pickle.loads(sys.stdin.buffer.read()).batch([0])"
    assert subprocess.run([sys.executable, "-c", code], input=frozen).returncode == 0
    file_of(tmp_path, SMOOTH + "\n# changed\n")
    finished = subprocess.run([sys.executable, "-c", code], input=frozen, capture_output=True)
    assert b"own.py was changed while it was in use" in finished.stderr


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1\n", "own.py holds nothing for a curriculum: write a class derived from .*Pacing"),
        ("def (:\n", r"own\.py, line 1: SyntaxError"),
        ("\nraise RuntimeError('no')\n", r"own\.py, line 2: RuntimeError: no"),
        (SMOOTH.replace('"smooth"', '"linear"'), "there is a Pacing called 'linear' already: rename yours"),
        (SMOOTH.replace('"smooth"', '"very_smooth"'), "line 4: Smooth needs a name of small letters and digits"),
        (SMOOTH.replace('"smooth"', '"sorted"'), "'sorted' cannot be the name of a pacing function"),
        (MORE.replace('"kept"', '"data"'), "'data' cannot be the name of a control"),
        (SMOOTH.replace("between", "amid"), r"line 4: Smooth lacks the method between"),
        (MORE.replace("    summary", "    about"), "ById lacks summary"),
    ],
)
def test_what_cannot_be_used_is_refused_by_place(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        use_plugins([file_of(tmp_path, text)])
    assert in_use() == ()


def test_files_that_are_missing_or_called_alike_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"--plugin no\.py: there is no such file"):
        use_plugins(["no.py"])
    (tmp_path / "two").mkdir()
    with pytest.raises(UserError, match=r"two plugins are called own\.py"):
        use_plugins([file_of(tmp_path, SMOOTH), file_of(tmp_path / "two", SMOOTH)])


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("return x / None", r"own\.py, line 8: TypeError"),
        ("return x * float('nan')", r"own\.py: the pacing function 'smooth' must give one share in \[0, 1\] a step"),
    ],
)
def test_what_it_does_wrong_later_is_said_with_its_place(tmp_path: Path, body: str, sentence: str) -> None:
    use_plugins([file_of(tmp_path, SMOOTH.replace("return self.blend(x * x * (3 - 2 * x))", body))])
    with pytest.raises(UserError, match=sentence):
        pacing_named("smooth").value(5, 10)


def test_an_objective_of_ones_own_asks_what_it_says(corpus, tmp_path):
    use_plugins([file_of(tmp_path, OBJECTIVE)])
    name = "objective_pos-closed_mlm"
    assert curriculum_name(parse(name)) == name
    samples = build(name, corpus, RunPlan(16, 16), 0)
    labels = samples.batch(range(16))["objectives"]["pos-closed"]["labels"]
    rows, columns = np.nonzero(labels != -100)
    tags = corpus.train.upos(samples.examples(range(16)))[rows, columns]
    expected = [{"DET": 1, "ADP": 2, "PRON": 3}.get(UD_TAGS[tag], 0) for tag in tags]
    assert labels[rows, columns].tolist() == expected
    assert set(expected) == {0, 1, 2, 3}
    use_plugins([])
    with pytest.raises(UserError, match="pos-closed"):
        parse(name)
