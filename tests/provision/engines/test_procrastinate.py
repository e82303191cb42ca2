"""Procrastinate as the engine."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import psycopg
import pytest

from aiotables.provision.engines import Ticket
from aiotables.provision.engines.port import Carry
from aiotables.provision.engines.procrastinate import ProcrastinateEngine, _nobody, _offer
from aiotables.provision.postgres import Session


if TYPE_CHECKING:
    from tests.provision.engines.conftest import InQueue


TICKETS = [Ticket("run_1", "crm", number) for number in range(3)]
JOBS = "SELECT count(*)::int FROM aiotables_queue.procrastinate_jobs WHERE status = %s"


@contextlib.asynccontextmanager
async def at_work(engine: ProcrastinateEngine, carry: Carry) -> AsyncIterator[None]:
    """A worker, until the end of the block."""
    task = asyncio.create_task(engine.work(carry, at_once=2))
    try:
        async with asyncio.timeout(30):
            yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(over: Callable[[], bool]) -> None:
    """Wait for it."""
    for _ in range(600):
        if over():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it never came")


async def none_doing(session: Session) -> None:
    """Wait until no ticket is under way."""
    for _ in range(600):
        if await session.fetch(JOBS, ("doing",)) == [(0,)]:
            return
        await asyncio.sleep(0.05)
    pytest.fail("it never ended")


async def test_preparing_twice(url: str, session: Session, engine: ProcrastinateEngine) -> None:
    """The engine's tables are made once; making them again changes nothing."""
    assert 3 == await engine.submit(TICKETS)
    await ProcrastinateEngine(url, session).prepare()

    assert [(3,)] == await session.fetch(JOBS, ("todo",))


async def test_tickets_are_offered_once(engine: ProcrastinateEngine) -> None:
    """One that waits already is not offered again."""
    assert 3 == await engine.submit(TICKETS)
    assert 1 == await engine.submit([*TICKETS, Ticket("run_1", "crm", 3)])


async def test_ticket_that_somebody_else_was_faster_with(
    session: Session, engine: ProcrastinateEngine
) -> None:
    """The others, which were to be offered with it, are offered all the same."""
    assert 3 == await engine.submit([TICKETS[0], *TICKETS])

    assert [(3,)] == await session.fetch(JOBS, ("todo",))


async def test_ticket_comes_back_until_nothing_is_left(session: Session, engine: ProcrastinateEngine) -> None:
    """A ticket is good again after its time, and gone when its target has no work left."""
    left = iter([0.0, 0.0, 1.0])
    seen: list[Ticket] = []
    over = asyncio.Event()

    async def carry(ticket: Ticket) -> float | None:
        seen.append(ticket)
        wait = next(left, None)
        if wait is None:
            over.set()
        return wait

    await engine.submit(TICKETS[:1])
    async with at_work(engine, carry):
        await over.wait()
        await none_doing(session)

    assert TICKETS[:1] * 4 == seen
    assert [(0,)] == await session.fetch(JOBS, ("todo",))


async def test_cancelled_tickets_do_not_come(session: Session, engine: ProcrastinateEngine) -> None:
    """Tickets of a cancelled run are taken back, those of others stay."""
    await engine.submit([*TICKETS, Ticket("run_2", "crm", 0)])

    assert 3 == await engine.cancel("run_1")
    assert [(1,)] == await session.fetch(JOBS, ("todo",))


STALE = """
    WITH dead AS (
        INSERT INTO aiotables_queue.procrastinate_workers (last_heartbeat) VALUES ('epoch') RETURNING id
    )
    UPDATE aiotables_queue.procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)
"""


async def test_ticket_of_a_dead_worker_comes_to_another(
    in_queue: "InQueue", engine: ProcrastinateEngine
) -> None:
    """What a worker had that says nothing any more is brought to one that lives, once."""
    await engine.submit(TICKETS[:2])
    await in_queue(STALE)
    seen: list[Ticket] = []

    async def carry(ticket: Ticket) -> float | None:
        seen.append(ticket)
        return None

    async with at_work(engine, carry):
        await until(lambda: len(seen) == 2)

    assert TICKETS[:2] == sorted(seen, key=lambda ticket: ticket.number)


async def test_ticket_of_a_dead_worker_that_waits_anew(
    in_queue: "InQueue", session: Session, engine: ProcrastinateEngine
) -> None:
    """When the ticket was offered anew meanwhile, the one of the dead worker is dropped."""
    await engine.submit(TICKETS[:1])
    await in_queue(STALE)
    await in_queue(
        "INSERT INTO aiotables_queue.procrastinate_jobs"
        " (queue_name, task_name, queueing_lock, args, scheduled_at)"
        " SELECT queue_name, task_name, queueing_lock, args, now() + interval '1 hour'"
        " FROM aiotables_queue.procrastinate_jobs",
    )

    async def carry(ticket: Ticket) -> float | None:
        message = f"{ticket} was dropped"
        raise AssertionError(message)

    async with at_work(engine, carry):
        await none_doing(session)

    assert [(1,)] == await session.fetch(JOBS, ("todo",))


async def test_worker_begins_again_when_it_lost_its_database(
    url: str, session: Session, engine: ProcrastinateEngine
) -> None:
    """When all connections are cut the worker comes back by itself."""
    seen = asyncio.Event()

    async def carry(_: Ticket) -> float | None:
        seen.set()
        return None

    async with at_work(engine, carry):
        await asyncio.sleep(0.5)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            )
        await asyncio.sleep(0.2)
        await engine.submit(TICKETS[:1])
        await seen.wait()

    assert seen.is_set()


async def test_hanging_worker_is_begun_again(
    monkeypatch: pytest.MonkeyPatch, session: Session, engine: ProcrastinateEngine
) -> None:
    """A worker that lost its database, or leaves due tickets alone though it is free, is followed by another one."""
    monkeypatch.setattr("aiotables.provision.engines.procrastinate.WATCH", 0.1)
    lives = 0
    seen = asyncio.Event()
    real = engine._run

    async def run(app: object, at_once: int) -> None:
        nonlocal lives
        lives += 1
        if lives == 1:
            raise psycopg.OperationalError
        if lives == 2:
            await asyncio.Event().wait()
        await real(app, at_once)  # type: ignore[arg-type] # it is an app

    monkeypatch.setattr(engine, "_run", run)

    async def carry(_: Ticket) -> float | None:
        seen.set()
        return None

    await engine.submit(TICKETS[:1])
    async with at_work(engine, carry):
        await seen.wait()

    assert 3 <= lives


async def test_worker_that_ends_by_itself_is_begun_again(
    monkeypatch: pytest.MonkeyPatch, engine: ProcrastinateEngine
) -> None:
    """A worker that returns without a word is followed by another one."""
    lives = 0
    again = asyncio.Event()

    async def run(_: object, _at_once: int) -> None:
        nonlocal lives
        lives += 1
        if lives > 1:
            again.set()

    monkeypatch.setattr(engine, "_run", run)

    async def carry(_: Ticket) -> float | None:
        return None

    async with at_work(engine, carry):
        await again.wait()

    assert 2 <= lives


async def test_ticket_that_another_one_offered_meanwhile(engine: ProcrastinateEngine) -> None:
    """Two that offer a ticket at the same time offer it once."""
    async with engine._opened(_nobody) as (_, task):
        assert await _offer(task, TICKETS[0], 0.0)
        assert not await _offer(task, TICKETS[0], 0.0)


async def test_who_only_offers_tickets_gets_none() -> None:
    """One that came to somebody who does not work would be lost, so that is an error."""
    with pytest.raises(RuntimeError, match=r"^run_1/0/crm came to somebody who does not work$"):
        await _nobody(TICKETS[0])
