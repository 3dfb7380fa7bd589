import io

from rich.console import Console

from climb.eval.output import figure_text, read_result, results_table, write_result
from climb.eval.results import Coverage, DataInfo, Figure, TaskResult


def result(task="blimp", convention="native", present=34, **metrics):
    return TaskResult(
        task=task,
        description="",
        convention=convention,
        headline="accuracy_macro",
        chance=0.5,
        metrics=metrics,
        groups={"phenomenon": {"island_effects": Figure(value=0.71, standard_error=0.02, count=5)}},
        counts={},
        coverage=Coverage(present=present, total=67, unit="paradigms", note=""),
        notes=[],
        data=DataInfo(name="x", sha256=""),
        predictions=[{"id": "a_0", "credit": 1.0}],
    )


BITS = Figure(value=2.5, standard_error=None, count=1)


def text(table):
    console = Console(file=io.StringIO(), width=160)
    console.print(table)
    return console.file.getvalue()


def test_the_table_says_what_must_not_be_overlooked():
    good = Figure(value=0.6234, standard_error=0.0123, count=10)
    table = text(
        results_table(
            {
                "first": {"blimp": result(accuracy_macro=good)},
                "second": {"other": result("other", "babylm-2025", 67, bits=BITS)},
            }
        )
    )
    assert "62.3 ± 1.2" in table
    assert "blimp (34 of 67 paradigms)" in table
    assert "other [babylm-2025]" in table
    assert "2.500" in table
    assert "accuracy macro, %" in table
    assert "island_effects" in table
    assert "71.0 ± 2.0" in table
    assert table.count("–") >= 2


def test_figures_as_text():
    assert figure_text(Figure(value=261.04, standard_error=3.21, count=1), "perplexity") == "261.0 ± 3.2"
    assert figure_text(None, "perplexity") == "–"


def test_files_come_back_as_they_went(tmp_path):
    written = result(accuracy_macro=Figure(value=0.5, standard_error=0.1, count=4, clustered=0.2))
    write_result(tmp_path, written)
    assert read_result(tmp_path, "blimp") == written
    assert written.summary() == {"accuracy_macro": 0.5, "accuracy_macro_se": 0.1}
