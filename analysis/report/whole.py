"""The two pages: a comparison, and a single run."""

from __future__ import annotations

from climb.analysis.comparison import Comparison
from climb.analysis.measures import headlines_of, measures_of
from climb.analysis.report.course import add_course, course_chart, curve_of
from climb.analysis.report.evidence import add_cost, add_repeat, add_seeds
from climb.analysis.report.exposure import add_exposure, add_samples
from climb.analysis.report.first_screen import add_answer, add_measures, answer, question
from climb.analysis.report.learning import add_learning
from climb.analysis.report.phenomena import add_phenomena, grouping_of, levels
from climb.analysis.report.wording import number
from climb.analysis.run_record import RunRecord
from climb.analysis.runs import Runs
from climb.base.charts import Cell, Page, figures_list, table
from climb.eval.output import figure_text

_FOOTER = "Made by climb. The numbers of every picture are in the CSV link beside it."


def comparison_page(comparison: Comparison) -> str:
    """Return the page of a comparison."""
    conditions = comparison.conditions
    page = Page(question(comparison), answer(comparison), _FOOTER)
    add_answer(page, comparison)
    add_measures(page, comparison)
    allowed = list(comparison.results)
    add_course(page, conditions, comparison.primary if comparison.answer.verdicts else None, allowed)
    add_phenomena(page, comparison)
    if len(conditions) > 1:
        add_learning(page, conditions, allowed)
    add_exposure(page, conditions)
    add_samples(page, conditions)
    add_seeds(page, conditions, comparison.headlines)
    add_cost(page, conditions)
    add_repeat(page, conditions)
    return page.html()


def run_page(record: RunRecord) -> str:
    """Return the page of one run."""
    conditions = Runs([record]).conditions
    manifest = record.manifest
    lead = (
        f"A {manifest.objective} model of {manifest.parameters:,} parameters trained on the corpus "
        f"{manifest.corpus_name} with the curriculum {manifest.curriculum}, seed {manifest.seed}. One seed shows "
        "what one run did, not what a curriculum does: compare several seeds before you conclude."
    )
    page = Page(f"What did {record.name} learn?", f"{_learned(record)} {lead}", _FOOTER)
    page.section("At a glance")
    page.add(figures_list(_key_figures(record)))
    charts = [(one, chart) for one in headlines_of(record) if (chart := course_chart(conditions, one))]
    shown = charts[0][0] if charts else None
    page.add(*(chart for _, chart in charts[:1]))
    add_course(page, conditions, shown)
    _add_evaluations(page, record)
    add_exposure(page, conditions)
    add_samples(page, conditions)
    if record.results:
        add_seeds(page, conditions, headlines_of(record))
    add_cost(page, conditions)
    add_repeat(page, conditions)
    return page.html()


def _learned(record: RunRecord) -> str:
    """Return the answer in a sentence: the headline beside chance, or the loss, before and after."""
    headlines, known = headlines_of(record), measures_of(record)
    if not headlines:
        return "Nothing was measured: evaluate it with `climb eval`."
    first = headlines[0]
    unit = "\u00a0%" if first.scale != 1 else ""
    result = record.results.get(first.task)
    error = result.metrics[first.metric].standard_error if result else None
    chance = result.chance if result and result.headline == first.metric else None
    text = f"{first.title}: {number(first, known[first])}{unit}"
    text += "" if error is None else f" ± {number(first, error)} over items"
    text += "" if chance is None else f", where chance is {number(first, chance)}{unit}"
    _, values = curve_of(record, first)
    text += f"; {number(first, values[0])}{unit} when it was first measured" if len(values) > 1 else ""
    return f"{text}."


def _key_figures(record: RunRecord) -> dict[str, tuple[str, str]]:
    manifest, known = record.manifest, measures_of(record)
    found = {}
    for measure in headlines_of(record):
        result = record.results.get(measure.task)
        error = result.metrics[measure.metric].standard_error if result is not None else None
        about = [] if error is None else [f"± {number(measure, error)} over items"]
        if result is not None and measure.metric == result.headline and result.chance is not None:
            about.append(f"chance {number(measure, result.chance)}")
        percent = "\u00a0%" if measure.scale != 1 else ""
        found[measure.title] = (number(measure, known[measure]) + percent, ", ".join(about) or measure.unit)
    found["Words seen"] = (f"{manifest.words:,}", f"{manifest.tokens:,} tokens in {manifest.steps:,} steps")
    found["Operations"] = (f"{manifest.flops:.3g}", "FLOPs, counted from shapes")
    return found


def _add_evaluations(page: Page, record: RunRecord) -> None:
    """Add every task's figures, with the phenomena of minimal pairs."""
    if not record.results:
        return
    page.section("Evaluations")
    for task, result in record.results.items():
        rows: list[list[Cell]] = [
            [name.replace("_", " "), figure_text(figure, name), figure.count]
            for name, figure in result.metrics.items()
        ]
        grouping = grouping_of(result)
        parts = result.groups[grouping] if grouping else {}
        rows += [[part, figure_text(one, result.headline), one.count] for part, one in parts.items()]
        notes = f" ({result.convention})" if result.convention != "native" else ""
        by = f", then {result.headline.replace('_', ' ')} by {grouping}" if grouping else ""
        caption = f"{task}{notes}{by}"
        page.add(table(["", "value ± standard error", "items"], rows, caption, csv=True, kind="labels"))
        if task == "blimp" and grouping == "phenomenon":
            page.add(levels(Runs([record]).conditions, task, grouping))
