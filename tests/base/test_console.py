"""Sentences go to standard error, results to standard output, bars only to a terminal."""

import io

import pytest
from rich.console import Console
from rich.table import Table

from climb.base import console
from climb.base.progress_bar import progress


@pytest.fixture(autouse=True)
def loud():
    """Every test starts and ends without --quiet."""
    console.set_quiet(False)
    yield
    console.set_quiet(False)


def test_sentences_and_results_part(capsys):
    console.say("Reading [bold]a[/bold] " + "x" * 300)
    console.show("result")
    said = capsys.readouterr()
    assert said.out == "result\n"
    assert said.err == "Reading [bold]a[/bold] " + "x" * 300 + "\n"


def test_quiet_silences_sentences_not_results(capsys):
    console.set_quiet(True)
    assert console.is_quiet()
    console.say("Reading")
    console.show("result")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("result\n", "")


def test_tables_are_results(capsys):
    table = Table("task", "accuracy")
    table.add_row("blimp", "0.61 ± 0.01")
    console.show(table)
    assert "0.61 ± 0.01" in capsys.readouterr().out


def work(label: str = "Packing") -> None:
    with progress(label, 3) as advance:
        for step in range(3):
            advance(1, note=f"step {step}")


def test_no_bar_without_a_terminal(capsys):
    work()
    assert capsys.readouterr() == ("", "")


def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Pretend that standard error is a terminal and return what it shows."""
    shown = io.StringIO()
    pretended = Console(file=shown, force_terminal=True, width=100)
    monkeypatch.setattr("climb.base.progress_bar.errors", lambda: pretended)
    return shown


def test_a_terminal_shows_label_share_and_note(monkeypatch):
    shown = terminal(monkeypatch)
    work("Packing blocks")
    for part in ("Packing blocks", "100 %", "left", "step 2"):
        assert part in shown.getvalue()


def test_quiet_draws_no_bar(monkeypatch):
    shown = terminal(monkeypatch)
    console.set_quiet(True)
    work()
    assert shown.getvalue() == ""


def test_a_bar_ends_with_its_block_even_when_it_raises(monkeypatch):
    terminal(monkeypatch)
    with pytest.raises(ValueError, match="broken"), progress("Packing", None):
        raise ValueError("broken")
    work()


def test_what_is_said_goes_through_the_console_of_a_bar(capsys):
    file = io.StringIO()
    with console.drawn_on(Console(file=file)):
        console.say("above the bar")
    console.say("after it")
    assert file.getvalue() == "above the bar\n"
    assert capsys.readouterr().err == "after it\n"
