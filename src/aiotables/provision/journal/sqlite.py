"""The journal of a run on one machine: a SQLite file in a folder."""

import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import orjson

from aiotables.provision.journal.database import open_to_read, open_to_write
from aiotables.provision.journal.errors import JournalError
from aiotables.provision.journal.facts import Intent, Outcome, Run
from aiotables.provision.journal.lock import held
from aiotables.provision.journal.reader import SqliteReader
from aiotables.provision.journal.thread import OneThread
from aiotables.provision.journal.writer import GroupCommitWriter, Value


_BEGIN_RUN = "INSERT INTO runs (run_id, manifest, digest, started_at) VALUES (?, ?, ?, ?)"
_END_RUN = "UPDATE runs SET ended_at = ?, ending = ? WHERE run_id = ?"
_INTENT = """
    INSERT INTO facts (run_id, target, key, step, kind, at, detail) VALUES (?, ?, ?, ?, 'intent', ?, ?)
"""
_OUTCOME = """
    INSERT INTO facts (run_id, target, key, step, kind, at, outcome, remote_id, detail)
    VALUES (?, ?, ?, ?, 'outcome', ?, ?, ?, ?)
"""


class SqliteJournal(SqliteReader):
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
    async def open(cls, folder: Path, *, clock: Callable[[], float] = time.time) -> AsyncIterator[Self]:
        """
        Lock the folder and open its journal, made if needed, until the end of the block.

        The journal belongs to the event loop that it was opened in.

        Args:
            folder: The folder of the job.
            clock: Gives unix seconds.

        Raises:
            JournalLocked: Another run holds the folder.
            JournalError: The folder cannot be used, or its file is no journal of this version.
        """
        where = str(folder)
        async with (
            OneThread("journal-writer", where) as writing,
            OneThread("journal-reader", where) as reading,
        ):
            await writing.enter(held(folder, now=clock()))
            sink = await writing.enter(open_to_write(folder))
            source = await reading.enter(open_to_read(folder))
            writer = GroupCommitWriter(writing, sink, where)
            yield cls(reading, source, writer=writer, where=where, clock=clock)

    @staticmethod
    @asynccontextmanager
    async def read(folder: Path) -> AsyncIterator[SqliteReader]:
        """
        Read the journal of a folder until the end of the block, also while a run writes it.

        Takes no lock and changes nothing.

        Args:
            folder: The folder of the job.

        Raises:
            JournalError: The folder holds no journal of this version.
        """
        async with OneThread("journal-reader", str(folder)) as reading:
            yield SqliteReader(reading, await reading.enter(open_to_read(folder)))

    async def begin_run(self, manifest: str, digest: str) -> Run:
        """See `Journal.begin_run`."""
        now = self._clock()
        run = Run(run_id=_run_id(now), manifest=manifest, digest=digest, started_at=now)
        await self._writer.write(_BEGIN_RUN, (run.run_id, manifest, digest, now))
        return run

    async def end_run(self, run_id: str, ending: str) -> None:
        """See `Journal.end_run`."""
        if not await self._writer.write(_END_RUN, (self._clock(), ending, run_id)):
            message = f"knows no run {run_id}"
            raise JournalError(message, where=self._where)

    async def intent(self, intent: Intent) -> None:
        """See `Journal.intent`."""
        fact = (intent.run_id, intent.target, intent.key, intent.step, intent.at, _json(intent.detail))
        await self._writer.write(_INTENT, fact)

    async def outcome(self, outcome: Outcome) -> None:
        """See `Journal.outcome`."""
        step = (outcome.run_id, outcome.target, outcome.key, outcome.step)
        end: tuple[Value, ...] = (outcome.at, outcome.outcome, outcome.remote_id, _json(outcome.detail))
        await self._writer.write(_OUTCOME, step + end)


def _run_id(now: float) -> str:
    moment = datetime.fromtimestamp(now, UTC)
    return f"run_{moment:%Y%m%dT%H%M%SZ}_{secrets.token_hex(4)}"


def _json(detail: Mapping[str, Any]) -> str:
    return orjson.dumps(detail).decode()
