"""
Procrastinate as the engine: tickets are jobs in PostgreSQL, in a schema of their own beside the journal's.

Its workers end when they lose their database, sometimes without a word, and one that hangs says nothing at all. So the loop
here begins them again, and a watchdog ends one that leaves due tickets alone though it has its hands free.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, Final, TypeAlias

import psycopg
from attrs import asdict
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.schema import SchemaManager
from procrastinate.tasks import Task
from procrastinate.types import TimeDeltaParams
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from aiotables.core.classes import frozen
from aiotables.provision.engines.port import Carry, Ticket
from aiotables.provision.journal import JournalError
from aiotables.provision.postgres.session import Connection, Session, with_keepalives
from aiotables.provision.postgres.shards import LEASE


SCHEMA: Final = "aiotables_queue"
QUEUE: Final = "aiotables"
TASK: Final = "aiotables.carry"

WATCH: Final = 5.0
"""Seconds between two looks of the watchdog, which acts on the third in a row that shows the same ticket left alone."""

BATCH: Final = 500
"""Tickets offered by one statement: a run may have very many targets."""

LONGEST_PAUSE: Final = 5.0
"""Seconds between two beginnings of a worker that ended, at the most."""

_MAKING: Final = 0x61694A73

_HAS_TABLES: Final = "SELECT to_regclass('aiotables_queue.procrastinate_jobs') IS NOT NULL"

_LIVE: Final = """
    SELECT queueing_lock FROM aiotables_queue.procrastinate_jobs
    WHERE queue_name = 'aiotables' AND status IN ('todo', 'doing')
"""

_LEFT_ALONE: Final = """
    SELECT min(id) FROM aiotables_queue.procrastinate_jobs
    WHERE queue_name = 'aiotables' AND status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
"""

_WAITING: Final = """
    SELECT id FROM aiotables_queue.procrastinate_jobs
    WHERE queue_name = 'aiotables' AND status = 'todo' AND starts_with(queueing_lock, %s)
    ORDER BY id DESC
"""

_ALIVE: Final = """
    SELECT count(*) FROM aiotables_queue.procrastinate_workers
    WHERE last_heartbeat > now() - %(lease)s * interval '1 second'
"""

_STALLED: Final = """
    SELECT count(*) FROM aiotables_queue.procrastinate_jobs AS j
    LEFT JOIN aiotables_queue.procrastinate_workers AS w ON w.id = j.worker_id
    WHERE j.queue_name = 'aiotables' AND j.status = 'doing'
        AND (w.id IS NULL OR w.last_heartbeat <= now() - %(lease)s * interval '1 second')
"""

AnyTask: TypeAlias = Task[Any, Any, Any]

_log = logging.getLogger("aiotables.worker")


@frozen(kw_only=True)
class Queue:
    """What a queue has."""

    workers: int
    """That gave a sign of life within the lease, whether they work or wait."""

    stalled: int
    """Tickets of workers that did not."""

    tickets: frozenset[str]
    """Names of those that wait or are worked on."""


class ProcrastinateEngine:
    """
    An `Engine`. It belongs to the event loop that it is used in.

    Args:
        url: `postgresql://…`; the same as the journal's.
        session: To the same database.
        lease: Seconds of silence after which a worker counts as dead.
    """

    def __init__(self, url: str, session: Session, *, lease: float = LEASE) -> None:
        self._session = session
        self._lease = lease
        self._url = _in_schema(url)
        self._under_way = 0

    async def prepare(self) -> None:
        """
        Make the engine's tables where there are none.

        Raises:
            DatabaseError: The database is not there, or refused.
        """
        await self._session.run(self._make)

    async def _make(self, connection: Connection) -> None:
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))
        row = await (await connection.execute(_HAS_TABLES)).fetchone()
        if row is None or not row[0]:
            await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            await connection.execute(f"SET LOCAL search_path = {SCHEMA}")
            await connection.execute(SchemaManager.get_schema())

    async def submit(self, tickets: Iterable[Ticket]) -> int:
        """See `Engine.submit`."""
        live = {name for (name,) in await self._session.fetch(_LIVE)}
        new = [ticket for ticket in tickets if ticket.name not in live]
        async with self._opened(_nobody) as (app, task):
            return sum([await _offer_many(app, task, batch) for batch in _batches(new)])

    @asynccontextmanager
    async def _opened(self, carry: Carry) -> AsyncIterator[tuple[App, AnyTask]]:
        """An app with connections of its own: those of one that lost its database come back too slowly."""
        app = App(connector=PsycopgConnector(conninfo=self._url, min_size=1, max_size=4))

        @app.task(name=TASK, queue=QUEUE)
        async def carried(run_id: str, target: str, number: int) -> None:
            ticket = Ticket(run_id, target, number)
            self._under_way += 1
            try:
                wait = await carry(ticket)
            finally:
                self._under_way -= 1
            if wait is not None:
                await _offer(carried, ticket, wait)

        opening = asyncio.ensure_future(app.open_async())
        try:
            # Its pool of connections does not outlive a cancellation while it connects: it would never end.
            await asyncio.shield(opening)
            yield app, carried
        finally:
            await asyncio.wait([opening])
            await app.close_async()

    async def cancel(self, run_id: str) -> int:
        """See `Engine.cancel`. Newest first, or the places that come free would let more of them begin."""
        jobs = await self._session.fetch(_WAITING, (f"{run_id}/",))
        async with self._opened(_nobody) as (app, _):
            taken = [await app.job_manager.cancel_job_by_id_async(job) for (job,) in jobs]
        return sum(taken)

    async def look(self) -> Queue:
        """
        What the queue has. Nothing is changed.

        Raises:
            DatabaseError: The database is not there.
        """
        ((there,),) = await self._session.fetch(_HAS_TABLES)
        if not there:
            return Queue(workers=0, stalled=0, tickets=frozenset())
        values = {"lease": self._lease}
        ((workers,),) = await self._session.fetch(_ALIVE, values)
        ((stalled,),) = await self._session.fetch(_STALLED, values)
        tickets = frozenset(name for (name,) in await self._session.fetch(_LIVE))
        return Queue(workers=workers, stalled=stalled, tickets=tickets)

    async def revive(self) -> int:
        """
        Offer the tickets of workers that are gone again, and say how many those were.

        Raises:
            DatabaseError: The database is not there.
        """
        async with self._opened(_nobody) as (app, _):
            stalled = await _stalled(app, self._lease)
            for job in stalled:
                await _revive(app, job)
            return len(stalled)

    async def work(self, carry: Carry, *, at_once: int) -> None:
        """See `Engine.work`."""
        pause = 0.1
        while True:
            began = asyncio.get_running_loop().time()
            await self._one_life(carry, at_once)
            lived = asyncio.get_running_loop().time() - began
            pause = 0.1 if lived > LONGEST_PAUSE else min(LONGEST_PAUSE, pause * 2)
            await asyncio.sleep(pause)

    async def _one_life(self, carry: Carry, at_once: int) -> None:
        """Work until the worker ends, or until it is seen to hang."""
        self._under_way = 0
        try:
            async with self._opened(carry) as (app, _), asyncio.TaskGroup() as group:
                worker = group.create_task(self._run(app, at_once))
                beside = [
                    group.create_task(self._rescue(app)),
                    group.create_task(self._watch(worker, at_once)),
                ]
                worker.add_done_callback(lambda _: [task.cancel() for task in beside])
        except* (ProcrastinateException, psycopg.Error, JournalError, OSError) as errors:
            _log.warning("the worker lost its database and begins again: %s", errors.exceptions[0])
        else:
            _log.warning("the worker ended by itself and begins again")

    async def _run(self, app: App, at_once: int) -> None:
        await app.run_worker_async(
            queues=[QUEUE],
            concurrency=at_once,
            install_signal_handlers=False,
            delete_jobs="successful",
            update_heartbeat_interval=self._lease / 4,
            stalled_worker_timeout=self._lease,
        )

    async def _rescue(self, app: App) -> None:
        """Bring the tickets of dead workers to those that live."""
        while True:
            await asyncio.sleep(self._lease / 2)
            for job in await _stalled(app, self._lease):
                _log.warning("ticket %s belonged to a worker that is gone", job.queueing_lock)
                await _revive(app, job)

    async def _watch(self, worker: "asyncio.Task[None]", at_once: int) -> None:
        """End a worker that does not take what is due."""
        seen: list[int] = []
        while True:
            await asyncio.sleep(WATCH)
            ((due,),) = await self._session.fetch(_LEFT_ALONE)
            if due is None or self._under_way >= at_once or any(due != before for before in seen):
                seen = []
                continue
            seen.append(int(due))
            if len(seen) > 2:  # noqa: PLR2004 -- three looks
                _log.error("the worker leaves ticket %s alone: it hangs, and is begun again", due)
                worker.cancel()


async def _offer(task: AnyTask, ticket: Ticket, wait: float) -> bool:
    when: TimeDeltaParams | None = {"seconds": max(1, round(wait))} if wait > 0 else None
    job = task.configure(queueing_lock=ticket.name, schedule_in=when)
    try:
        await job.defer_async(**asdict(ticket))
    except AlreadyEnqueued:
        return False
    return True


async def _offer_many(app: App, task: AnyTask, tickets: Sequence[Ticket]) -> int:
    """Offer tickets by one statement; where somebody was faster with one of them, one by one."""
    jobs = [task.configure(queueing_lock=each.name, task_kwargs=asdict(each)).job for each in tickets]
    try:
        await app.job_manager.batch_defer_jobs_async(jobs)
    except AlreadyEnqueued:
        return sum([await _offer(task, ticket, 0.0) for ticket in tickets])
    return len(jobs)


def _batches(tickets: Iterable[Ticket]) -> Iterator[list[Ticket]]:
    rest = iter(tickets)
    while batch := list(islice(rest, BATCH)):
        yield batch


async def _stalled(app: App, lease: float) -> list[Job]:
    return [*await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=lease)]


async def _revive(app: App, job: Job) -> None:
    try:
        await app.job_manager.retry_job(job)
    except (AlreadyEnqueued, UniqueViolation):
        # The same ticket waits already; this one is not needed.
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)


async def _nobody(ticket: Ticket) -> float | None:
    """For those who only offer tickets."""
    message = f"{ticket.name} came to somebody who does not work"
    raise RuntimeError(message)


def _in_schema(url: str) -> str:
    kept = with_keepalives(url)
    return make_conninfo(kept, options=f"{conninfo_to_dict(kept)['options']} -c search_path={SCHEMA}")
