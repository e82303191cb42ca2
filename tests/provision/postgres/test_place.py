"""A database as the place of a journal."""

import time

import pytest

from aiotables.provision.journal import JournalMissing
from aiotables.provision.postgres import PostgresJournal, PostgresLimiter
from aiotables.provision.postgres.clock import DatabaseClock
from aiotables.provision.postgres.place import Database
from aiotables.provision.targets import ZangTableTarget


TARGET = ZangTableTarget(name="crm", token_env="T", project="acme", rate=50.0)


async def test_journal(url: str) -> None:
    """It is held while it is written, and can be read meanwhile."""
    place = Database(url, patience=5.0)
    async with place.write("m") as journal:
        run = await journal.begin_run("m.yaml", "0")
        assert await place.held()
        async with place.read("m") as reader:
            assert run == await reader.last_run()

    assert not await place.held()


async def _made(url: str) -> bool:
    async with PostgresJournal.open(url):
        return True


async def test_nothing_there(url: str) -> None:
    """To read needs a journal; to look at the services does not."""
    place = Database(url, patience=5.0)

    with pytest.raises(JournalMissing):
        async with place.read("m"):
            pass
    async with place.commons() as commons:
        assert commons.limiter_of is None


async def test_commons(url: str) -> None:
    """Clients go by the database's clock and by the limits that workers keep."""
    await _made(url)
    async with Database(url, patience=5.0).commons() as commons:
        assert isinstance(commons.clock, DatabaseClock)
        assert commons.clock.now() == pytest.approx(time.time(), abs=60.0)
        assert commons.limiter_of is not None
        limiter = commons.limiter_of(TARGET, "token")
        assert isinstance(limiter, PostgresLimiter)
        await limiter.acquire()


def test_password_is_not_shown() -> None:
    """A place can be printed."""
    assert "secret" not in repr(Database("postgresql://me:secret@db/x"))
