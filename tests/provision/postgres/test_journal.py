"""The journal in PostgreSQL: what is not the same in each store."""

import time

import pytest
from psycopg.conninfo import make_conninfo

from aiotables.provision.journal import JournalForeign, JournalMissing, JournalShared
from aiotables.provision.postgres import DatabaseError, PostgresJournal, Session
from aiotables.provision.postgres.schema import MIGRATIONS, VERSION, version_of
from aiotables.provision.postgres.shards import Shards
from aiotables.provision.postgres.shared_runs import SharedRun


async def test_journal_belongs_to_one_manifest(url: str) -> None:
    """The first that names itself owns it; who names none takes any."""
    async with PostgresJournal.open(url, manifest="one"):
        pass
    async with PostgresJournal.open(url, manifest="one"), PostgresJournal.open(url):
        pass
    with pytest.raises(JournalForeign, match='is that of the manifest "one", not of "two"'):
        async with PostgresJournal.open(url, manifest="two"):
            pass


async def test_reading_needs_a_journal(url: str) -> None:
    """Where there is none that is said, and nothing is made; one of another manifest is refused."""
    with pytest.raises(JournalMissing):
        async with PostgresJournal.read(url):
            pass
    async with Session(url) as session:
        assert await version_of(session) is None
    async with PostgresJournal.open(url, manifest="one"):
        pass
    async with PostgresJournal.read(url, manifest="one") as one, PostgresJournal.read(url) as whichever:
        assert await one.last_run() is await whichever.last_run() is None
    with pytest.raises(JournalForeign, match="name another database with --journal"):
        async with PostgresJournal.read(url, manifest="two"):
            pass


async def test_who_may_only_read(url: str) -> None:
    """A user without any right but to read can read."""
    async with Session(url) as session:
        async with PostgresJournal.open(url, manifest="one") as journal:
            run = await journal.begin_run("m.yaml", "0")
        await session.execute("DROP ROLE IF EXISTS onlooker")
        await session.execute("CREATE ROLE onlooker LOGIN")
        await session.execute("GRANT USAGE ON SCHEMA aiotables TO onlooker")
        await session.execute("GRANT SELECT ON ALL TABLES IN SCHEMA aiotables TO onlooker")
        async with PostgresJournal.read(make_conninfo(url, user="onlooker"), manifest="one") as reader:
            assert run == await reader.last_run()
        await session.execute("DROP OWNED BY onlooker")
        await session.execute("DROP ROLE onlooker")


async def test_older_and_newer_tables(url: str) -> None:
    """Reading brings older tables up, and refuses those of a later version."""
    async with Session(url) as session:
        await session.execute("CREATE SCHEMA aiotables")
        await session.execute("CREATE TABLE aiotables.version (version integer NOT NULL)")
        for statement in MIGRATIONS[0]:
            await session.execute(statement)
        await session.execute("INSERT INTO aiotables.version VALUES (1)")

        async with PostgresJournal.read(url):
            assert VERSION == await version_of(session)

        await session.execute("INSERT INTO aiotables.version VALUES (%s)", (VERSION + 1,))
    with pytest.raises(DatabaseError, match=f"has tables of version {VERSION + 1}"):
        async with PostgresJournal.read(url):
            pass


async def test_workers_have_it(url: str, session: Session, run: SharedRun) -> None:
    """Nobody has it alone while workers have, or will have, something to do; a run that nobody ended is ended."""
    with pytest.raises(JournalShared) as told:
        async with PostgresJournal.alone(url):
            pass
    shards = Shards(session, owner="w")
    shard = await shards.take(run.run_id, "crm")
    assert shard is not None
    await shards.leave(shard, {"created": 1}, done=True)
    async with PostgresJournal.alone(url) as journal:
        last = await journal.last_run()

    assert run.run_id == told.value.run_id
    assert last is not None
    assert "done" == last.ending
    assert last.ended_at == pytest.approx(time.time(), abs=60.0)
