"""Looking into a run of workers, and mending it."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from aiotables.provision.desired import Desired, ZangTableSpec
from aiotables.provision.engines.doctor import WorkersLive, examine, mend
from aiotables.provision.engines.procrastinate import ProcrastinateEngine
from aiotables.provision.engines.sharing import tickets_of
from aiotables.provision.journal import JournalForeign
from aiotables.provision.journal.findings import Trouble
from aiotables.provision.postgres import PostgresJournal, Session, shared_runs
from aiotables.provision.postgres.schema import migrate
from aiotables.provision.postgres.shards import Shards
from aiotables.provision.targets import ZangTableTarget


TARGETS = {name: ZangTableTarget(name=name, token_env="T", project=name) for name in ("one", "two")}


def tables() -> Iterator[tuple[int, Desired]]:
    """A table of each target, with its level."""
    for name in TARGETS:
        spec = ZangTableSpec(name="a")
        yield (
            0,
            Desired(
                target=name,
                key="a",
                name="a",
                spec=spec,
                identity=name * 5,
                digest="0" * 32,
                origin="m.yaml:1",
            ),
        )


@pytest.fixture
async def session(url: str) -> AsyncIterator[Session]:
    """A session in a database with our tables."""
    async with Session(url, patience=5.0) as opened:
        await migrate(opened)
        yield opened


async def begun(session: Session) -> str:
    """A run with a shard for each of two targets; its id."""
    run = await shared_runs.begin(
        session, manifest="m.yaml", name="m", digest="0", targets=TARGETS, tables=tables
    )
    assert run is not None
    return run.run_id


async def troubles(url: str) -> list[Trouble]:
    """What is the matter, by its names."""
    return [finding.trouble for finding in await examine(url, manifest=None)]


async def offered(url: str, session: Session, run_id: str) -> int:
    """Offer the tickets of both targets."""
    engine = ProcrastinateEngine(url, session)
    await engine.prepare()
    return await engine.submit(tickets_of(run_id, dict.fromkeys(TARGETS, 1)))


TAKEN = """
    WITH w AS (
        INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '{silent} seconds') RETURNING id
    )
    UPDATE procrastinate_jobs SET status = 'doing', worker_id = w.id FROM w
    WHERE queueing_lock LIKE '%/one'
"""
"""Lets a worker have a ticket, that was silent for so many seconds."""


def in_queue(url: str, statement: str) -> None:
    """Change something in the queue's tables, whose triggers expect to be called among them."""
    with psycopg.connect(url, autocommit=True, options="-c search_path=aiotables_queue") as connection:
        connection.execute(statement.encode())


async def test_nothing_there(url: str) -> None:
    """Where there is no journal there is nothing to mend, and none is made."""
    assert [Trouble.NONE_THERE] == await troubles(url)
    assert await mend(url, manifest="m") is None
    assert [Trouble.NONE_THERE] == await troubles(url)


async def test_whole(url: str, session: Session) -> None:
    """Of a run whose work has its tickets nothing is the matter, and nothing is mended."""
    await offered(url, session, await begun(session))

    assert [] == await troubles(url)
    assert await mend(url, manifest=None) is None


async def test_work_without_tickets(url: str, session: Session) -> None:
    """Work that the queue does not know of is told by its targets, and gets its tickets, also where there is no queue."""
    run_id = await begun(session)

    (finding,) = await examine(url, manifest=None)
    first = await mend(url, manifest=None)
    in_queue(url, "TRUNCATE procrastinate_jobs CASCADE")
    second = await mend(url, manifest=None)

    assert (Trouble.UNTICKETED, True) == (finding.trouble, finding.harmless)
    assert finding.text.startswith("2 targets have shards that are due, and no ticket")
    assert first is not None
    assert (None, 0, 2) == (first.kept, first.ended, first.tickets)
    assert second is not None
    assert 2 == second.tickets
    assert [] == await troubles(url)
    assert [run_id] == await shared_runs.open_runs(session)


async def test_dead_worker(url: str, session: Session) -> None:
    """A ticket of a worker that is silent is told, and offered again; what that worker had is a matter of its lease."""
    await offered(url, session, await begun(session))
    in_queue(url, TAKEN.format(silent=3600))

    (finding,) = await examine(url, manifest=None)
    done = await mend(url, manifest=None)

    assert (Trouble.STALLED, True) == (finding.trouble, finding.harmless)
    assert "1 ticket is with workers that are gone." == finding.text
    assert done is not None
    assert (0, 1) == (done.ended, done.tickets)
    assert [] == await troubles(url)


async def test_worker_that_lives(url: str, session: Session) -> None:
    """While a worker gives signs of life, or has a shard under a lease, nothing is mended."""
    run_id = await begun(session)
    await offered(url, session, run_id)
    in_queue(url, TAKEN.format(silent=1))

    (finding,) = await examine(url, manifest=None)
    with pytest.raises(WorkersLive, match="1 gave a sign of life within 60 seconds, and 0 shards"):
        await mend(url, manifest=None)
    in_queue(url, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    assert await Shards(session, owner="w", lease=3600.0).take(run_id, "one") is not None
    with pytest.raises(WorkersLive, match="0 gave a sign of life within 60 seconds, and 1 shard"):
        await mend(url, manifest=None)

    assert (Trouble.HELD, True) == (finding.trouble, finding.harmless)


async def test_run_that_nobody_ended(url: str, session: Session) -> None:
    """A run without work is ended, whose last worker died before it could say so; others keep their tickets."""
    run_id = await begun(session)
    shards = Shards(session, owner="w")
    for target in TARGETS:
        shard = await shards.take(run_id, target)
        assert shard is not None
        await shards.leave(shard, {"created": 1}, done=True)

    before = await troubles(url)
    done = await mend(url, manifest=None)

    assert [Trouble.UNENDED] == before
    assert done is not None
    assert (None, 1, 0) == (done.kept, done.ended, done.tickets)
    assert [] == await shared_runs.open_runs(session)


async def test_states(url: str, session: Session) -> None:
    """States that do not follow from the facts are derived, and what stood there is kept."""
    await session.execute(
        "INSERT INTO aiotables.steps (target, key, step, run_id, latest_seq) VALUES ('crm', 'a', 'create', 'r', 1)"
    )

    done = await mend(url, manifest=None)

    assert done is not None
    assert str(done.kept).startswith("aiotables.kept_steps_")
    assert [] == await session.fetch("SELECT 1 FROM aiotables.steps")


async def test_another_manifest(url: str, session: Session) -> None:
    """The journal of another manifest is told as such, and left as it is."""
    assert session is not None
    async with PostgresJournal.open(url, manifest="shop"):
        pass

    (finding,) = await examine(url, manifest="labels")

    assert Trouble.FOREIGN is finding.trouble
    with pytest.raises(JournalForeign):
        await mend(url, manifest="labels")
