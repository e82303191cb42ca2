"""The journal of a run on one machine: a SQLite file in a folder."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

import orjson

from aiotables.provision.holding import Holding, holding
from aiotables.provision.journal.asking import SqliteHistory
from aiotables.provision.journal.database import has_older, open_to_read, open_to_write
from aiotables.provision.journal.errors import JournalError
from aiotables.provision.journal.facts import Intent, Outcome, Run, new_run_id
from aiotables.provision.journal.lease import BEAT_S, SURE_S, leased, refuse_foreign
from aiotables.provision.journal.lock import held
from aiotables.provision.journal.moved import refuse_moved
from aiotables.provision.journal.thread import OneThread
from aiotables.provision.journal.writer import GroupCommitWriter, Insert, Value
from aiotables.provision.lapse import Moment


_BEGIN_RUN = "INSERT INTO runs (run_id, manifest, digest, started_at, command) VALUES (?, ?, ?, ?, ?)"
_END_RUN = "UPDATE runs SET ended_at = ?, ending = ? WHERE run_id = ?"
_FACT = Insert(
    "INSERT INTO facts (run_id, target, key, step, kind, at, outcome, remote_id, detail)",
    "(?, ?, ?, ?, ?, ?, ?, ?, ?)",
)


class SqliteJournal(SqliteHistory):
    """
    A `Journal` in a folder, which it has to itself; made by `SqliteJournal.open`.

    Args:
        thread: The thread that owns *connection*.
        connection: The one that reads.
        writer: Writes to the same file.
        where: The folder, for errors.
        clock: Gives unix seconds.
    """

    def __init__(
        self,
        thread: OneThread,
        connection: sqlite3.Connection,
        *,
        writer: GroupCommitWriter,
        where: str,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(thread, connection)
        self._writer = writer
        self._where = where
        self._clock = clock

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        folder: Path,
        *,
        manifest: str | None = None,
        clock: Callable[[], float] = time.time,
        moving_to: str | None = None,
    ) -> AsyncIterator[Self]:
        """
        Lock the folder and open its journal, made if needed, until the end of the block.

        The journal belongs to the event loop that it was opened in.

        Args:
            folder: The folder of the job.
            manifest: The name of the manifest whose journal it is to be; `None` takes any.
            clock: Gives unix seconds.
            moving_to: The database that it is being moved to; who moves it may open it all the same.

        Raises:
            JournalLocked: Another run holds the folder.
            JournalMoved: It goes on in a database.
            JournalForeign: It is the journal of another manifest.
            JournalError: The folder cannot be used, or its file is no journal, or one of a later version.
        """
        where = str(folder)
        async with (
            OneThread("journal-writer", where) as writing,
            OneThread("journal-reader", where) as reading,
        ):
            await writing.enter(held(folder, now=clock()))
            await writing.call(partial(refuse_moved, folder, to=moving_to))
            sink = await writing.enter(open_to_write(folder))
            since = Moment.now()
            lease = await writing.enter(leased(sink, where=where, manifest=manifest, clock=clock))
            source = await reading.enter(open_to_read(folder))
            writer = GroupCommitWriter(writing, sink, where, check=lease.check)
            async with _held(Turn(writer, since)):
                yield cls(reading, source, writer=writer, where=where, clock=clock)

    @staticmethod
    @asynccontextmanager
    async def read(folder: Path, *, manifest: str | None = None) -> AsyncIterator[SqliteHistory]:
        """
        Read the journal of a folder until the end of the block, also while a run writes it.

        Takes no lock and changes nothing; only a journal of an older aiotables is brought up before.

        Args:
            folder: The folder of the job.
            manifest: The name of the manifest whose journal it is to be; `None` takes any.

        Raises:
            JournalForeign: It is the journal of another manifest.
            JournalLocked: It has to be brought up, and a run of the older aiotables holds it.
            JournalError: The folder holds no journal, or one of a later version.
        """
        async with OneThread("journal-reader", str(folder)) as reading:
            await reading.call(_bring_up, folder)
            source = await reading.enter(open_to_read(folder))
            await reading.call(refuse_foreign, source, where=str(folder), manifest=manifest)
            yield SqliteHistory(reading, source)

    async def begin_run(self, manifest: str, digest: str, *, command: str = "apply") -> Run:
        """See `Journal.begin_run`."""
        now = self._clock()
        run = Run(run_id=new_run_id(now), manifest=manifest, digest=digest, started_at=now, command=command)
        await self._writer.write(_BEGIN_RUN, (run.run_id, manifest, digest, now, command))
        return run

    async def end_run(self, run_id: str, ending: str) -> None:
        """See `Journal.end_run`."""
        if not await self._writer.write(_END_RUN, (self._clock(), ending, run_id)):
            message = f"knows no run {run_id}"
            raise JournalError(message, where=self._where)

    async def intent(self, intent: Intent) -> None:
        """See `Journal.intent`."""
        step = (intent.run_id, intent.target, intent.key, intent.step)
        end: tuple[Value, ...] = ("intent", intent.at, None, None, _json(intent.detail))
        await self._writer.write(_FACT, step + end)

    async def outcome(self, outcome: Outcome) -> None:
        """See `Journal.outcome`."""
        step = (outcome.run_id, outcome.target, outcome.key, outcome.step)
        facts = (outcome.at, outcome.outcome, outcome.remote_id, _json(outcome.detail))
        end: tuple[Value, ...] = ("outcome", *facts)
        await self._writer.write(_FACT, step + end)


def _bring_up(folder: Path) -> None:
    if has_older(folder):
        with held(folder, now=time.time()), open_to_write(folder):
            pass


class Turn(Holding):
    """
    The right to send for what a journal holds: it is asked for with each heartbeat.

    Args:
        writer: Writes the journal, and checks in each transaction that nobody took it over.
        since: Before the journal was taken.
    """

    def __init__(self, writer: GroupCommitWriter, since: Moment) -> None:
        super().__init__(since, SURE_S)
        self._writer = writer

    async def renew(self) -> None:
        """
        Beat.

        Raises:
            JournalFenced: Another run took over.
            JournalError: The journal cannot be written.
        """
        asked_at = Moment.now()
        await self._writer.write("SELECT 1", ())
        self.renewed(asked_at)


@asynccontextmanager
async def _held(turn: Turn) -> AsyncIterator[None]:
    """Keep the lease alive also while nothing else is written, and let requests ask for it."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            await turn.renew()

    task = asyncio.create_task(beat())
    holding.set(turn)
    try:
        yield
    finally:
        # Not by its token: whoever leaves the block may be another task than the one that entered it.
        holding.set(None)
        task.cancel()
        # What it failed with, each later write fails with, too.
        await asyncio.gather(task, return_exceptions=True)


def _json(detail: Mapping[str, Any]) -> str:
    return orjson.dumps(detail).decode()
