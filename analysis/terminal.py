"""A comparison as a table in the terminal."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from climb.analysis.comparison import Comparison
from climb.analysis.report.wording import difference_text, mean_text


def comparison_table(comparison: Comparison) -> Table:
    """Return conditions by measures: mean over seeds with its interval, difference from the baseline, verdict."""
    table = Table(title="Comparison (means over seeds, 95 % intervals)", title_justify="left")
    for name in ("", "mean", f"difference from {comparison.baseline.label}", "verdict"):
        table.add_column(Text(name), overflow="fold")
    for measure in comparison.headlines:
        result = comparison.results[measure]
        table.add_row(Text(f"{measure.title}{', %' if measure.scale != 1 else ''}", style="bold"))
        for name, mean in result.means.items():
            verdict = None if name == comparison.baseline.label else result.verdict(name)
            table.add_row(
                Text(f"  {name} ({mean.seeds} {'seed' if mean.seeds == 1 else 'seeds'})"),
                mean_text(measure, mean),
                "" if verdict is None else difference_text(measure, verdict),
                "" if verdict is None else verdict.sentence(),
            )
        table.add_section()
    return table
