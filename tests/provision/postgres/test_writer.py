"""Group commit into PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from aiotables.provision.journal import Intent, Outcome, OutcomeKind
from aiotables.provision.postgres import DatabaseError, HoldLost, PostgresJournal, Refused, Session
from aiotables.provision.postgres.writer import FactWriter, Hold


@pytest.fixture
async def journal(url: str) -> AsyncIterator[PostgresJournal]:
    """A journal in that database."""
    async with PostgresJournal.open(url) as opened:
        yield opened


def _intent(run_id: str, key: str) -> Intent:
    return Intent(run_id=run_id, target="crm", key=key, step="create", at=1.0)


async def _shard(session: Session, run_id: str, *, epoch: int) -> Hold:
    await session.execute(
        "INSERT INTO aiotables.shards (run_id, number, target, size, tables, state, epoch)"
        " VALUES (%s, 0, 'crm', 1, '', 'doing', %s)",
        (run_id, epoch),
    )
    return Hold(run_id, 0, epoch)


async def test_bad_fact_harms_no_other(journal: PostgresJournal) -> None:
    """A fact of an unknown run is refused alone, though it came in one batch with good ones."""
    run = await journal.begin_run("m.yaml", "0")
    results = await asyncio.gather(
        *(
            journal.intent(_intent(run_id, key))
            for run_id, key in [(run.run_id, "a"), ("run_x", "b"), (run.run_id, "c")]
        ),
        return_exceptions=True,
    )

    assert [type(None), Refused, type(None)] == [type(result) for result in results]
    assert ["a", "c"] == [intent.key async for intent in journal.open_intents()]


async def test_who_lost_the_hold_cannot_write(url: str, journal: PostgresJournal) -> None:
    """Once a shard has a higher epoch, its earlier holder writes nothing, and hears so."""
    run = await journal.begin_run("m.yaml", "0")
    async with Session(url) as session:
        hold = await _shard(session, run.run_id, epoch=1)
        mine = await journal.for_shard(hold, "crm", ["a"])
        await mine.intent(_intent(run.run_id, "a"))
        await session.execute("UPDATE aiotables.shards SET epoch = 2")

        with pytest.raises(HoldLost, match=f"has given shard 0 of {run.run_id} to another worker"):
            await mine.outcome(
                Outcome(
                    run_id=run.run_id,
                    target="crm",
                    key="a",
                    step="create",
                    at=2.0,
                    outcome=OutcomeKind.CREATED,
                )
            )

    assert 1 == (await journal.counts())["intent"]


async def test_cancelled_fact_is_written(journal: PostgresJournal) -> None:
    """What was asked to be written is, even if nobody waits for it any more."""
    run = await journal.begin_run("m.yaml", "0")
    task = asyncio.create_task(journal.intent(_intent(run.run_id, "a")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await journal.intent(_intent(run.run_id, "b"))

    assert ["a", "b"] == [intent.key async for intent in journal.open_intents()]


async def test_leaving_waits_for_what_is_queued(url: str, journal: PostgresJournal) -> None:
    """The end of the block comes after the last fact."""
    run = await journal.begin_run("m.yaml", "0")
    fact = (run.run_id, "crm", "a", "create", "intent", 1.0, None, None, "{}")
    async with Session(url) as session:
        async with FactWriter(session) as writer:
            task = asyncio.create_task(writer.write(fact, None))
            await asyncio.sleep(0)
        await task

    assert 1 == (await journal.counts())["intent"]


async def test_lost_database_is_told_to_all() -> None:
    """When the database stays away, everybody who waits hears of it."""
    async with Session("postgresql://127.0.0.1:1/x", patience=0.2) as session, FactWriter(session) as writer:
        results = await asyncio.gather(
            *(writer.write(("r", "t", "k", "s", "intent", 1.0, None, None, "{}"), None) for _ in range(3)),
            return_exceptions=True,
        )

    assert [DatabaseError] * 3 == [type(result) for result in results]


async def test_writers_that_stand_still_let_go(journal: PostgresJournal) -> None:
    """The database ends a transaction of a worker that froze in it, or nobody could take its shards."""
    await journal.begin_run("m.yaml", "0")

    assert [("20s",)] == await journal._writer._session.fetch("SHOW idle_in_transaction_session_timeout")
