"""Deduplication against naive implementations: sets of strings, exact Jaccard over all pairs."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.data_prep.cleaning import near_duplicates
from climb.data_prep.cleaning.dedup import EQUAL, FEWEST_WORDS, LINES, NEAR, remove_duplicates
from climb.data_prep.cleaning.near_duplicates import SHINGLE_WORDS, banding, jaccard, shingles
from climb.data_prep.shards import CleanedSource, WorkFolder, write_summary, write_text_shards

Documents = list[list[str]]


def work_folder(folder: Path, sources: list[tuple[Documents, int]], shard_characters: int = 400) -> WorkFolder:
    """Write sources, each with how many of its last documents are held out."""
    work = WorkFolder(folder)
    for number, (documents, held_out) in enumerate(sources):
        counts = write_text_shards(work, number, iter(documents), shard_characters)
        write_summary(
            work, number, CleanedSource(documents=counts, held_out=held_out, rules={}, document_rule="a row")
        )
    return work


def left(
    tmp_path: Path, sources: list[tuple[Documents, int]], threshold: float | None = None, name: str = "a"
) -> tuple[list[Documents], list[CleanedSource]]:
    """Return the documents and summaries that deduplication leaves."""
    before = work_folder(tmp_path / name / "before", sources)
    after = WorkFolder(tmp_path / name / "after")
    remove_duplicates(before, after, len(sources), threshold, 300)
    summaries = [after.summary(number) for number in range(len(sources))]
    documents = [
        [lines for shard in range(len(summary.documents)) for lines in after.documents(number, shard)]
        for number, summary in enumerate(summaries)
    ]
    assert [len(found) for found in documents] == [sum(summary.documents) for summary in summaries]
    return documents, summaries


def naive(sources: list[tuple[Documents, int]]) -> list[Documents]:
    """Do the same with sets of strings."""

    def key(text: str) -> str | None:
        words = text.casefold().split()
        return " ".join(words) if len(words) >= FEWEST_WORDS else None

    documents_met: set[str | None] = set()
    lines_met: set[str | None] = set()
    for documents, held_out in sources:
        for lines in documents[len(documents) - held_out :]:
            documents_met.add(key(" ".join(lines)))
            lines_met.update(map(key, lines))
    result = []
    for documents, held_out in sources:
        kept = []
        for lines in documents[: len(documents) - held_out]:
            whole = key(" ".join(lines))
            if whole is not None and whole in documents_met:
                continue
            documents_met.add(whole)
            new = []
            for line in lines:
                if key(line) is None or key(line) not in lines_met:
                    new.append(line)
                lines_met.add(key(line))
            if new:
                kept.append(new)
        result.append(kept + documents[len(documents) - held_out :])
    return result


LONG = "a line of ten words that stands here more than once"
_WORDS = st.sampled_from(["a", "B", "b", "the  cat", LONG, LONG.upper(), LONG.replace("once", "twice")])
_LINE = st.lists(_WORDS, min_size=1, max_size=6).map(" ".join)
_SOURCE = st.lists(st.lists(_LINE, min_size=1, max_size=4), max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sources=st.lists(st.tuples(_SOURCE, st.integers(0, 3)), min_size=1, max_size=3))
def test_exact_removal_is_what_sets_of_strings_give(tmp_path_factory, sources: list[tuple[Documents, int]]):
    sources = [(documents, min(held_out, len(documents))) for documents, held_out in sources]
    assert left(tmp_path_factory.mktemp("d"), sources)[0] == naive(sources)


def test_the_first_is_kept_short_utterances_stay_and_all_is_counted(tmp_path: Path):
    first = [["yes ."], [LONG, "no ."], [LONG.upper(), "NO  ."], ["something else before it", LONG]]
    documents, summaries = left(tmp_path, [(first, 0), ([["yes ."], [LONG]], 0)])
    assert documents == [[["yes ."], [LONG, "no ."], ["something else before it"]], [["yes ."]]]
    size = len(LONG)
    equal = summaries[0].removed[EQUAL]
    assert (equal.documents, equal.lines, equal.words, equal.bytes) == (1, 2, 13, size + 5)
    lines = summaries[0].removed[LINES]
    assert (lines.documents, lines.lines, lines.words, lines.bytes) == (0, 1, 11, size)
    assert summaries[1].removed[LINES].documents == 1, "a document of which nothing is left is counted"


def test_held_out_text_stays_whole_and_training_text_that_repeats_it_goes(tmp_path: Path):
    held_out = [[LONG, "short one"], [LONG, "short one"]]
    train = [[LONG, "short one"], ["before", LONG, "after"]]
    documents, summaries = left(tmp_path, [([["only here"], *train], 0), (held_out, 2)])
    assert documents == [[["only here"], ["before", "after"]], held_out]
    assert summaries[1].held_out == 2
    assert summaries[1].removed == {}


def text(dice: random.Random, words: int) -> list[str]:
    return [f"w{dice.randrange(4000)}" for _ in range(words)]


def exact_similarity(left_words: list[str], right_words: list[str]) -> float:
    one, two = (
        {tuple(words[place : place + SHINGLE_WORDS]) for place in range(len(words) - SHINGLE_WORDS + 1)}
        for words in (left_words, right_words)
    )
    return len(one & two) / len(one | two)


def changed(words: list[str], dice: random.Random, share: float) -> list[str]:
    """Return the words with a share of them replaced."""
    return [f"new{dice.randrange(10**6)}" if dice.random() < share else word for word in words]


def test_similarity_of_hashed_shingles_is_that_of_sets_of_tuples():
    dice = random.Random(1)
    for _ in range(50):
        one = text(dice, 40)
        two = changed(one, dice, dice.random() / 4)
        hashed = [np.unique(shingles(words)) for words in (one, two)]
        assert jaccard(*hashed) == pytest.approx(exact_similarity(one, two))


def test_near_duplicates_are_found_and_nothing_else_is_removed(tmp_path: Path):
    dice = random.Random(2)
    originals = [text(dice, dice.randrange(30, 200)) for _ in range(150)]
    copies = [changed(words, dice, dice.choice([0.005, 0.01, 0.02, 0.03, 0.05])) for words in originals * 2]
    every = [line.split() for line in dict.fromkeys(map(" ".join, originals + copies))]
    documents, summaries = left(tmp_path, [([[" ".join(words)] for words in every], 0)], 0.8)
    kept = {document[0] for document in documents[0]}
    met = missed = 0
    standing: list[list[str]] = []
    for words in every:
        nearest = max((exact_similarity(words, other) for other in standing), default=0.0)
        if " ".join(words) in kept:
            standing.append(words)
            met, missed = met + (nearest >= 0.85), missed + (nearest >= 0.85)
        else:
            assert nearest >= 0.8, "precision is 1"
            met += nearest >= 0.85
    assert met > 60
    assert missed / met <= 0.05, "recall"
    assert summaries[0].removed[NEAR].documents == len(every) - len(kept) > 60
    again, _ = left(tmp_path, [([[" ".join(words)] for words in every], 0)], 0.8, "b")
    assert again == documents


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.8, 0.9, 0.99, 1.0])
def test_bands_find_pairs_at_the_threshold(threshold: float):
    bands, rows = banding(threshold)
    assert bands * rows <= 128
    dice = random.Random(3)
    found = sum(any(all(dice.random() < threshold for _ in range(rows)) for _ in range(bands)) for _ in range(2000))
    assert found / 2000 >= 0.985


def test_texts_from_one_template_are_no_duplicates_and_take_linear_time(tmp_path: Path):
    frame = " ".join(f"word{number}" for number in range(12))
    documents = [[f"{frame} {number} {number + 1} {number + 2} {number + 3} {number + 4}"] for number in range(3000)]
    kept, summaries = left(tmp_path, [(documents, 0)], 0.9)
    assert kept[0] == documents
    assert summaries[0].removed == {}


def test_the_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "rensa", None)
    with pytest.raises(UserError, match=r"climb-lm\[dedup\]"):
        near_duplicates.load_library()


def test_stopped_half_way_it_goes_on_to_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    sources = [([[LONG, "short"], [LONG]], 0), ([["other", LONG], ["last words"]], 0)]
    before, after, whole = (work_folder(tmp_path / name, sources if name == "b" else []) for name in ("b", "a", "w"))
    remove_duplicates(before, whole, 2, None, 300)

    def stop(work: WorkFolder, source: int, summary: CleanedSource) -> None:
        if source == 1:
            raise KeyboardInterrupt
        write_summary(work, source, summary)

    monkeypatch.setattr("climb.data_prep.cleaning.dedup.write_summary", stop)
    with pytest.raises(KeyboardInterrupt):
        remove_duplicates(before, after, 2, None, 300)
    monkeypatch.undo()
    for _ in range(2):
        remove_duplicates(before, after, 2, None, 300)
        found = {path.name: path.read_bytes() for path in (tmp_path / "a" / "clean").iterdir()}
        assert found == {path.name: path.read_bytes() for path in (tmp_path / "w" / "clean").iterdir()}
