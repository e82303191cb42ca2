"""Nothing is sent by a run that may have lost its right to."""

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

import pytest

from aiotables.core.pacing import Limiter
from aiotables.provision.expand import load
from aiotables.provision.holding import Held, Holding, holding
from aiotables.provision.job import Job
from aiotables.provision.journal import Intent, JournalError, JournalFenced, Record, SqliteJournal
from aiotables.provision.lapse import Moment
from aiotables.provision.opening import open_clients


if TYPE_CHECKING:
    from tests.conftest import Lab


LONG_AGO = Moment(-1e9, -1e9)


class Right(Holding):
    """A right that is sure for an hour, and counts how often it is asked for."""

    def __init__(self, since: Moment, *, lost: bool = False) -> None:
        super().__init__(since, 3600.0)
        self.asked = 0
        self._lost = lost

    async def renew(self) -> None:
        """Ask, which takes a turn of the event loop."""
        self.asked += 1
        await asyncio.sleep(0)
        if self._lost:
            raise JournalFenced(where="jobs")
        self.renewed(Moment.now())


class Noted:
    """A limit that nothing reaches, and that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[float | None] = []

    async def acquire(self) -> None:
        """Go on."""
        self.asked.append(None)

    async def pause(self, seconds: float) -> None:
        """Note for how long."""
        self.asked.append(seconds)


async def test_sure_without_asking() -> None:
    """As long as the right is surely there, nobody is asked."""
    right = Right(Moment.now())
    holding.set(right)

    await Held().acquire()

    assert 0 == right.asked


async def test_asked_for_once() -> None:
    """When it may have passed it is asked for, once for all that are about to send, and is sure again."""
    right = Right(LONG_AGO)
    holding.set(right)
    limiter = Held()

    await asyncio.gather(*(limiter.acquire() for _ in range(5)))
    await limiter.acquire()

    assert 1 == right.asked


async def test_lost() -> None:
    """When it is another's, nothing is sent, however often it is tried."""
    right = Right(LONG_AGO, lost=True)
    holding.set(right)

    for _ in range(2):
        with pytest.raises(JournalFenced):
            await Held().acquire()

    assert 2 == right.asked


async def test_other_limit_comes_first() -> None:
    """A limit that is shared is waited for before, so that the look is the last thing; pauses go on to it."""
    noted = Noted()
    holding.set(Right(LONG_AGO, lost=True))
    limiter: Limiter = Held(noted)

    with pytest.raises(JournalFenced):
        await limiter.acquire()
    await limiter.pause(2.0)
    await Held().pause(1.0)

    assert [None, 2.0] == noted.asked


async def test_calls_of_no_run() -> None:
    """What belongs to no run goes out."""
    noted = Noted()

    await Held(noted).acquire()

    assert [None] == noted.asked


async def test_journal_is_held(lab: "Lab") -> None:
    """A run on one machine holds its journal as long as that is open, and asks it when that may have passed."""
    async with lab.journal():
        right = holding.get()
        assert right is not None
        before = beat_at(lab)
        right.renewed(LONG_AGO)
        await Held().acquire()
        assert before < beat_at(lab)

    assert holding.get() is None


async def test_journal_that_another_took_over(lab: "Lab") -> None:
    """A run that wakes up after another one took its journal over sends nothing more, though its intent is written."""
    text = lab.manifest("- {target: crm, name: a}\n").path.read_text()
    addresses = {"ZANGTABLE_BASE_URL": lab.emulator.url, "EXTRUCT_BASE_URL": lab.emulator.url}
    manifest = load(lab.write("m.yaml", text), environ=lab.tokens)
    async with (
        lab.journal() as journal,
        open_clients(manifest, environ={**lab.tokens, **addresses}) as clients,
    ):
        overtaken = cast("Record", Overtaken(journal, lab))
        with Job(manifest, clients, state=overtaken, clock=lab.clock) as job, pytest.raises(JournalFenced):
            _ = [event async for event in job.apply()]

    assert 0 == lab.calls("zangtable.create_table")


async def test_journal_that_cannot_be_asked(lab: "Lab") -> None:
    """Where nobody can tell, nothing is sent."""
    async with lab.journal():
        right = holding.get()
        assert right is not None
    right.renewed(LONG_AGO)
    holding.set(right)

    with pytest.raises(JournalError):
        await Held().acquire()


def beat_at(lab: "Lab") -> float:
    """When the journal's holder last asked for it, unix seconds."""
    with closing(sqlite3.connect(lab.state / "journal.sqlite")) as connection:
        ((seconds,),) = connection.execute("SELECT beat_at FROM lease").fetchall()
    return float(seconds)


class Overtaken:
    """A journal that another run takes over right after an intent is written; the process freezes for a while then."""

    def __init__(self, journal: SqliteJournal, lab: "Lab") -> None:
        self._journal = journal
        self._lab = lab

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- any method
        return getattr(self._journal, name)

    async def intent(self, intent: Intent) -> None:
        """Write it, and lose the journal."""
        await self._journal.intent(intent)
        with closing(sqlite3.connect(self._lab.state / "journal.sqlite")) as other:
            other.execute("UPDATE lease SET fence = fence + 1")
            other.commit()
        right = holding.get()
        assert right is not None
        right.renewed(LONG_AGO)
