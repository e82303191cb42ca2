"""A thread of its own for a connection."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from aiotables.provision.journal import JournalError
from aiotables.provision.journal.thread import OneThread


@contextmanager
def _noted(notes: list[str], name: str) -> Iterator[str]:
    notes.append(f"open {name} in {threading.current_thread().name}")
    yield name
    notes.append(f"close {name} in {threading.current_thread().name}")


async def test_all_happens_in_one_thread() -> None:
    """What is entered is entered in the thread, and left there, last first; then the thread is gone."""
    notes: list[str] = []
    before = set(threading.enumerate())

    async with OneThread("crew", "jobs") as thread:
        assert "a" == await thread.enter(_noted(notes, "a"))
        assert "b" == await thread.enter(_noted(notes, "b"))
        assert 3 == await thread.call(lambda x: x + 1, 2)

    assert ["open a in crew_0", "open b in crew_0", "close b in crew_0", "close a in crew_0"] == notes
    assert set() == set(threading.enumerate()) - before


@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("disk I/O error"), PermissionError("disk I/O error")]
)
async def test_refusals_name_the_journal(error: Exception) -> None:
    """What SQLite or the file system refuses becomes an error of the journal; other errors stay."""

    def refuse(error: Exception) -> None:
        raise error

    async with OneThread("crew", "jobs") as thread:
        with pytest.raises(
            JournalError, match="The journal in jobs cannot be used: disk I/O error"
        ) as caught:
            await thread.call(refuse, error)
        with pytest.raises(ZeroDivisionError):
            await thread.call(refuse, ZeroDivisionError())

    assert error is caught.value.__cause__


async def test_refusal_while_closing() -> None:
    """An error while closing is reported like any other, and the thread is gone all the same."""

    @contextmanager
    def sticky() -> Iterator[None]:
        yield
        message = "still in use"
        raise OSError(message)

    before = set(threading.enumerate())
    with pytest.raises(JournalError, match="cannot be used: still in use"):
        async with OneThread("crew", "jobs") as thread:
            await thread.enter(sticky())

    assert set() == set(threading.enumerate()) - before


async def test_closed_thread_takes_no_calls() -> None:
    """After the block nothing can be called any more."""
    async with OneThread("crew", "jobs") as thread:
        pass

    with pytest.raises(JournalError, match="The journal in jobs is closed"):
        await thread.call(int)


async def test_cancelled_entering_is_left_again() -> None:
    """Cancelled while the thread is entering something, the block still leaves it."""
    notes: list[str] = []
    entering, go_on = threading.Event(), threading.Event()

    @contextmanager
    def slow() -> Iterator[None]:
        entering.set()
        go_on.wait()
        with _noted(notes, "a"):
            yield

    async def use() -> None:
        async with OneThread("crew", "jobs") as thread:
            await thread.enter(slow())

    task = asyncio.create_task(use())
    await asyncio.to_thread(entering.wait)
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert ["open a in crew_0", "close a in crew_0"] == notes


async def test_cancelled_closing_still_closes() -> None:
    """Cancelled while it waits for the thread to finish, the block waits for that and then gives way."""
    notes: list[str] = []
    running, go_on = threading.Event(), threading.Event()

    def work() -> None:
        running.set()
        go_on.wait()

    async def use() -> None:
        async with OneThread("crew", "jobs") as thread:
            await thread.enter(_noted(notes, "a"))
            thread.submit(work)

    task = asyncio.create_task(use())
    await asyncio.to_thread(running.wait)
    await asyncio.sleep(0)
    task.cancel()
    threading.Timer(0.05, go_on.set).start()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert ["open a in crew_0", "close a in crew_0"] == notes
