"""Training a pipeline on treebanks: seeded, resumable at any moment, the same bytes every time.

Cost: climb's own recipe takes about 30 minutes of one core and 1 GB; the parser and its search run on CPUs only.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from climb.base.errors import Interrupted, UserError
from climb.base.files import sha256_file, sha256_json, sole_owner
from climb.base.library_versions import versions
from climb.base.progress_bar import progress
from climb.base.random_bits import RandomBits
from climb.data_prep.parsing.training.architecture import add_parts, blank, examples
from climb.data_prep.parsing.training.batches import Batches, learning_rate
from climb.data_prep.parsing.training.conllu import Tree, read_conllu
from climb.data_prep.parsing.training.options import ParserConfig
from climb.data_prep.parsing.training.output import Provenance, finished_scores, refuse_other_folder, write_pipeline
from climb.data_prep.parsing.training.scores import Scores, score_pipeline
from climb.data_prep.parsing.training.state import State

_DECIDE = ("spacy", "thinc", "numpy")
_PLAIN_LINES = 20


def train_parser(config: ParserConfig) -> tuple[Path, dict[str, Scores]]:
    """Train a tagger and parser; a finished one with the same recipe and treebanks is left as it is.

    Returns:
        The folder of the pipeline, and its scores on each development file.

    Raises:
        UserError: a treebank cannot be used, or the folder holds something else.
        Interrupted: stopped by Ctrl-C or SIGTERM; the same call goes on from there.
    """
    about = provenance(config)
    out = Path(config.out or f"pipelines/{config.lang}")
    if refuse_other_folder(out, about):
        return out, finished_scores(out)
    work = out.with_name(f".{out.name}.training")
    with sole_owner(work):
        training = ParserTraining(config, work / "state.npz", about)
        training.run()
        scores = training.final_scores()
        with training.best_weights():
            write_pipeline(training.nlp, out, about, scores)
        shutil.rmtree(work, ignore_errors=True)
    return out, scores


def provenance(config: ParserConfig) -> Provenance:
    """Return what a training depends on, without anybody's folders.

    Raises:
        UserError: no treebank, a missing one, or weights that do not fit.
    """
    if not config.files:
        raise UserError("No treebank was given: name one or more files in CoNLL-U.")
    if config.weights and (len(config.weights) != len(config.files) or min(config.weights) <= 0):
        raise UserError(f"--weights needs a number above 0 for each of the {len(config.files)} files.")
    digests = []
    for name in [*config.files, *config.dev]:
        try:
            digests.append((Path(name).name, sha256_file(Path(name))))
        except OSError as error:
            raise UserError(f"{name}: {error.strerror}; give a treebank file in CoNLL-U.") from None
    recipe = config.model_dump(exclude={"files", "dev", "out"})
    read = len(config.files)
    found = versions(_DECIDE)
    key = sha256_json([recipe, digests[:read], digests[read:], found])
    return Provenance(recipe=recipe, train=digests[:read], dev=digests[read:], versions=found, key=key)


class ParserTraining:
    """One training, from its treebanks to the best weights.

    Args:
        config: the recipe.
        state_file: where the state is saved and found.
        about: what the training depends on; its words are filled in.
    """

    def __init__(self, config: ParserConfig, state_file: Path, about: Provenance) -> None:
        from thinc.api import Adam

        self.config = config
        treebanks = [read_conllu(Path(name)) for name in config.files]
        self._dev = {Path(name).name: read_conllu(Path(name)) for name in config.dev}
        self._batches = Batches(treebanks, config)
        self._dropout = RandomBits(config.seed, "parser dropout")
        self._file, self._key = state_file, about.key
        about.words = sum(len(tree.words) for trees in treebanks for tree in trees)
        self.nlp = blank(config.lang)
        add_parts(self.nlp, config)
        self._initialise([tree for trees in treebanks for tree in trees])
        adam = Adam(config.learning_rate, L2=config.weight_decay, grad_clip=1.0, use_averages=True)
        self._state = State(self.nlp, adam)
        self._state.restore(state_file, about.key)

    def _initialise(self, trees: Sequence[Tree]) -> None:
        """Draw the first weights, and learn which labels there are."""
        from thinc.api import fix_random_seed

        known = examples(self.nlp, trees)
        fix_random_seed(self.config.seed % 2**32)
        self.nlp.initialize(lambda: known)

    def run(self) -> None:
        """Train to the last step.

        Raises:
            Interrupted: after the state was saved.
        """
        config, state = self.config, self._state
        with progress("Training", config.steps, _PLAIN_LINES) as advance, _stop_request() as stop:
            advance(state.progress.step)
            note = ""
            while state.progress.step < config.steps:
                self._step(state.progress.step)
                state.progress.step += 1
                if state.progress.step % config.eval_every == 0 or state.progress.step == config.steps:
                    note = self._look() or note
                    state.save(self._file, self._key)
                advance(1, note or f"step {state.progress.step:,}")
                if stop.is_set() and state.progress.step < config.steps:
                    state.save(self._file, self._key)
                    raise Interrupted(
                        f"Stopped after step {state.progress.step:,} of {config.steps:,}; the same command goes on."
                    )

    def _step(self, step: int) -> None:
        """Do one update."""
        from thinc.api import fix_random_seed

        self._state.optimizer.learn_rate = learning_rate(self.config, step)
        batch = examples(self.nlp, self._batches.trees(step))
        # Dropout and the parser's cuts draw from numpy's and Python's own generators.
        fix_random_seed(int(self._dropout.bits(step)) % 2**32)
        # nlp.update would apply the shared vectors' gradients one step late, and a saved state would lack them.
        for _, pipe in self.nlp.pipeline:
            pipe.update(batch, drop=self.config.dropout, sgd=None)
        for _, pipe in self.nlp.pipeline:
            pipe.finish_update(self._state.optimizer)

    def _look(self) -> str:
        """Score the averaged weights, keep them when they are the best so far, and return the scores in words."""
        if not self._dev:
            return ""
        with self.nlp.use_params(self._state.averages()):
            scores = self._scores()
        self._state.keep_best(selection_score(list(scores.values())))
        return " | ".join(f"{one.upos:.1f} {one.uas:.1f} {one.las:.1f}" for one in scores.values())

    def _scores(self) -> dict[str, Scores]:
        return {name: score_pipeline(self.nlp, trees) for name, trees in self._dev.items()}

    @contextlib.contextmanager
    def best_weights(self) -> Iterator[None]:
        """Let the pipeline bear the weights to keep within the block."""
        with self.nlp.use_params(self._state.best_weights()):
            yield

    def final_scores(self) -> dict[str, Scores]:
        """Return the scores of the weights to keep, for each development file."""
        with self.best_weights():
            return self._scores()


def selection_score(scores: Sequence[Scores]) -> float:
    """Return what the best state is chosen by: the mean of UPOS and LAS, over all files alike."""
    return sum((one.upos + one.las) / 2 for one in scores) / len(scores)


@contextlib.contextmanager
def _stop_request() -> Iterator[threading.Event]:
    """Let Ctrl-C and SIGTERM ask for the end after the step under way; a second Ctrl-C ends at once."""
    stop = threading.Event()

    def request(number: int, frame: Any) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if threading.current_thread() is not threading.main_thread():  # only the main thread may catch signals
        yield stop
        return
    before = {number: signal.signal(number, request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
