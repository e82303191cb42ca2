"""What a run looks like while it goes on, and its report."""

import io

import pytest
from rich.console import Console

from aiotables.cli.view import MEANINGS, SHOWN, JsonView, TerminalView
from aiotables.provision.events import Refreshed, RunEnded, RunStarted, Settling, TableDone
from aiotables.provision.journal import OutcomeKind


STARTED = RunStarted(run_id="run_1", tables=20, targets={"crm": 15, "research": 5})


def done(number: int, outcome: OutcomeKind = OutcomeKind.CREATED, reason: str = "") -> TableDone:
    """The end of a table."""
    return TableDone(
        target="crm", key=f"t{number}", outcome=outcome, reason=reason, origin=f"m.yaml:{number}"
    )


def ended(ending: str = "done", **counts: int) -> RunEnded:
    """The end of a run."""
    every = {kind.value: counts.get(kind.value, 0) for kind in MEANINGS}
    return RunEnded(run_id="run_1", ending=ending, counts=every, requests=30, seconds=2.5)


def test_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no terminal is, a line is printed for each tenth, and the report goes to standard output."""
    with TerminalView() as view:
        view.show(STARTED)
        view.show(Refreshed(target="crm"))
        for number in range(20):
            if number == 10:
                view.show(Settling(target="crm", key="t10", step="create", reason="lost"))
            view.show(done(number))
        view.show(ended(created=19, adopted=1))

    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert "run_1: 20 tables on crm, research" == lines[0]
    assert ["  2 of 20 tables", "  4 of 20 tables"] == lines[1:3]
    assert "  20 of 20 tables  1 lost replies looked into" == lines[10]
    assert 11 == len(lines)
    assert "created    19  made, or completed, by this run" in out
    assert "done in 2.5 s; 30 requests, 1.50 per table" in out


def test_bar_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal a bar is drawn, with how many of how many, and lines are not."""
    screen = io.StringIO()
    with TerminalView(Console(file=screen, force_terminal=True, width=100)) as view:
        view.show(STARTED)
        for number in range(20):
            view.show(done(number))
        view.show(Settling(target="crm", key="t1", step="create", reason="lost"))
        view.show(ended(created=20))

    assert "20/20" in screen.getvalue()
    assert "1 lost replies looked into" in screen.getvalue()
    assert "of 20 tables" not in screen.getvalue()
    assert "done in 2.5 s" in capsys.readouterr().out


def test_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    """Each failed or unknown table is named with the reason and where it is asked for; of very many, the first."""
    with TerminalView() as view:
        view.show(STARTED)
        view.show(done(0, OutcomeKind.UNKNOWN, "the look failed \x1b[2J [red]"))
        for number in range(1, 40):
            view.show(done(number, OutcomeKind.FAILED, "refused"))
        view.show(ended("failed", failed=39, unknown=1))

    out = capsys.readouterr().out
    assert "unknown: crm/t0 (m.yaml:0): the look failed \N{REPLACEMENT CHARACTER}[2J [red]" in out
    assert "failed: crm/t19 (m.yaml:19): refused" in out
    assert SHOWN == sum(1 for line in out.splitlines() if ": crm/t" in line)
    assert "… and 20 more; --json names all" in out


def test_no_tables(capsys: pytest.CaptureFixture[str]) -> None:
    """A run of no table reports that."""
    with TerminalView() as view:
        view.show(RunStarted(run_id="run_1", tables=0, targets={"crm": 0}))
        view.show(ended())

    assert "done in 2.5 s; 30 requests\n" in capsys.readouterr().out


def test_interrupted_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    """The report of an interrupted run says that the same command goes on from there."""
    with TerminalView() as view:
        view.show(STARTED)
        view.show(ended("interrupted", created=5))

    assert "interrupted in 2.5 s" in (out := capsys.readouterr().out)
    assert "15 tables were not begun; the same command goes on from here" in out


def test_left_in_the_middle(capsys: pytest.CaptureFixture[str]) -> None:
    """A view that is left in the middle gives the terminal back."""
    screen = io.StringIO()
    view = TerminalView(Console(file=screen, force_terminal=True))

    def interrupted() -> None:
        with view:
            view.show(STARTED)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    # The cursor was hidden, and is shown again.
    assert screen.getvalue().rindex("\x1b[?25h") > screen.getvalue().rindex("\x1b[?25l")


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON each event is a line."""
    with JsonView() as view:
        view.show(STARTED)
        view.show(done(1))

    first, second = capsys.readouterr().out.splitlines()
    assert '{"event":"run_started","run_id":"run_1","tables":20,"targets":{"crm":15,"research":5}}' == first
    assert second.startswith('{"event":"table_done"')
