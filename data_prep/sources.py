"""Which files are read, and under which source label.

A source's label is its file stem, so `aochildes.train` and `aochildes.dev` belong together. What a label
means (which cleaning rules, which rank) is looked up under its family: one table maps the file names of the
BabyLM editions 2023 to 2026 and of the embedded corpus to families.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from climb.base.console import say
from climb.base.corpus import InputFile
from climb.base.errors import UserError
from climb.base.files import sha256_file

EXTENSIONS = (".txt", ".train", ".dev", ".test")

FAMILIES = {
    "aochildes": "aochildes",
    "ao_childes": "aochildes",
    "childes": "childes",
    "bnc_spoken": "bnc_spoken",
    "bnc": "bnc_spoken",
    "switchboard": "switchboard",
    "swbd": "switchboard",
    "open_subtitles": "open_subtitles",
    "opensubtitles": "open_subtitles",
    "subtitles": "open_subtitles",
    "qed": "qed",
    "cbt": "cbt",
    "children_stories": "children_stories",
    "childrens_stories": "children_stories",
    "children_books": "children_stories",
    "gutenberg": "gutenberg",
    "gutenberg_fiction": "gutenberg",
    "standardized_gutenberg": "gutenberg",
    "simple_wiki": "simple_wikipedia",
    "simple_wikipedia": "simple_wikipedia",
    "simplewiki": "simple_wikipedia",
    "wikipedia": "wikipedia",
    "wiki": "wikipedia",
    "child_directed": "child_directed",
    "spoken": "spoken",
    "story": "story",
    "stories": "story",
    "encyclopedic": "encyclopedic",
    "encyclopedia": "encyclopedic",
}
_EDITION = re.compile(r"_(?:train|dev|valid|validation|test|clean|cleaned|raw|\d+m|strict|small)$")


@dataclass(frozen=True)
class Source:
    """One source: its label and its files in the order they are read, with the split they belong to."""

    label: str
    files: tuple[tuple[Path, str], ...]
    """(path, "train" or "validation"), training files first."""

    @property
    def family(self) -> str:
        """The family of the label: cleaning rules and ranks are kept under it."""
        return family_of(self.label)


def family_of(label: str) -> str:
    """Return the family of a source label, the normalised label itself when no family is known.

    Example:
        >>> family_of("Simple-Wiki_10M"), family_of("my_diary")
        ('simple_wikipedia', 'my_diary')
    """
    name = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    while _EDITION.search(name):
        name = _EDITION.sub("", name)
    return FAMILIES.get(name, name)


def find_files(patterns: Sequence[str]) -> list[Path]:
    """Return the text files behind files, folders and globs: sorted within each, none twice, none empty.

    A file reached by two spellings or links is one file, under the name met first.

    Raises:
        UserError: nothing found, an extension that is not plain text, an unreadable file, or only empty files.
    """
    found: dict[Path, Path] = {}
    for pattern in patterns:
        for path in _matches(pattern):
            found.setdefault(path.resolve(), path)
    filled: list[Path] = []
    empty: list[Path] = []
    for path in found.values():
        (empty if _is_blank(path) else filled).append(path)
    if not filled:
        raise UserError(f"{', '.join(patterns)}: no text in it, every file is empty; give files that hold text.")
    if empty:
        say(f"Skipped, because there is no text in it: {', '.join(path.name for path in empty)}.")
    return filled


def _matches(pattern: str) -> list[Path]:
    """Return the files of one command-line word; of folders, nothing hidden (a stopped preparation's text)."""
    path = Path(pattern)
    kinds = " ".join(EXTENSIONS)
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if _is_text(p) and not _is_hidden(p.relative_to(path)))
        if not files:
            raise UserError(f"{pattern} holds no text file ({kinds}): give a folder that does.")
        return files
    if path.exists():
        if path.suffix not in EXTENSIONS:
            raise UserError(f"{pattern}: {path.suffix or 'no'} extension is not plain text ({kinds}): rename it.")
        if not path.is_file():
            raise UserError(f"{pattern} is no regular file: write its text into one.")
        return [path]
    files = sorted(p for p in map(Path, glob.glob(pattern, recursive=True)) if _is_text(p))
    if not files:
        raise UserError(f"{pattern} matches no text file ({kinds}): check the spelling and the folder.")
    return files


def _is_text(path: Path) -> bool:
    return path.suffix in EXTENSIONS and path.is_file()


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _is_blank(path: Path) -> bool:
    """Return whether a file holds nothing but white space; reads no further than the first letter.

    Raises:
        UserError: the file cannot be read.
    """
    try:
        with open(path, "rb") as file:
            while piece := file.read(65_536):
                if piece.removeprefix(b"\xef\xbb\xbf").strip():
                    return False
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): mend it, or leave it out.") from None
    return True


def without_held_out(train: Sequence[Path], held_out: Sequence[Path]) -> list[Path]:
    """Return the training files that are not held out too: `climb prep corpus/ --validation corpus/cbt.dev`.

    Raises:
        UserError: every file is held out.
    """
    kept_back = {path.resolve() for path in held_out}
    left = [path for path in train if path.resolve() not in kept_back]
    if not left:
        raise UserError("All the text is held out and none is left to train on: give more text or hold out less.")
    if len(left) < len(train):
        say(f"Held out and not trained on: {len(train) - len(left)} of the given files.")
    return left


def group_sources(train: Iterable[Path], validation: Iterable[Path]) -> list[Source]:
    """Return the sources in the order in which their first files were given."""
    groups: dict[str, list[tuple[Path, str]]] = {}
    for split, paths in (("train", train), ("validation", validation)):
        for path in paths:
            groups.setdefault(path.stem, []).append((path, split))
    return [Source(label, tuple(files)) for label, files in groups.items()]


def input_files(sources: Iterable[Source]) -> list[InputFile]:
    """Return name, size and checksum of every file; folders are left out, so that they may be moved."""
    return [
        InputFile(name=path.name, source=source.label, bytes=path.stat().st_size, sha256=sha256_file(path))
        for source in sources
        for path, _ in source.files
    ]


def corpus_name(paths: Sequence[Path]) -> str:
    """Return a name for a corpus: the stem of its only file, else the folder its first file stands in."""
    if len(paths) == 1:
        return paths[0].stem
    folders = [paths[0].resolve().parent, *paths[0].resolve().parent.parents]
    folder = next(folder for folder in folders if folder.name not in ("train", "dev", "test"))
    # A home folder bears its owner's name, which is nobody's business.
    return "corpus" if folder == Path.home().resolve() else folder.name or "corpus"
