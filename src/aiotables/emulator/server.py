"""The emulator as a whole: both services on one port of this machine."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

from aiotables.core.slips import did_you_mean
from aiotables.emulator.calls import Call
from aiotables.emulator.choices import EXTRUCT_TOKEN, PROJECTS, QUERY_SECONDS, RUN_SECONDS, Choices
from aiotables.emulator.clock import MovableClock, RunningClock
from aiotables.emulator.faults import Fault, FaultOptions, What, When
from aiotables.emulator.first_state import FirstState
from aiotables.emulator.log import CallLog
from aiotables.emulator.parts import Parts, put_together
from aiotables.emulator.rules import FaultRules, fits
from aiotables.emulator.store import Settings


_log = logging.getLogger("aiotables.emulator")

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Emulator:
    """
    Both services, stateful, on one loopback port; open as an async context manager.

    Operations go by the names of the generated descriptors, such as `zangtable.create_table`.

    Args:
        data: Folder that keeps the state; without it the state is in memory and ends with the emulator.
        host: A loopback address, unless the emulator is to be exposed.
        exposed: Whether other machines may reach it, which is warned of. They need the services' tokens; what is under
            `/_emulator/` is for this machine alone.
        port: Port to listen on; 0 for any that is free.
        faults: Rules in force from the start: faults, or what `Fault.of` reads as one.
        seed: Seed of the rules' draws, and of all ids that the services make.
        clock: Time of all that the services do; the machine's unless another is given. A client may share it.
        state: What is there at first: a file in YAML or JSON, or what it would hold; see the docs. A folder that holds
            something already keeps that.
        projects: ZangTable projects to have, each with a token; one token may open several.
        extruct_token: The token that Extruct lets in.
        run_seconds: How long Extruct works on a cell, and on each stage of a task.
        run_lag: How long an Extruct run goes unseen in the table's status after it was accepted.
        query_seconds: How long one SQL statement may run.
        choices: Where the services' documentation is silent, what is done otherwise than usual.

    Raises:
        ValueError: The host is reachable from elsewhere, and nobody said that it may be.
    """

    def __init__(
        self,
        *,
        data: Path | None = None,
        host: str = "127.0.0.1",
        exposed: bool = False,
        port: int = 0,
        faults: Sequence[Fault | str | Mapping[str, object]] = (),
        seed: int = 0,
        clock: MovableClock | None = None,
        state: Path | Mapping[str, Any] | None = None,
        projects: Mapping[str, str] = PROJECTS,
        extruct_token: str = EXTRUCT_TOKEN,
        run_seconds: float = RUN_SECONDS,
        run_lag: float = 0.0,
        query_seconds: float = QUERY_SECONDS,
        choices: Choices = Choices(),  # noqa: B008 - it cannot be changed
    ) -> None:
        if host not in LOOPBACK:
            _warn_of(host, exposed=exposed)

        self._host = host
        self._port = port
        self._first_faults = tuple(faults)
        self._clock = clock or RunningClock()
        self._settings = Settings(
            data=data,
            clock=self._clock,
            projects=dict(projects),
            extruct_token=extruct_token,
            run_seconds=run_seconds,
            run_lag=run_lag,
            query_seconds=query_seconds,
            seed=seed,
            first=FirstState.of(state),
            choices=choices,
        )
        self._rules = FaultRules(seed)
        self._log = CallLog()
        self._parts: Parts | None = None

    async def __aenter__(self) -> Self:
        """
        Open the databases and listen.

        Raises:
            ValueError: A fault is of no operation, a project's slug is not valid, or the folder is of another version.
            OSError: The port is taken.
            RuntimeError: It is open.
        """
        if self._parts is not None:
            msg = "the emulator is open already"
            raise RuntimeError(msg)

        self._parts = put_together(self, self._settings, self._rules, self._log)
        try:
            for fault in self._first_faults:
                self.add_fault(fault)
            await self._parts.listen(self._host, self._port)
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, let go of every call that is held back, and close the databases."""
        await self._close()

    @property
    def url(self) -> str:
        """The base URL of both services."""
        return self._open.url

    @property
    def calls(self) -> list[Call]:
        """The calls so far, oldest first; of very many, the last. They can be read after closing, too."""
        return self._log.all()

    @property
    def log(self) -> CallLog:
        """The log of the calls, with what went over the wire in the last of them."""
        return self._log

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The rules in force."""
        return self._rules.faults

    @property
    def clock(self) -> MovableClock:
        """The time of all that the services do; `clock.advance(600)` lets ten minutes pass."""
        return self._clock

    @property
    def projects(self) -> list[str]:
        """The slugs of the ZangTable projects, oldest first."""
        return self._open.store.projects

    def fault(self, operation: str, *, when: When, what: What, **options: Unpack[FaultOptions]) -> None:
        """
        Make calls go wrong; see `Fault` for the arguments.

        Raises:
            ValueError: An argument makes no sense, or no operation has that name.
        """
        self.add_fault(Fault(operation=operation, when=when, what=what, **options))

    def add_fault(self, fault: Fault | str | Mapping[str, object]) -> None:
        """
        Put a rule in force.

        Args:
            fault: The rule, or what `Fault.of` reads as one.

        Raises:
            ValueError: It is none, or of no operation.
        """
        self._rules.add(self._checked(fault))

    def clear_faults(self) -> None:
        """Put no rule in force."""
        self._rules.clear()

    def add_project(self, slug: str, token: str) -> None:
        """
        Have a ZangTable project, and let *token* open it.

        Raises:
            ValueError: The slug is not valid.
        """
        self._open.store.add_project(slug, token)

    def add_records(self, project: str, table: str, records: Iterable[Mapping[str, Any]]) -> None:
        """
        Put rows into a table of a ZangTable project, all or none; only a bootstrap can do that by a documented call.

        Raises:
            KeyError: There is no such project.
            ValueError: There is no such table or column, or a value is refused.
        """
        self._open.store.add_records(project, table, records)

    def count_tables(self, project: str) -> int:
        """
        Tables in the database of a ZangTable project.

        Raises:
            KeyError: There is no such project.
        """
        return len(self.table_names(project))

    def table_names(self, project: str) -> list[str]:
        """
        Names of the tables in the database of a ZangTable project, oldest first.

        Raises:
            KeyError: There is no such project.
        """
        return self._open.store.table_names(project)

    def extruct_tables(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Id, name and tags of every Extruct table, oldest first."""
        return self._open.store.extruct_tables()

    def count_rows(self, table_id: str) -> int:
        """
        Rows of an Extruct table.

        Raises:
            KeyError: There is no such table.
        """
        return self._open.store.count_rows(table_id)

    def snapshot(self, file: Path) -> None:
        """
        Write all that the services keep to *file*; faults, calls and the clock are no part of it.

        Raises:
            OSError: It cannot be written.
        """
        self._open.store.snapshot(file)

    def restore(self, file: Path) -> None:
        """
        Have what `snapshot` wrote, here or in another emulator, in place of all that the services keep.

        Raises:
            ValueError: It is no snapshot, or one of another version; nothing is changed.
            OSError: It cannot be read.
        """
        self._open.store.restore(file)

    def reset(self) -> None:
        """Start afresh: the first projects and tables, the first ids, no calls, the first faults."""
        self._open.store.reset()
        self._log.clear()
        self._rules.clear()
        for fault in self._first_faults:
            self.add_fault(fault)

    def _checked(self, rule: Fault | str | Mapping[str, object]) -> Fault:
        fault = rule if isinstance(rule, Fault) else Fault.of(rule)
        names = self._open.operation_names
        if not any(fits(fault.operation, name) for name in names):
            meant = did_you_mean(fault.operation, names) or f"; there are {', '.join(names)}"
            msg = f"no operation is named {fault.operation}{meant}"
            raise ValueError(msg)

        return fault

    @property
    def _open(self) -> Parts:
        if self._parts is None:
            msg = "the emulator is not open: use it as an async context manager"
            raise RuntimeError(msg)

        return self._parts

    async def _close(self) -> None:
        parts = self._open
        self._parts = None
        await parts.close()
        self._rules.clear()


def _warn_of(host: str, *, exposed: bool) -> None:
    if not exposed:
        msg = (
            f"the emulator listens on this machine alone: {host} is none of {', '.join(sorted(LOOPBACK))}; "
            "`exposed` lets others in"
        )
        raise ValueError(msg)

    _log.warning(
        "the emulator on %s can be reached by other machines: they need its tokens, and no more", host
    )
