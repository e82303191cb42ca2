"""What is shown of a run: its events as JSON lines here, for people in `terminal_view`."""

import asyncio
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Final, Protocol, Self

from aiotables.cli.console import print_json
from aiotables.provision.events import Event, TableDone, to_json


LATE_S: Final = 0.1
"""Seconds for which the end of a table may wait to be printed together with others."""


class View(Protocol):
    """Something that is shown the events of a run."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def show(self, event: Event) -> None:
        """Take one event in."""
        ...

    def paused(self) -> AbstractContextManager[object]:
        """A block in which nothing is drawn, so that somebody can be asked."""
        ...


class JsonView:
    """
    Prints each event as one JSON object on one line.

    The ends of tables, which are very many, are printed some at a time: whoever reads them is not woken for each.
    """

    def __init__(self) -> None:
        self._waiting: list[Event] = []
        self._timer: asyncio.TimerHandle | None = None
        self._failure: OSError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._failure is None:
            self._print()

    def show(self, event: Event) -> None:
        """Print it, or soon."""
        if self._failure is not None:
            raise self._failure
        self._waiting.append(event)
        if not isinstance(event, TableDone):
            self._print()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LATE_S, self._print_late)

    def _print_late(self) -> None:
        try:
            self._print()
        except OSError as error:
            # Nobody reads any more. Who shows the next event is told; an event loop would only log it.
            self._failure = error

    def _print(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, []
        print_json(*map(to_json, waiting))

    def paused(self) -> AbstractContextManager[object]:
        """Nothing is drawn anyway."""
        return nullcontext()
