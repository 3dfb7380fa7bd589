"""`climb curriculum list | show | diff`: what curricula there are and what one will do, before any training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import Field
from rich.table import Table

from climb.base.console import say, show
from climb.base.errors import UserError
from climb.base.schema import Strict

if TYPE_CHECKING:
    from climb.curricula.preview import Preview
    from climb.curricula.token_order_base import BoolArray

_PLUGIN = "Python files with parts of your own, such as pacing functions; on the command line only."
_POINTS = 6
"""Columns of tables over the run: its steps at 0, 20, … 100 %."""
_TITLES = {
    "data": "data: share of blocks open",
    "vocab": "vocab: share of the order open",
    "mask": "mask: share of tokens asked for",
    "length": "length: tokens of a row",
    "batch": "batch: blocks of a step",
}


_OBJECTIVES = "objective: when each is asked"


class ShowConfig(Strict):
    """What `climb curriculum show` is asked."""

    name: str = Field(description="A curriculum, such as data_length_linear+vocab_log:to=0.6.")
    corpus: str | None = Field(default=None, description="Prepared corpus; without one, 10,000 blocks stand in.")
    steps: int = Field(default=1000, gt=0, description="Optimiser steps of the run.")
    batch_size: int = Field(default=64, gt=0, description="Blocks per step.")
    seed: int = Field(default=0, ge=0, lt=2**32, description="Seed of the run.")
    plugin: list[str] = Field(default=[], description=_PLUGIN)
    svg: str | None = Field(default=None, description="File to draw the curves into.")


class DiffConfig(Strict):
    """What `climb curriculum diff` is asked."""

    names: list[str] = Field(description="Two curricula.")
    corpus: str | None = Field(default=None, description="Prepared corpus; without one, 10,000 blocks stand in.")
    steps: int = Field(default=1000, gt=0, description="Optimiser steps of the run.")
    batch_size: int = Field(default=64, gt=0, description="Blocks per step.")
    seed: int = Field(default=0, ge=0, lt=2**32, description="Seed of the run.")
    plugin: list[str] = Field(default=[], description=_PLUGIN)


def list_curricula(plugin: Annotated[str, typer.Option(help=_PLUGIN, show_default=False)] = "") -> None:
    """List kinds, orders, draws, objectives, pacing functions and controls, each with an example."""
    from climb.curricula.catalogue import controls, draws, kinds, token_orders
    from climb.curricula.objective_base import objective_units
    from climb.curricula.pacing_base import pacing_classes
    from climb.curricula.plugins import use_plugins
    from climb.curricula.self_scoring import METRIC, SUMMARY

    use_plugins(part for part in plugin.split(",") if part)
    lines = [("none", "no curriculum: every block once per epoch, shuffled", "none")]
    lines += [(name, kind.summary, kind.example) for name, kind in kinds().items()]
    _list("Kinds, joined by +", lines)
    orders = [(name, order.summary, f"vocab_{name}_linear") for name, order in token_orders().items()]
    _list("Orders of the vocabulary; of data: any column of scores.parquet, several joined by -", orders)
    _list("Difficulty of data without a column", [(METRIC, SUMMARY, f"data_{METRIC}_linear")])
    ways = [
        (name, _first_line(draw), f"data_length_linear:draw={name}" if draw.paced else f"data_length_{name}")
        for name, draw in draws().items()
    ]
    _list("Draws from the blocks that are open", ways)
    asked = [
        (name, unit.summary, f"objective_{name}_mlm" if unit.tags else f"objective_{name}")
        for name, unit in objective_units().items()
    ]
    _list("Objectives, several joined by _", asked)
    pacings = [(name, _first_line(pacing), f"vocab_{name}") for name, pacing in pacing_classes().items()]
    _list("Pacing functions", pacings)
    prefixes = [(f"{name}_", _first_line(one), f"{name}_data_length_linear") for name, one in controls().items()]
    _list("Controls, before a whole name", prefixes)


def show_curriculum(config: ShowConfig) -> None:
    """Show what a curriculum will do: its curves, what is open, and how often blocks are seen."""
    preview = _preview(config.name, config)
    show(f"{preview.name}\n{preview.plan.steps:,} steps, {preview.plan.total_samples:,} blocks in all")
    curves, objectives = preview.curves(), preview.objectives()
    if not curves and not objectives:
        show("Everything is open throughout; every block comes once per epoch, shuffled.")
    if preview.self_scored:
        show("The model orders the blocks while it trains: how many are open is known, which ones is not.")
    for kind, values in curves.items():
        from climb.curricula.terminal import text_chart

        show(f"\n{_TITLES[kind]}\n{text_chart(values)}")
    if objectives:
        from climb.curricula.terminal import text_timeline

        show(f"\n{_OBJECTIVES}\n{text_timeline(objectives)}")
    for table in (_open_table(preview), _difficulty_table({preview.name: preview}), _source_table(preview)):
        if table.row_count:
            show(table)
    if config.svg is not None:
        write_svg(preview, Path(config.svg))
        show(f"Drawn: {config.svg}")


def show_difference(config: DiffConfig) -> None:
    """Compare two curricula: their curves over the run, and how often blocks of each difficulty are seen."""
    if len(config.names) != 2:
        raise UserError(f"climb curriculum diff compares two curricula and got {len(config.names)}: name two.")
    previews = {f"{letter}": _preview(name, config) for letter, name in zip("AB", config.names, strict=True)}
    for letter, preview in previews.items():
        show(f"{letter}  {preview.name}")
    curves = {letter: preview.curves() for letter, preview in previews.items()}
    points = _points(config.steps)
    table = _run_table("Course of the run, % of its steps", points, config.steps)
    for kind in _TITLES:
        for letter in previews:
            if kind in curves[letter]:
                values = curves[letter][kind]
                table.add_row(f"{letter} {_TITLES[kind]}", *(f"{values[point]:.3g}" for point in points))
    for letter, preview in previews.items():
        for unit, on in preview.objectives().items():
            table.add_row(f"{letter} objective {unit}", *("asked" if on[point] else "" for point in points))
    for one in (table, _difficulty_table(previews)):
        if one.row_count:
            show(one)


def write_svg(preview: Preview, path: Path) -> None:
    """Draw the curves, each as a share of its largest value, and the objectives' spans into a lone SVG file.

    Raises:
        UserError: there is no curve, or the file cannot be written.
    """
    from climb.base.charts.svg_files import standalone

    curves, objectives = preview.curves(), preview.objectives()
    if not curves and not objectives:
        raise UserError(f"{preview.name} has no curve to draw: leave --svg out.")
    every = max(1, preview.plan.steps // 400)
    series = {
        f"{_TITLES[kind]}, at most {values.max():.3g}": [
            (float(step), float(values[step] / (values.max() or 1.0))) for step in range(0, len(values), every)
        ]
        for kind, values in curves.items()
    }
    figure = _chart(series, preview) if series else _empty_chart(preview)
    drawing = standalone(figure, keys=[*series, *(f"objective {unit}" for unit in objectives)])
    bars = "".join(_bar(on, len(series) + place) for place, on in enumerate(objectives.values()))
    try:
        path.write_text(drawing.replace("</svg>", f"{bars}</svg>"), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; give --svg a file that can be written.") from None


def _chart(series: dict[str, list[tuple[float, float]]], preview: Preview) -> str:
    """Return a figure of curves over the steps."""
    from climb.base.charts.curves import lines

    return lines(series, preview.name, "step")


def _empty_chart(preview: Preview) -> str:
    """Return a figure with the axis of the steps alone."""
    from climb.base.charts.frames import LEFT, RIGHT, WIDTH, Data, figure, x_axis
    from climb.base.charts.scales import Scale

    axis = x_axis(Scale(0, preview.plan.steps, LEFT, WIDTH - RIGHT), 190, "step")
    return figure(axis, preview.name, "The steps of the run.", Data(["step"]))


def _bar(on: BoolArray, place: int) -> str:
    """Return bars over the steps at which an objective is asked, below the key at this place."""
    import numpy as np

    from climb.base.charts.frames import LEFT, RIGHT, WIDTH, colour

    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8))).reshape(-1, 2)
    scale = (WIDTH - RIGHT - LEFT) / len(on)
    return "".join(
        f'<rect x="{LEFT + scale * first:.1f}" y="{253 + 16 * place}" width="{scale * (end - first):.1f}" height="3" '
        f'style="fill: {colour(place)}"/>'
        for first, end in edges
    )


def _preview(name: str, config: ShowConfig | DiffConfig) -> Preview:
    from climb.base.corpus import PreparedCorpus
    from climb.curricula.plan import RunPlan
    from climb.curricula.plugins import use_plugins
    from climb.curricula.preview import STAND_IN, Preview

    use_plugins(config.plugin)
    corpus = PreparedCorpus(Path(config.corpus)) if config.corpus else None
    if corpus is None:
        say(
            f"No corpus given: {STAND_IN:,} blocks of distinct difficulties stand in for any metric; "
            "--corpus DIR takes real ones."
        )
    return Preview(name, RunPlan(config.steps, config.batch_size), config.seed, corpus)


def _first_line(part: type) -> str:
    """Return the first sentence of a class's documentation."""
    return " ".join((part.__doc__ or "").split("\n\n")[0].split()).rstrip(".")


def _list(title: str, rows: list[tuple[str, str, str]]) -> None:
    show(f"\n{title}")
    for name, summary, example in rows:
        show(f"  {name:<12} {summary}; e.g. {example}")


def _points(steps: int) -> list[int]:
    return [round(place * (steps - 1) / (_POINTS - 1)) for place in range(_POINTS)]


def _run_table(title: str, points: list[int], steps: int) -> Table:
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("")
    for point in points:
        table.add_column(f"{100 * point / max(steps - 1, 1):.0f}", justify="right")
    return table


def _open_table(preview: Preview) -> Table:
    """Return the shares of the vocabulary open, over the run."""
    import numpy as np

    points = _points(preview.plan.steps)
    table = _run_table("Vocabulary open, %, after % of the steps", points, preview.plan.steps)
    for name, values in preview.vocabulary(np.array(points)).items():
        table.add_row(name, *(f"{100 * value:.1f}" for value in values))
    return table


def _exposure_columns(table: Table, letters: list[str]) -> None:
    for letter in letters:
        for column in ("1st third", "2nd", "3rd", "run"):
            table.add_column(f"{letter} {column}".strip(), justify="right")


def _difficulty_table(previews: dict[str, Preview]) -> Table:
    """Return how often a block of each decile of difficulty is seen, by thirds of the run."""
    table = Table(title="Times a block is seen, by its difficulty", title_justify="left", box=None)
    table.add_column("decile")
    means = [(name, preview.by_difficulty()) for name, preview in previews.items()]
    known = [(name, values) for name, values in means if values is not None]
    if not known:
        return table
    _exposure_columns(table, [name if len(previews) > 1 else "" for name, _ in known])
    for decile in range(len(known[0][1])):
        cells = [f"{value:.2f}" for _, values in known for value in (*values[decile], values[decile].sum())]
        label = {0: "1 easiest", len(known[0][1]) - 1: "10 hardest"}.get(decile, str(decile + 1))
        table.add_row(label, *cells)
    return table


def _source_table(preview: Preview) -> Table:
    """Return how often a block of each source is seen, by thirds of the run."""
    table = Table(title="Times a block is seen, by its source", title_justify="left", box=None)
    table.add_column("source")
    _exposure_columns(table, [""])
    for label, values in preview.by_source().items():
        table.add_row(label, *(f"{value:.2f}" for value in (*values, values.sum())))
    return table
