"""What a run looks like while it goes on, and its report."""

import io

import pytest
from attrs import evolve
from rich.console import Console

from aiotables.cli.terminal_view import MEANINGS, SHOWN, TerminalView
from aiotables.provision.events import (
    Event,
    Progress,
    ProjectMade,
    Refreshed,
    RowsFailed,
    RunEnded,
    RunStarted,
    Settling,
    TableDone,
    WaveDone,
)
from aiotables.provision.journal import OutcomeKind


STARTED = RunStarted(run_id="run_1", tables=25, targets={"crm": 20, "research": 5})


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
    assert "run_1: 25 tables on crm, research" == lines[0]
    assert ["  2 of 25 tables", "  4 of 25 tables"] == lines[1:3]
    assert "  20 of 25 tables  1 lost reply looked into" == lines[10]
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
    assert "0/5" in screen.getvalue()
    assert "1 lost reply looked into" in screen.getvalue()
    assert "of 25 tables" not in screen.getvalue()
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
    assert "20 tables were not begun; the same command goes on from here" in out


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


def test_time_that_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    """The time that is left is that of the slowest target, and a bar has that of its own."""
    screen = io.StringIO()
    events: list[Event] = [
        STARTED,
        Progress(target="crm", done=1, tables=20, requests=2, seconds_left=30.0),
        Progress(target="research", done=1, tables=5, requests=2, seconds_left=400.0),
        done(1),
        done(2),
    ]
    unknown = [
        Progress(target=name, done=1, tables=9, requests=2, seconds_left=None) for name in STARTED.targets
    ]
    with TerminalView(Console(file=screen, force_terminal=True, width=100)) as bars, TerminalView() as lines:
        for event in events:
            bars.show(event)
            lines.show(event)
        for event in unknown:
            lines.show(event)
        lines.show(done(3))
        lines.show(done(4))

    assert "30 s left" in screen.getvalue()
    assert "7 min left" in screen.getvalue()
    told = capsys.readouterr().err.splitlines()
    assert ["  2 of 25 tables  7 min left", "  4 of 25 tables"] == told[1:]


def test_waves(capsys: pytest.CaptureFixture[str]) -> None:
    """The end of each wave is told, and in the report why no more tables were begun."""
    with TerminalView() as view:
        view.show(STARTED)
        view.show(WaveDone(wave=1, canary=True, tables=3, failed=0))
        view.show(WaveDone(wave=2, canary=False, tables=10, failed=2))
        view.show(evolve(ended("failed", failed=2), reason="2 tables of wave 2 failed, and 1 may"))

    out, err = capsys.readouterr()
    assert ["the canary: 3 tables, 0 failed", "wave 2: 10 tables, 2 failed"] == err.splitlines()[1:3]
    assert "no more were begun: 2 tables of wave 2 failed, and 1 may" in out
    assert "23 tables were not begun; the same command goes on from here" in out


def test_refused_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """Rows that were refused are counted for each table, with the file that they are in."""
    with TerminalView() as view:
        view.show(STARTED)
        for file in ("a.jsonl", "a.jsonl", None):
            view.show(RowsFailed(target="research", key="a", step="rows:0", rows=50, file=file, reason="no"))
        view.show(ended("failed", failed=1))

    out = capsys.readouterr().out
    assert "100 rows of research/a refused, to be found in a.jsonl" in out
    assert "50 rows of research/a refused\n" in out


def test_paused() -> None:
    """While somebody is asked nothing is drawn: the cursor is there, and the bars come back."""
    screen = io.StringIO()
    with TerminalView(Console(file=screen, force_terminal=True)) as view:
        view.show(STARTED)
        with view.paused():
            during = screen.getvalue()
        after = screen.getvalue()

    assert during.rindex("\x1b[?25h") > during.rindex("\x1b[?25l")
    assert after.rindex("\x1b[?25l") > after.rindex("\x1b[?25h")


@pytest.mark.parametrize(
    ("outcome", "reason", "line"),
    [
        (OutcomeKind.CREATED, "", "crm: project acme created, with 2 tables"),
        (OutcomeKind.UNKNOWN, "the reply was lost", "crm: project acme unknown: the reply was lost"),
    ],
)
def test_project(capsys: pytest.CaptureFixture[str], outcome: OutcomeKind, reason: str, line: str) -> None:
    """What became of a project is told at once."""
    with TerminalView() as view:
        view.show(ProjectMade(target="crm", project="acme", outcome=outcome, tables=2, reason=reason))

    assert line == capsys.readouterr().err.strip()
