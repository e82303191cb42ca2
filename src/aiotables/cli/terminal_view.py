"""Shows a run to people: a progress bar on a terminal, a line now and then elsewhere, and the report."""

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from aiotables.cli.console import err, out, plain, spoken
from aiotables.core.counting import counted
from aiotables.provision.events import (
    Event,
    Progress,
    ProjectMade,
    RowsFailed,
    RunEnded,
    RunStarted,
    Settling,
    TableDone,
    WaveDone,
)
from aiotables.provision.journal import OutcomeKind


MEANINGS = {
    OutcomeKind.CREATED: "made, or completed, by this run",
    OutcomeKind.ADOPTED: "the reply was lost; found by looking, and not made again",
    OutcomeKind.UNCHANGED: "there already, as desired",
    OutcomeKind.FAILED: "not done, for the reason given",
    OutcomeKind.UNKNOWN: "looking could not tell; run again to look again",
}
WITH_REASON = (OutcomeKind.FAILED, OutcomeKind.UNKNOWN)

SHOWN = 20
"""Reasons that are printed; `--json` prints all."""


class TerminalView:
    """
    Draws a progress bar for each target and prints the report at the end.

    Args:
        console: Where the progress goes; bars when it is a terminal, else a line for each tenth.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or err()
        self._progress = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[notes]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._bars: dict[str, TaskID] = {}
        self._total = 0
        self._done = 0
        self._settling: Counter[str] = Counter()
        self._left: dict[str, float] = {}
        self._reasons: list[TableDone] = []
        self._refused: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """A block in which nothing is drawn, so that somebody can be asked."""
        self._progress.stop()
        yield
        self._progress.start()

    def show(self, event: Event) -> None:
        """Take one event in."""
        match event:
            case RunStarted():
                self._begin(event)
            case ProjectMade():
                self._console.print(plain(_project(event)))
            case Settling(target=target):
                self._settling[target] += 1
                self._draw(target)
            case TableDone():
                self._table(event)
            case Progress(target=target, seconds_left=left):
                self._left[target] = left or 0.0
                self._draw(target)
            case RowsFailed():
                where = f", to be found in {event.file}" if event.file else ""
                self._refused[f"of {event.target}/{event.key} refused{where}"] += event.rows
            case WaveDone():
                self._console.print(_wave(event))
            case RunEnded():
                self._progress.stop()
                _report(event, self._total, self._reasons)
                _report_refused(self._refused)
            case _:
                pass

    def _begin(self, event: RunStarted) -> None:
        self._total = event.tables
        for target, tables in event.targets.items():
            self._bars[target] = self._progress.add_task(target, notes="", total=tables)
        targets = ", ".join(event.targets)
        self._console.print(f"{event.run_id}: {counted(event.tables, 'table')} on {targets}", markup=False)

    def _table(self, event: TableDone) -> None:
        self._done += 1
        if event.outcome in WITH_REASON and len(self._reasons) < SHOWN:
            self._reasons.append(event)
        self._progress.advance(self._bars[event.target])
        tenth = max(self._total // 10, 1)
        if not self._console.is_terminal and self._done % tenth == 0:
            notes = _notes(self._settling.total(), max(self._left.values(), default=0.0))
            self._console.print(f"  {self._done:,} of {counted(self._total, 'table')}{notes}")

    def _draw(self, target: str) -> None:
        notes = _notes(self._settling[target], self._left.get(target, 0.0))
        self._progress.update(self._bars[target], notes=notes)


def _project(event: ProjectMade) -> str:
    tables = f", with {counted(event.tables, 'table')}" if event.outcome is OutcomeKind.CREATED else ""
    reason = f": {event.reason}" if event.reason else ""
    return f"{event.target}: project {event.project} {event.outcome}{tables}{reason}"


def _notes(settling: int, left: float) -> str:
    time = f"  {spoken(left)} left" if left >= 1 else ""
    return time + (f"  {counted(settling, 'lost reply', 'lost replies')} looked into" if settling else "")


def _wave(event: WaveDone) -> str:
    name = "the canary" if event.canary else f"wave {event.wave}"
    return f"{name}: {counted(event.tables, 'table')}, {event.failed:,} failed"


def _report(ended: RunEnded, total: int, reasons: list[TableDone]) -> None:
    console = out()
    console.print(_counts(ended))
    tables = sum(ended.counts.values())
    each = f", {ended.requests / tables:.2f} per table" if tables else ""
    console.print(f"{ended.ending} in {ended.seconds:.1f} s; {counted(ended.requests, 'request')}{each}")
    if ended.reason:
        console.print(f"no more were begun: {ended.reason}", markup=False)
    if ended.ending == "interrupted" or ended.reason:
        left = counted(total - tables, "table was", "tables were")
        console.print(f"{left} not begun; the same command goes on from here")
    for event in reasons:
        line = f"{event.outcome.value}: {event.target}/{event.key} ({event.origin}): {event.reason}"
        console.print(plain(line, "red" if event.outcome is OutcomeKind.FAILED else "yellow"))
    more = sum(ended.counts[kind] for kind in WITH_REASON) - len(reasons)
    if more:
        console.print(f"… and {more:,} more; --json names all")


def _report_refused(refused: Counter[str]) -> None:
    for where, rows in itertools.islice(refused.items(), SHOWN):
        out().print(plain(f"{counted(rows, 'row')} {where}", "red"))


def _counts(ended: RunEnded) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_column(style="dim")
    for kind, meaning in MEANINGS.items():
        table.add_row(kind.value, f"{ended.counts[kind]:,}", meaning)
    return table
