"""Every seed's numbers, what the runs cost, and how to repeat them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from html import escape

import yaml

from climb.analysis.comparability import BUDGETS, budgets
from climb.analysis.conditions import Condition
from climb.analysis.measures import Measure, measures_of
from climb.analysis.report.wording import number
from climb.analysis.run_record import RunRecord
from climb.analysis.statistics.item_bootstrap import clustered_interval
from climb.base.charts import Cell, Page, details, table

_MINUTE = 60.0


def add_seeds(page: Page, conditions: Sequence[Condition], measures: Sequence[Measure]) -> None:
    """Add a row per run: its measures, and for minimal pairs how sure this one set of weights is."""
    rows: list[list[Cell]] = []
    paradigms = next((one for one in measures if _paradigms(conditions[0].records[0], one)), None)
    for condition in conditions:
        for record in condition.records:
            known = measures_of(record)
            row: list[Cell] = [condition.label, record.seed]
            row += [number(one, known.get(one)) for one in measures]
            if paradigms is not None:
                row.append(_items(record, paradigms))
            rows.append(row)
    header = ["condition", "seed", *(one.title for one in measures)]
    if paradigms is not None:
        header.append(f"{paradigms.task}, 95 % over paradigms")
    page.section("Every seed" if len(rows) > 1 else "This seed")
    caption = "The runs one by one" if len(rows) > 1 else "What another seed would give, one run cannot say"
    page.add(table(header, rows, caption, csv=True, kind="labels wide"))
    if paradigms is not None:
        page.note(
            "The last column is a bootstrap over items, clustered by paradigm. It describes one seed's weights on "
            "other paradigms like these, not what another seed would give, and no verdict rests on it."
        )


def _paradigms(record: RunRecord, measure: Measure) -> list[float]:
    result = record.results.get(measure.task)
    return [] if result is None else [figure.value for figure in result.groups.get("paradigm", {}).values()]


def _items(record: RunRecord, measure: Measure) -> str:
    interval = clustered_interval(_paradigms(record, measure))
    return "–" if interval is None else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}"


def add_cost(page: Page, conditions: Sequence[Condition]) -> None:
    """Add budgets, throughput and memory, means over seeds."""
    rows: list[list[Cell]] = []
    for condition in conditions:
        records = condition.records
        row: list[Cell] = [condition.label, records[0].manifest.parameters]
        spent = budgets(condition)
        row += [f"{spent[name]:.3g}" if name == "flops" else round(spent[name]) for name in BUDGETS]
        timings = [one.timing for one in records]
        row += [
            _mean([one.tokens_per_second for one in timings]),
            _mean([one.memory_mb for one in timings]),
            _mean([one.gpu_memory_mb for one in timings]),
            _minutes([one.seconds for one in timings]),
        ]
        rows.append(row)
    header = [
        "condition",
        "parameters",
        "steps",
        "tokens",
        "words",
        "FLOPs",
        "tokens a second",
        "memory, MB",
        "GPU memory, MB",
        "minutes",
    ]
    page.section("Budget, throughput and memory")
    page.add(table(header, rows, "Means over seeds", csv=True, kind="labels wide"))
    page.note("Speed and minutes are those of the machine and its load at the time; they are no benchmark.")


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _minutes(seconds: Sequence[float | None]) -> float | None:
    mean = _mean(seconds)
    return None if mean is None else round(mean / _MINUTE, 1)


def add_repeat(page: Page, conditions: Sequence[Condition]) -> None:
    """Add the command, configuration and versions of every run."""
    page.section("How to repeat it")
    page.add("<p>With the corpus prepared, each configuration saved under its name:</p>")
    commands = "\n".join(repeat_command(record) for condition in conditions for record in condition.records)
    page.add(f"<pre>{escape(commands)}</pre>")
    for condition in conditions:
        record = condition.records[0]
        text = yaml.safe_dump(record.config, sort_keys=False, allow_unicode=True)
        seeds = ", ".join(str(seed) for seed in condition.seeds)
        page.add(details(f"Configuration of {condition.label} (seeds {seeds})", f"<pre>{escape(text)}</pre>"))
    first = conditions[0].records[0].manifest
    versions = ", ".join(f"{name} {version}" for name, version in first.versions.items())
    page.note(
        f"Corpus {first.corpus_name}, fingerprint {first.corpus_fingerprint[:16]}; {first.processes} process(es) of "
        f"{first.threads} CPU thread(s); {versions}."
    )


def repeat_command(record: RunRecord) -> str:
    """Return the commands that repeat a run and its evaluation."""
    out = str(record.config.get("out") or f"runs/{record.name}")
    words = ["--config", f"{record.name}.yaml", "--seed", str(record.seed), "--out", out]
    plugins = [str(plugin["name"]) for plugin in record.config.get("plugins") or []]
    train = shlex.join(words + (["--plugin", ",".join(plugins)] if plugins else []))
    if not record.results:
        return f"climb train {train}"
    return f"climb train {train} && climb eval {shlex.join([out, '--tasks', ','.join(record.results)])}"
