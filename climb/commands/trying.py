"""`climb try`: what a model says, early and late."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from rich.table import Table

from climb.base.console import say, show
from climb.base.errors import UserError
from climb.base.schema import Strict


class TryConfig(Strict):
    """What `climb try` is asked."""

    words: list[str] = Field(description="A run and a text; a text alone takes the newest complete run.")
    count: int = Field(default=5, gt=0, description="Fillers shown for a <mask>.")
    new_tokens: int = Field(default=20, gt=0, description="Tokens by which a causal model goes on.")


def try_text(config: TryConfig) -> None:
    """Fill <mask>, or go on with a text, from the first, the middle and the last weights of a run.

    A masked model fills every <mask>. A causal model names likely next words where the text ends in <mask>, and goes
    on with it otherwise.
    """
    from rich.text import Text

    from climb.base.run import Run, newest_run
    from climb.trying import answers, load_stage, stages

    if len(config.words) > 2:
        raise UserError(f"climb try takes a run and one text and got {len(config.words)} words: quote the text.")
    place = config.words[0] if len(config.words) == 2 else str(newest_run())
    if len(config.words) == 1:
        say(f"No run given: taking the newest complete run, {place}.")
    run, text = Run(Path(place)), config.words[-1]
    table = Table(title=Text(text), title_justify="left")
    columns = []
    for stage in stages(run):
        loaded = load_stage(stage, run)
        table.add_column(Text(stage.label), overflow="fold")
        columns.append(answers(loaded, text, config.count, config.new_tokens))
        if loaded.kind == "causal" and text.partition("<mask>")[2].strip() and len(columns) == 1:
            say("A causal model does not see what follows <mask>: its next words are shown.")
    for row in zip(*columns, strict=True):
        table.add_row(*(Text(cell) for cell in row))
    show(table)
