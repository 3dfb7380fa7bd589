"""The command line: `climb prep`, `climb train`, `climb eval`, `climb curriculum`, `climb parser train`.

Exit codes: 0 done, 2 wrong input or usage, 130 interrupted after saving.
"""

from __future__ import annotations

import signal
import sys

import typer

from climb.base.console import errors
from climb.base.errors import Interrupted, UserError
from climb.commands.curriculum import DiffConfig, ShowConfig, list_curricula, show_curriculum, show_difference
from climb.commands.eval import evaluate
from climb.commands.parser import train_parser_pipeline
from climb.commands.prep import prepare_corpus
from climb.commands.train import train_model
from climb.config import TrainConfig
from climb.data_prep.options import PrepConfig
from climb.data_prep.parsing.training.options import ParserConfig
from climb.eval.options import EvalConfig
from climb.flags import command

app = typer.Typer(
    help="Curriculum learning for small language models: prepare a corpus, train under a curriculum, evaluate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("prep")(command(PrepConfig, prepare_corpus, positional="sources"))
app.command("train")(
    command(
        TrainConfig,
        train_model,
        positional="corpus",
        sections={
            "model": ("model", "Shape of the model: a name in climb/presets/models. Default: masked-laptop."),
            "loss": ("loss.name", "plain, label_smoothing or syntactic_smoothing. Default: plain."),
            "schedule": ("optimizer.schedule", "linear, cosine, constant or wsd. Default: linear."),
            "average": ("averaging.name", "Average of the weights: none, ema or last. Default: none."),
        },
        switches={"dry_run": "Print parameters, words, epochs, time and disk, and train nothing."},
    )
)
app.command("eval")(command(EvalConfig, evaluate, positional="models"))
parsers = typer.Typer(help="Taggers and dependency parsers for `climb prep`.", no_args_is_help=True)
parsers.command("train")(command(ParserConfig, train_parser_pipeline, positional="files"))
# A group of one command would else swallow its name.
parsers.callback()(lambda: None)
app.add_typer(parsers, name="parser")
curricula = typer.Typer(help="Curricula: what there is, and what one will do.", no_args_is_help=True)
curricula.command("list")(list_curricula)
curricula.command("show")(command(ShowConfig, show_curriculum, positional="name"))
curricula.command("diff")(command(DiffConfig, show_difference, positional="names"))
app.add_typer(curricula, name="curriculum")


def main() -> None:
    """Run the command line and exit with its code; a SIGTERM stops like Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app()
    except UserError as error:
        errors().print(f"Error: {error}", style="bold red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except Interrupted as stop:
        errors().print(str(stop), markup=False, highlight=False, soft_wrap=True)
        sys.exit(130)
