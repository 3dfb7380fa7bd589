"""A run: the one definition of the folder that `climb train` writes and everything else reads.

    config.yaml  manifest.json  metrics.jsonl  curriculum.jsonl  samples.jsonl  timing.jsonl
    checkpoint-<step>/  chck_<N>M/  model/  eval/

`manifest.json` is rewritten at every checkpoint; `status` says whether the run is complete. No file holds an
absolute path, a host or a user name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from climb.base.console import say
from climb.base.corpus import CorpusManifest
from climb.base.errors import UserError
from climb.base.schema import Manifest

CONFIG_FILE = "config.yaml"
MANIFEST_FILE = "manifest.json"
METRICS_FILE = "metrics.jsonl"
CURRICULUM_FILE = "curriculum.jsonl"
TIMING_FILE = "timing.jsonl"
SAMPLES_FILE = "samples.jsonl"
MODEL_FOLDER = "model"
EVAL_FOLDER = "eval"


class RunManifest(Manifest):
    """`manifest.json` of a run."""

    schema_version: Literal[1] = 1
    status: Literal["running", "complete"]
    curriculum: str
    objective: Literal["masked", "causal"]
    seed: int
    corpus_name: str
    corpus_fingerprint: str
    parameters: int = Field(ge=0)
    steps: int = Field(ge=0)
    words: int = Field(ge=0)
    tokens: int = Field(ge=0)
    flops: float = Field(ge=0)
    """Floating-point operations of forward and backward passes so far, counted from shapes."""
    flops_scoring: float | None = Field(default=None, ge=0)
    """Those among them by which the model scored its own curriculum; null where it did not."""
    loss: dict[str, float] = Field(default_factory=dict)
    """What is to be known of a loss that approximates: classes and their error under syntactic smoothing."""
    processes: int
    threads: int
    """CPU threads per process: float32 results are bit-identical only for the same number."""
    versions: dict[str, str]


class Run:
    """A run folder, opened for reading."""

    def __init__(self, folder: Path) -> None:
        """Open the folder.

        Raises:
            UserError: it is no run, or its manifest is damaged.
        """
        if not is_run(folder):
            raise UserError(
                f"{folder} is no run (no {CONFIG_FILE} and {MANIFEST_FILE}): make one with `climb train`."
            )
        self.folder = folder
        self.manifest = RunManifest.read(folder / MANIFEST_FILE)

    @property
    def complete(self) -> bool:
        """Whether training reached its last step and the final model was written."""
        return self.manifest.status == "complete" and self.model.is_dir()

    @property
    def model(self) -> Path:
        """The folder of the final model."""
        return self.folder / MODEL_FOLDER

    @property
    def milestones(self) -> list[Path]:
        """Weights-only folders `chck_<N>M`, by words."""
        return sorted(self.folder.glob("chck_*M"), key=lambda path: int(path.name[5:-1]))


def is_run(folder: Path) -> bool:
    """Return whether the folder looks like a run."""
    return (folder / CONFIG_FILE).is_file() and (folder / MANIFEST_FILE).is_file()


def newest_run(root: Path = Path("runs")) -> Path:
    """Return the complete run under `root` that was finished last; a damaged one is said and left out.

    Raises:
        UserError: there is none.
    """
    folders = [path.parent for path in root.glob(f"*/{MANIFEST_FILE}") if is_run(path.parent)]
    complete = [folder for folder in folders if _is_complete(folder)]
    if not complete:
        raise UserError(f"No complete run under {root}/: name one, or make one with `climb train`.")
    return max(complete, key=lambda folder: (folder / MANIFEST_FILE).stat().st_mtime)


def _is_complete(folder: Path) -> bool:
    try:
        return Run(folder).complete
    except UserError as error:
        say(f"Leaving out {folder}: {error}")
        return False


def newest_corpus(root: Path = Path("data")) -> Path:
    """Return the complete prepared corpus under `root` that was made last.

    Raises:
        UserError: there is none.
    """
    manifests = [path for path in root.glob(f"*/{MANIFEST_FILE}") if (path.parent / "scores.parquet").is_file()]
    if not manifests:
        raise UserError(f"No prepared corpus under {root}/: name one, or make one with `climb prep`.")
    newest = max(manifests, key=lambda path: path.stat().st_mtime)
    CorpusManifest.read(newest)
    return newest.parent
