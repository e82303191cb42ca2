"""Group commit."""

import asyncio
import re
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, closing
from pathlib import Path

import pytest
from attrs import define, field

from aiotables.provision.journal import JournalError
from aiotables.provision.journal.thread import OneThread
from aiotables.provision.journal.writer import MOST_ROWS, GroupCommitWriter, Insert


INSERT = "INSERT INTO notes VALUES (?, ?)"
ROW = Insert("INSERT INTO notes (number, text)", "(?, ?)")
GATED = "INSERT INTO notes VALUES (?, gate(?))"


@define
class Bench:
    """A writer, what its connection was told, and a gate where its thread waits if a statement says so."""

    connection: sqlite3.Connection
    thread: OneThread
    writer: GroupCommitWriter
    statements: list[str] = field(factory=list)
    at_gate: threading.Event = field(factory=threading.Event)
    gate: threading.Event = field(factory=threading.Event)

    def pass_gate(self, value: str) -> str:
        """The SQL function."""
        self.at_gate.set()
        self.gate.wait()
        return value

    async def hold(self) -> "asyncio.Task[int]":
        """Start a write that keeps the thread busy until the gate opens."""
        task = asyncio.create_task(self.writer.write(GATED, (-1, "held")))
        await asyncio.to_thread(self.at_gate.wait)
        return task

    async def start(
        self, *rows: tuple[int, str], statement: str | Insert = INSERT
    ) -> "list[asyncio.Task[int]]":
        """Start writes, and let them queue."""
        tasks = [asyncio.create_task(self.writer.write(statement, row)) for row in rows]
        await asyncio.sleep(0)
        return tasks


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with a table of notes."""
    with closing(sqlite3.connect(tmp_path / "notes.sqlite")) as connection:
        connection.execute("CREATE TABLE notes (number INTEGER PRIMARY KEY, text TEXT)")
    return tmp_path / "notes.sqlite"


@asynccontextmanager
async def _bench(path: Path) -> AsyncIterator[Bench]:
    async with OneThread("crew", "jobs") as thread:
        opening: AbstractContextManager[sqlite3.Connection] = closing(
            sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        )
        connection = await thread.enter(opening)
        bench = Bench(connection, thread, GroupCommitWriter(thread, connection, "jobs"))
        connection.create_function("gate", 1, bench.pass_gate)
        connection.set_trace_callback(bench.statements.append)
        yield bench


@pytest.fixture
async def bench(path: Path) -> AsyncIterator[Bench]:
    """A writer on that database."""
    async with _bench(path) as opened:
        yield opened
        opened.gate.set()


@pytest.fixture
def stored(path: Path) -> Callable[[], list[int]]:
    """Reads the numbers that are in the file."""

    def read() -> list[int]:
        with closing(sqlite3.connect(path)) as connection:
            return [number for (number,) in connection.execute("SELECT number FROM notes ORDER BY number")]

    return read


async def test_returns_when_committed(bench: Bench, stored: Callable[[], list[int]]) -> None:
    """A write returns how many rows it changed, and by then another connection sees them."""
    assert 1 == await bench.writer.write(INSERT, (1, "a"))
    assert [1] == stored()
    assert 0 == await bench.writer.write("UPDATE notes SET text = 'b' WHERE number = ?", (2,))


async def test_writers_share_a_commit(bench: Bench, stored: Callable[[], list[int]]) -> None:
    """All that gathers while one commit is under way goes into the next, in the order it was asked for."""
    first = await bench.hold()
    others = await bench.start(*((number, "x") for number in range(64)))
    bench.gate.set()

    assert [1] * 65 == await asyncio.gather(first, *others)
    assert 2 == bench.statements.count("COMMIT")
    written = [re.sub(r"[^0-9]", "", line) for line in bench.statements if line.endswith("'x')")]
    assert [str(number) for number in range(64)] == written
    assert [-1, *range(64)] == stored()


async def test_rows_of_a_batch_share_statements(bench: Bench, stored: Callable[[], list[int]]) -> None:
    """Rows that follow each other go into one statement, up to a number; another statement keeps its turn among them."""
    held = await bench.hold()
    rows = await bench.start(*((number, "x") for number in range(MOST_ROWS + 1)), statement=ROW)
    other = asyncio.create_task(bench.writer.write("UPDATE notes SET text = 'y' WHERE number < ?", (10,)))
    late = await bench.start((100, "x"), (101, "x"), statement=ROW)
    bench.gate.set()

    assert [1] * (MOST_ROWS + 1) == await asyncio.gather(*rows)
    assert [1, 11, 1, 1] == [await held, await other, *await asyncio.gather(*late)]
    sent = [line for line in bench.statements if line.startswith("INSERT INTO notes (")]
    assert [MOST_ROWS, 1, 2] == [line.count("'x'") for line in sent]
    assert [-1, *range(MOST_ROWS + 1), 100, 101] == stored()


async def test_row_among_many_is_refused_alone(bench: Bench, stored: Callable[[], list[int]]) -> None:
    """Also where rows share a statement, one that breaks a rule is refused alone, whichever it is."""
    held = await bench.hold()
    batch = await bench.start((1, "a"), (2, "b"), (1, "again"), (3, "c"), statement=ROW)
    bench.gate.set()

    first, second, again, third = await asyncio.gather(*batch, return_exceptions=True)

    assert [1, 1, 1, 1] == [await held, first, second, third]
    assert "The journal in jobs was not written: UNIQUE constraint failed: notes.number" == str(again)
    assert [-1, 1, 2, 3] == stored()


async def test_nothing_returns_before_its_commit(bench: Bench, stored: Callable[[], list[int]]) -> None:
    """A write whose statement was executed, but is not yet committed, has not returned."""
    await bench.writer.write(INSERT, (1, "early"))
    held = await bench.hold()
    others = await bench.start((2, "late"))
    for _ in range(10):
        await asyncio.sleep(0)

    assert [False, False] == [task.done() for task in [held, *others]]
    assert [1] == stored()


async def test_thousand_writers(bench: Bench, stored: Callable[[], list[int]]) -> None:
    """A thousand writers at once are all written, in far fewer commits than writes."""
    await asyncio.gather(*(bench.writer.write(INSERT, (number, "x")) for number in range(1000)))

    assert list(range(1000)) == stored()
    assert 500 > bench.statements.count("COMMIT")


async def test_cancelled_caller_loses_nothing(bench: Bench, stored: Callable[[], list[int]]) -> None:
    """Cancelled callers hear of it at once; what they asked for is written, and so is what others did."""
    held = await bench.hold()
    gone, kept = await bench.start((1, "gone"), (2, "kept"))

    held.cancel()
    gone.cancel()
    for task in (held, gone):
        with pytest.raises(asyncio.CancelledError):
            await task
    bench.gate.set()

    assert 1 == await kept
    assert [-1, 1, 2] == stored()


async def test_row_against_the_schema_is_refused_alone(bench: Bench, stored: Callable[[], list[int]]) -> None:
    """A row that breaks a rule is refused to its caller; the rest of its batch and later writes are kept."""
    held = await bench.hold()
    batch = await bench.start((1, "a"), (1, "again"), (2, "b"))
    bench.gate.set()

    first, again, second = await asyncio.gather(*batch, return_exceptions=True)

    assert [1, 1, 1] == [await held, first, second]
    assert isinstance(again, JournalError)
    assert "The journal in jobs was not written: UNIQUE constraint failed: notes.number" == str(again)
    assert 1 == await bench.writer.write(INSERT, (3, "c"))
    assert [-1, 1, 2, 3] == stored()


async def test_full_disk_reaches_every_waiting_caller(path: Path, stored: Callable[[], list[int]]) -> None:
    """
    When the disk is full, all whose rows were in that commit hear of it, and none of the rows is kept.

    Later writes are refused too, even when there is space again, until the file is opened anew.
    """
    async with _bench(path) as bench:
        bench.connection.execute("PRAGMA max_page_count = 8")
        held = await bench.hold()
        batch = await bench.start(*((number, "x" * 1000) for number in range(64)))
        bench.gate.set()
        assert 1 == await held

        refused = await asyncio.gather(*batch, return_exceptions=True)

        assert {"The journal in jobs was not written: database or disk is full"} == {str(e) for e in refused}
        assert {JournalError} == {type(error) for error in refused}
        assert 64 == len({id(error) for error in refused})

        bench.connection.execute("PRAGMA max_page_count = 1000000")
        with pytest.raises(JournalError, match="disk is full"):
            await bench.writer.write(INSERT, (99, "late"))

    assert [-1] == stored()
    async with _bench(path) as bench:
        assert 1 == await bench.writer.write(INSERT, (99, "late"))
    assert [-1, 99] == stored()


async def test_any_failure_is_heard(bench: Bench) -> None:
    """Also what is not SQLite's own error, such as text that cannot be encoded, leaves nobody waiting."""
    held = await bench.hold()
    batch = await bench.start((1, "a"), (2, "\udcff"))
    bench.gate.set()
    assert 1 == await held

    refused = await asyncio.gather(*batch, return_exceptions=True)

    assert [JournalError, JournalError] == [type(error) for error in refused]
    assert isinstance(refused[0], JournalError)
    assert isinstance(refused[0].__cause__, UnicodeEncodeError)


async def test_closing_flushes(path: Path, stored: Callable[[], list[int]]) -> None:
    """Leaving the block commits what is queued, and its callers are told."""
    async with _bench(path) as bench:
        tasks = [await bench.hold(), *await bench.start((1, "a"), (2, "b"))]
        bench.gate.set()

    assert [1, 1, 1] == await asyncio.gather(*tasks)
    assert [-1, 1, 2] == stored()


async def test_closed_writer_refuses(path: Path) -> None:
    """After the block every write is refused, the second like the first."""
    async with _bench(path) as bench:
        pass

    for _ in range(2):
        with pytest.raises(JournalError, match="The journal in jobs is closed"):
            await bench.writer.write(INSERT, (1, "a"))
