"""Looking into the journal of workers, and deriving its states."""

import os
from typing import Any

import pytest
from psycopg.sql import SQL, Identifier

from aiotables.provision.journal import Intent, Outcome, OutcomeKind
from aiotables.provision.journal.findings import Trouble
from aiotables.provision.postgres import PostgresJournal, Session
from aiotables.provision.postgres.doctor import derive_states, examine
from aiotables.provision.postgres.journal import alone_in
from aiotables.provision.postgres.schema import MIGRATIONS, TABLES, VERSION
from aiotables.provision.postgres.shards import Shards
from aiotables.provision.postgres.shared_runs import SharedRun


async def troubles(session: Session, manifest: str | None = None) -> list[Trouble]:
    """What is the matter, by its names."""
    return [finding.trouble for finding in await examine(session, manifest=manifest)]


async def test_nothing_there(url: str) -> None:
    """A database without our schema has no journal, and gets none by a look; what cannot be said is harmless."""
    async with Session(url) as session:
        (finding,) = await examine(session, manifest="m")
        assert await troubles(session) == [Trouble.NONE_THERE]

    assert finding.harmless


async def test_whole(session: Session) -> None:
    """Of a new journal nothing is the matter; nobody's name is wrong before it has an owner."""
    assert [] == await troubles(session, "m")


async def test_tables_are_known_with_their_versions(session: Session) -> None:
    """Every table that the migrations make is expected from some version on."""
    made = await session.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'aiotables'")

    assert {*TABLES} == {name for (name,) in made}
    assert max(TABLES.values()) <= VERSION


@pytest.mark.parametrize("statement", ["DROP TABLE aiotables.limits", "DROP TABLE aiotables.version"])
async def test_tables_are_missing(session: Session, statement: str) -> None:
    """What is not all there cannot be used, and the tables that are missing are named."""
    await session.run(lambda connection: connection.execute(statement.encode()))

    (finding,) = await examine(session, manifest=None)

    assert (Trouble.INCOMPLETE, False) == (finding.trouble, finding.harmless)
    assert f"missing: {statement.rpartition('.')[2]}." in finding.text


async def test_newer(session: Session) -> None:
    """Tables of a later version are for the one that made them."""
    await session.execute("INSERT INTO aiotables.version VALUES (99)")

    (finding,) = await examine(session, manifest=None)

    assert (Trouble.NEWER, False) == (finding.trouble, finding.harmless)
    assert f"of version 99; this aiotables knows versions 1 to {VERSION}" in finding.text


async def test_older(url: str) -> None:
    """Older tables are told as such, and are looked into all the same."""
    async with Session(url) as session:
        await session.execute("CREATE SCHEMA aiotables")
        await session.execute("CREATE TABLE aiotables.version (version integer NOT NULL)")
        for statement in MIGRATIONS[0]:
            await session.execute(statement)
        await session.execute("INSERT INTO aiotables.version VALUES (1)")

        assert [Trouble.OLDER] == await troubles(session)


async def test_foreign(url: str, session: Session) -> None:
    """Another manifest's journal is told by both names."""
    async with PostgresJournal.open(url, manifest="shop"):
        pass

    (finding,) = await examine(session, manifest="labels")

    assert (Trouble.FOREIGN, False) == (finding.trouble, finding.harmless)
    assert 'of the manifest "shop", and this one is "labels"' in finding.text
    assert [] == await troubles(session, "shop") == await troubles(session)


async def test_held(url: str, session: Session) -> None:
    """A process that changes the journal is named."""
    async with alone_in(url):
        (finding,) = await examine(session, manifest=None)

    assert (Trouble.HELD, True) == (finding.trouble, finding.harmless)
    assert f"Process {os.getpid()} on " in finding.text


async def test_states_that_do_not_follow(url: str, session: Session) -> None:
    """States are derived from the facts again, as they were before, and what stood there is kept."""
    async with PostgresJournal.open(url) as journal:
        run = await journal.begin_run("m.yaml", "0")
        for key in ("a", "b", "c"):
            facts: dict[str, Any] = {"run_id": run.run_id, "target": "crm", "key": key, "step": "create"}
            await journal.intent(Intent(**facts, at=1.0))
            if key != "c":
                await journal.outcome(Outcome(**facts, at=2.0, outcome=OutcomeKind.CREATED))
    right = await session.fetch("SELECT * FROM aiotables.steps ORDER BY key")
    assert [Trouble.OPEN] == await troubles(session)
    assert await derive_states(session) is None
    await session.execute("UPDATE aiotables.steps SET outcome = 'failed' WHERE key = 'a'")
    await session.execute("DELETE FROM aiotables.steps WHERE key = 'b'")
    await session.execute("UPDATE aiotables.steps SET intent_seq = NULL WHERE key = 'c'")
    wrong, _ = await examine(session, manifest=None)

    kept = await derive_states(session)

    assert (Trouble.INCONSISTENT, False) == (wrong.trouble, wrong.harmless)
    assert kept is not None
    assert kept.startswith("aiotables.kept_steps_2")
    assert right == await session.fetch("SELECT * FROM aiotables.steps ORDER BY key")
    query = SQL("SELECT key, outcome FROM {} ORDER BY key").format(Identifier(*kept.split(".")))
    before = await session.run(lambda connection: connection.execute(query))
    assert [("a", "failed"), ("c", None)] == await before.fetchall()
    assert [Trouble.OPEN] == await troubles(session)


async def test_shards(session: Session, run: SharedRun) -> None:
    """A shard whose worker is silent is told with the worker's name, and a run without work as one to be ended."""
    assert [] == await troubles(session)
    shards = Shards(session, owner="box:7", lease=0.0)
    shard = await shards.take(run.run_id, "crm")
    assert shard is not None

    (expired,) = await examine(session, manifest=None)
    await shards.leave(shard, {"created": 1}, done=True)
    (unended,) = await examine(session, manifest=None)

    assert (Trouble.EXPIRED, True) == (expired.trouble, expired.harmless)
    assert "1 shard was taken by workers that are silent since their leases ended: box:7." == expired.text
    assert (Trouble.UNENDED, True) == (unended.trouble, unended.harmless)
    assert unended.text.startswith(run.run_id)
