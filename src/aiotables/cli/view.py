"""Shows a run: a progress bar on a terminal, a line now and then elsewhere, and the report."""

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from aiotables.cli.console import err, out, plain, print_json
from aiotables.provision.events import Event, RunEnded, RunStarted, Settling, TableDone, to_json
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


class View(Protocol):
    """Something that is shown the events of a run."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def show(self, event: Event) -> None:
        """Take one event in."""
        ...


class JsonView:
    """Prints each event as one JSON object on one line."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to undo."""

    def show(self, event: Event) -> None:
        """Print it."""
        print_json(to_json(event))


class TerminalView:
    """
    Draws a progress bar and prints the report at the end.

    Args:
        console: Where the progress goes; a bar when it is a terminal, else a line for each tenth.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or err()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[notes]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._progress.add_task("tables", notes="", total=None)
        self._total = 0
        self._done = 0
        self._settling = 0
        self._reasons: list[TableDone] = []

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, event: Event) -> None:
        """Take one event in."""
        match event:
            case RunStarted(run_id=run_id, tables=tables, targets=targets):
                self._total = tables
                self._progress.update(self._task, total=tables)
                self._console.print(f"{run_id}: {tables:,} tables on {', '.join(targets)}", markup=False)
            case Settling():
                self._settling += 1
                self._draw()
            case TableDone():
                self._table(event)
            case RunEnded():
                self._progress.stop()
                _report(event, self._total, self._reasons)
            case _:
                pass

    def _table(self, event: TableDone) -> None:
        self._done += 1
        if event.outcome in WITH_REASON and len(self._reasons) < SHOWN:
            self._reasons.append(event)
        self._draw()
        tenth = max(self._total // 10, 1)
        if not self._console.is_terminal and self._done % tenth == 0:
            self._console.print(f"  {self._done:,} of {self._total:,} tables{self._notes()}")

    def _draw(self) -> None:
        self._progress.update(self._task, completed=self._done, notes=self._notes())

    def _notes(self) -> str:
        return f"  {self._settling:,} lost replies looked into" if self._settling else ""


def _report(ended: RunEnded, total: int, reasons: list[TableDone]) -> None:
    console = out()
    console.print(_counts(ended))
    tables = sum(ended.counts.values())
    each = f", {ended.requests / tables:.2f} per table" if tables else ""
    console.print(f"{ended.ending} in {ended.seconds:.1f} s; {ended.requests:,} requests{each}")
    if ended.ending == "interrupted":
        console.print(f"{total - tables:,} tables were not begun; the same command goes on from here")
    for event in reasons:
        line = f"{event.outcome.value}: {event.target}/{event.key} ({event.origin}): {event.reason}"
        console.print(plain(line, "red" if event.outcome is OutcomeKind.FAILED else "yellow"))
    more = sum(ended.counts[kind] for kind in WITH_REASON) - len(reasons)
    if more:
        console.print(f"… and {more:,} more; --json names all")


def _counts(ended: RunEnded) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_column(style="dim")
    for kind, meaning in MEANINGS.items():
        table.add_row(kind.value, f"{ended.counts[kind]:,}", meaning)
    return table
