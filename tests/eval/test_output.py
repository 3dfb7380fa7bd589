import io
from pathlib import Path

import pytest
from rich.console import Console

from climb.base.errors import UserError
from climb.eval.loading import Place
from climb.eval.output import figure_text, own_folders, read_result, results_table, write_result
from climb.eval.results import Coverage, DataInfo, Figure, ModelInfo, TaskResult


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


def text(table, width=160):
    console = Console(file=io.StringIO(), width=width)
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


def test_two_models_fit_a_terminal_of_80_columns_uncut():
    figure = Figure(value=0.6234, standard_error=0.0123, count=10)
    one = result("minimal_pairs", accuracy_macro=figure, accuracy_micro=figure)
    info = ModelInfo(name="", kind="masked", sha256="", precision="fp32")
    one = one.model_copy(update={"model": info})
    one.groups["phenomenon"] = dict.fromkeys(["determiner_noun_agreement", "subject_verb_agreement"], figure)
    shown = text(results_table({"none-s0": {"t": one}, "vocab_linear-pos-s1": {"t": one}}), width=80)
    assert "    determiner_noun_agreement " in shown
    assert "vocab_linear-pos-s1 " in shown
    assert "accuracy macro, by phenomenon:" in shown
    assert "…" not in shown
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_a_masked_model_is_told_from_a_causal_one():
    models = {}
    for kind, convention in (("causal", "native"), ("masked", "native, pseudo-log-likelihood")):
        info = ModelInfo(name="", kind=kind, sha256="", precision="fp32")
        models[f"m-{kind}"] = {"t": result("t", convention, 67, bits=BITS).model_copy(update={"model": info})}
    shown = text(results_table(models))
    assert "t [pseudo-log-likelihood]" in shown
    assert shown.index("m-causal") < shown.index("(causal)") < shown.index("(masked)")


def test_models_that_share_a_folder_for_results_are_refused(tmp_path):
    apart = [Place(tmp_path, name, None) for name in ("a/model", "b/model")]
    assert own_folders(apart, "out") == [Path("out/a--model"), Path("out/b--model")]
    with pytest.raises(UserError, match=r"2 of the models would write into out/model"):
        own_folders([Place(tmp_path / "a", "model", None), Place(tmp_path / "b", "model", None)], "out")


def test_a_diverged_model_does_not_fill_the_screen():
    assert figure_text(Figure(value=1e304, standard_error=1e304, count=1), "perplexity") == "1e+304"
