"""A comparison in the terminal: one table that fits 80 columns; the report has the rest."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text

from climb.analysis.comparison import Comparison
from climb.analysis.report.wording import difference_text, number


def comparison_table(comparison: Comparison) -> Table:
    """Return conditions by measures: mean over seeds, difference from the baseline with its interval, verdict."""
    base = comparison.baseline.label
    title = f"Means over seeds, and differences from {base} with simultaneous 95 % intervals"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    counts = {len(condition.records) for condition in comparison.conditions}
    table.add_column(f"{counts.copy().pop()} seeds each" if len(counts) == 1 else "", min_width=20, overflow="fold")
    table.add_column("mean", justify="right")
    table.add_column("difference", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for measure in comparison.headlines:
        result = comparison.results[measure]
        unit = ", %" if measure.scale != 1 else f", {measure.unit}" if measure.task == "held_out" else ""
        table.add_row(Text(f"{measure.title}{unit}", style="bold"))
        for name, mean in result.means.items():
            verdict = None if name == base else result.verdict(name)
            seeds = "" if len(counts) == 1 else f" ({mean.seeds} {'seed' if mean.seeds == 1 else 'seeds'})"
            table.add_row(
                Text(f"  {name}{seeds}"),
                number(measure, mean.mean),
                "" if verdict is None else difference_text(measure, verdict),
                "the baseline" if verdict is None else verdict.outcome,
            )
        table.add_section()
    return table
