"""The page as a whole: complete, self-contained, escaped, reproducible, small, whatever the corpus."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from climb.base.corpus import CorpusManifest, PreparedCorpus
from climb.base.errors import UserError
from climb.base.files import sha256_file
from climb.curricula.naming import parse
from climb.data_prep.report import write_card, write_report
from climb.data_prep.report.evidence import Evidence
from climb.data_prep.report.folding import MOST_SOURCES, OTHERS
from climb.data_prep.report.glance import curricula
from tests.corpus_fixture import write_corpus
from tests.data_prep.report.conftest import Build
from tests.pages import check_page

HOSTILE = "<script>alert(\"x\")</script> & 'y' <img src=x onerror=1>"
PREPARED_SECTIONS = (
    "at-a-glance", "sources", "what-cleaning-changed", "difficulty", "tokenizer", "zipf-curve", "parts-of-speech",
    "sentence-length", "how-it-was-made",
)  # fmt: skip


def page_of(folder: Path) -> str:
    write_report(folder)
    return (folder / "report.html").read_text(encoding="utf-8")


def add_examples(folder: Path, examples: dict) -> None:
    """Put a table of examples into a finished corpus, its checksum into the manifest."""
    (folder / "cleaning_examples.json").write_text(json.dumps(examples), encoding="utf-8")
    manifest = CorpusManifest.read(folder / "manifest.json")
    files = manifest.files | {"cleaning_examples.json": sha256_file(folder / "cleaning_examples.json")}
    manifest.model_copy(update={"files": files}).write(folder / "manifest.json")


def test_every_part_is_there_and_can_be_reached(tmp_path: Path):
    html = page_of(write_corpus(tmp_path / "corpus").folder)
    page = check_page(html)
    assert [link[1:] for link in page.values("href") if link[1:] in PREPARED_SECTIONS] == list(PREPARED_SECTIONS)
    assert page.tags.count("section") == len(PREPARED_SECTIONS)
    order = [page.tags.index(tag) for tag in ("header", "nav", "main", "footer")]
    assert order == sorted(order)
    manifest = PreparedCorpus(tmp_path / "corpus").manifest
    for metric in manifest.metrics:
        assert f'id="metric-{metric.replace("_", "-")}"' in html
    for label, counts in manifest.counts["train"].items():
        assert re.search(rf'<th scope="row">{label}</th>.*?<td class="number">{counts.words:,}</td>', html)
    assert "depth" in html
    assert page.values("aria-label").count("Contents") == 1


def test_the_same_corpus_gives_the_same_bytes_and_no_place(build: Build):
    one, other = build(), build()
    assert page_of(one) == page_of(other) == page_of(one)
    write_card(one)
    write_card(other)
    card = (one / "README.md").read_text(encoding="utf-8")
    assert card == (other / "README.md").read_text(encoding="utf-8")
    for text in (page_of(one), card):
        assert str(one.parent) not in text
        assert one.name not in text


def test_hostile_names_and_text_stay_text(build: Build):
    folder = build(
        labels=[HOSTILE, "<b>"],
        metrics={"<i>m</i>": np.arange(60)},
        words=["<script>", "</main>", "&amp;", '"quoted"', "'", "<!--"],
        name=HOSTILE,
        document_rules={HOSTILE: HOSTILE},
        cleaning={HOSTILE: {HOSTILE: {"lines": 3, "bytes": 2}}},
        left_out={HOSTILE: HOSTILE},
        tagger=HOSTILE,
        options={HOSTILE: HOSTILE},
        versions={HOSTILE: HOSTILE},
    )
    add_examples(folder, {HOSTILE: {HOSTILE: [[HOSTILE, "<script>"], ["<!-- a", ""]]}})
    html = page_of(folder)
    check_page(html)
    assert "<script" not in html
    assert "<img" not in html
    assert "<!--" not in html
    assert "&lt;script&gt;alert(&quot;x&quot;)" in html


@pytest.mark.parametrize(
    "shape",
    [
        {"validation": 0},
        {"tagger": None},
        {"labels": ["alone"]},
        {"blocks": 1, "labels": ["alone"]},
        {"blocks": 1, "labels": ["alone", "without blocks"], "validation": 0},
        {"metrics": {}},
        {"metrics": {"flat": 3.5}},
        {"metrics": {"flat": 3.5, "other": np.arange(60), "negative": -np.arange(60) / 7}},
        {"metrics": {"skewed": np.geomspace(0.001, 1e6, 60)}},
        {"overlap": {}, "cleaning": {}, "inputs": [], "left_out": {}},
        {"labels": [f"a source with a long name {number}" for number in range(30)], "blocks": 60},
    ],
    ids=lambda shape: "-".join(shape),
)
def test_pages_of_odd_corpora(build: Build, shape: dict):
    folder = build(**shape)
    html = page_of(folder)
    check_page(html)
    assert "nan" not in re.sub(r"<(blockquote|td|li|code).*?</\1>", "", html)
    assert ("without a tagger" in html) == (shape.get("tagger", "") is None)
    write_card(folder)


def test_a_metric_that_is_the_same_everywhere_has_no_correlation_and_no_passages(build: Build):
    html = page_of(build(metrics={"flat": 3.5, "rising": np.arange(60)}))
    assert "Every block has the same value." in html
    row = re.search(r'<th scope="row">flat</th>((?:<td.*?</td>)+)', html[html.index("Rank correlations") :])[1]
    assert re.findall(r">([^<>]*)</td>", row) == ["–", "–"]


def test_the_page_stays_small(build: Build):
    """Ten sources and twenty metrics; the longest passages and examples there can be."""
    rng = np.random.default_rng(1)
    labels = [f"source_number_{number}" for number in range(10)]
    rules = {f"rule {number}": {"lines": 100, "bytes": 1000} for number in range(12)}
    folder = build(
        labels=labels,
        metrics={f"a_metric_with_a_name_{number}": rng.normal(size=2_000) for number in range(20)},
        blocks=2_000,
        block_size=128,
        vocab_size=3_000,
        cleaning={label: rules for label in labels},
    )
    pairs = [["<&\"' " * 32, "before & after " * 11] for _ in range(3)]
    add_examples(folder, {label: {rule: pairs for rule in rules} for label in labels})
    html = page_of(folder)
    assert 300_000 < len(html.encode()) < 1_500_000
    check_page(html)


def test_of_very_many_sources_the_largest_are_shown_and_none_is_lost(build: Build):
    labels = [f"source {number:03d}" for number in range(500)]
    folder = build(labels=labels, blocks=1_020, validation=500, metrics={"m": np.arange(1_020)})
    manifest = PreparedCorpus(folder).manifest
    evidence = Evidence(folder)
    assert len(evidence.manifest.sources) == len(evidence.present) == MOST_SOURCES
    for split in ("train", "validation"):
        assert evidence.manifest.total(split) == manifest.total(split)
    # Blocks go round, so the first twenty sources have three and are the largest.
    assert evidence.manifest.sources[:20] == labels[:20]
    assert evidence.manifest.removed[OTHERS]["repeated lines"].lines == 5 * 461
    assert evidence.manifest.cleaning[OTHERS]["spaces"] == {"lines": 7 * 461, "bytes": 1_234 * 461}
    assert int(evidence.tokens.words.sum()) == manifest.total("train").words
    html = page_of(folder)
    assert f'<td class="number">{manifest.total("train").words:,}</td>' in html
    assert len(html) < 600_000
    check_page(html)
    write_card(folder)
    assert len((folder / "README.md").read_text(encoding="utf-8")) < 100_000


def test_curricula_on_the_first_screen_are_curricula(tmp_path: Path):
    for tagger in ("table 1.0", None):
        manifest = write_corpus(tmp_path / str(tagger), tagger=tagger).manifest
        names, missing = curricula(manifest)
        assert [spec.kind for name in names for spec in parse(name)] == ["data"] * 3 + ["vocab"] * (
            3 if tagger else 1
        )
        assert bool(missing) == (tagger is None)


def test_examples_that_are_no_examples_are_refused(build: Build):
    folder = build()
    add_examples(folder, {"child": ["not a table"]})
    with pytest.raises(UserError, match=r"cleaning_examples.json is no table"):
        write_report(folder)
