from collections.abc import Callable
from pathlib import Path

from climb.base.corpus import PreparedCorpus
from climb.data_prep.corpus_report import write_report
from tests.data_prep.conftest import make_text


def test_the_report_holds_the_numbers_and_escapes_the_text(prepared: Callable[..., PreparedCorpus], tmp_path: Path):
    text = make_text(200, 1).replace("dog", "<b>dog</b>").replace("cat", "<script>cat")
    (tmp_path / "diary.txt").write_text(text, encoding="utf-8")
    (tmp_path / "childes.txt").write_text("*MOT:\tlook at the dog .\n" * 50, encoding="utf-8")
    corpus = prepared(sources=[str(tmp_path / "diary.txt"), str(tmp_path / "childes.txt")])
    html = (corpus.folder / "report.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert "<b>dog" not in html
    assert "&lt;b&gt;dog" in html
    manifest = corpus.manifest
    for label in manifest.sources:
        assert f"{manifest.counts['train'][label].words:,}" in html
    for rule, counts in manifest.cleaning["childes"].items():
        assert f'<td>{rule}</td><td class="number">{counts["lines"]:,}</td>' in html
    for name in (*manifest.metrics, *manifest.left_out):
        assert name in html
    assert html.count("easiest:") == html.count("hardest:") == len(manifest.metrics)
    write_report(corpus.folder)
    assert (corpus.folder / "report.html").read_text(encoding="utf-8") == html
