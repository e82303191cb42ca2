"""A worker: takes tickets, and for each of them the next shard of its target."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, Self

from aiotables.provision.engines.carrying import LATER, Carrier, Show
from aiotables.provision.engines.events import SharedRunEnded, WorkerEvent, WorkerLacks
from aiotables.provision.engines.metrics import WorkerMetrics, worker_metrics
from aiotables.provision.engines.port import Engine, Ticket
from aiotables.provision.engines.procrastinate import ProcrastinateEngine
from aiotables.provision.engines.sharing import tickets_of
from aiotables.provision.engines.sites import Sites
from aiotables.provision.portable import row_files
from aiotables.provision.postgres import shared_runs
from aiotables.provision.postgres.bounds import stop_if_exceeded
from aiotables.provision.postgres.clock import DatabaseClock
from aiotables.provision.postgres.journal import PostgresJournal
from aiotables.provision.postgres.limits import Limits
from aiotables.provision.postgres.session import Session
from aiotables.provision.postgres.shards import LEASE, Shards


LACKING: Final = 10.0
"""Seconds for which a ticket is left to other workers by one that cannot use it."""

LOOK: Final = 1.0
"""Seconds between two looks of a worker that is to end with the last run, whoever ends it."""


class Worker:
    """
    Works until it is stopped; made by `Worker.open`.

    Args:
        session: To the database.
        engine: Brings the tickets.
        shards: Where the work is taken from.
        carrier: Does it.
        sites: The targets that are open.
        environ: The environment, which holds the tokens.
        show: Told of what happens.
        lease: Seconds after which a worker that said nothing has lost its shards.
    """

    def __init__(
        self,
        session: Session,
        *,
        engine: Engine,
        shards: Shards,
        carrier: Carrier,
        sites: Sites,
        environ: Mapping[str, str],
        show: Show,
        lease: float = LEASE,
    ) -> None:
        self._lease = lease
        self._session = session
        self._engine = engine
        self._shards = shards
        self._carrier = carrier
        self._sites = sites
        self._environ = environ
        self._show = show
        self._stopping = asyncio.Event()
        self._said: set[tuple[str, str]] = set()
        self._under_way: set[asyncio.Task[float | None]] = set()

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        environ: Mapping[str, str],
        show: Show,
        name: str | None = None,
        width: int = 32,
        lease: float = LEASE,
        later: float = LATER,
    ) -> AsyncIterator[Self]:
        """
        Connect to the database, its tables made if needed, until the end of the block.

        Args:
            url: `postgresql://…`.
            environ: The environment, which holds the tokens.
            show: Told of what happens.
            name: Names the worker, for people.
            width: Tables of a shard under way at once.
            lease: Seconds after which a worker that said nothing has lost its shards.
            later: Seconds until a shard is taken up again of which something is unknown.

        Raises:
            DatabaseError: The database is not there.
        """
        clock, metrics = DatabaseClock(), worker_metrics()
        show = _telling(metrics, show)
        waited = None if metrics is None else metrics.waited
        async with (
            PostgresJournal.open(url) as journal,
            Session(url) as session,
            Session(url) as limiting,
        ):
            await clock.read(session)
            engine = ProcrastinateEngine(url, session, lease=lease)
            await engine.prepare()
            shards = Shards(session, owner=name or worker_name(), lease=lease)
            carrier = Carrier(
                journal,
                shards,
                exceeded=partial(stop_if_exceeded, session),
                clock=clock,
                show=show,
                width=width,
                later=later,
            )
            limits = Limits(limiting, waited=waited)
            async with Sites(environ=environ, clock=clock, limiter_of=limits.of) as sites:
                yield cls(
                    session,
                    engine=engine,
                    shards=shards,
                    carrier=carrier,
                    sites=sites,
                    environ=environ,
                    show=show,
                    lease=lease,
                )

    def stop(self) -> None:
        """Begin no new table; `run` returns when those under way are finished."""
        self._stopping.set()
        self._carrier.stop()

    async def run(self, *, at_once: int = 4, until_done: bool = False) -> None:
        """
        Work until `stop`, which lets what is under way be finished, or until cancelled, which does not.

        Args:
            at_once: Shards under way at once.
            until_done: Stop, too, when no run is left.
        """
        tasks = [
            asyncio.create_task(self._engine.work(self._carry, at_once=at_once)),
            asyncio.create_task(self._audit()),
            asyncio.create_task(self._stopping.wait()),
        ]
        if until_done:
            tasks.append(asyncio.create_task(self._until_done()))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            # The engine lets what is under way be finished.
            await _ended(tasks)
        except asyncio.CancelledError:
            self.stop()
            for carrying in self._under_way:
                carrying.cancel()
            # That they have ended is noted in the database, so nothing is closed before.
            await _ended(tasks)
            raise
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def _carry(self, ticket: Ticket) -> float | None:
        """See `Carry`."""
        under_way = asyncio.ensure_future(self._carried(ticket))
        self._under_way.add(under_way)
        try:
            return await under_way
        finally:
            self._under_way.discard(under_way)

    async def _carried(self, ticket: Ticket) -> float | None:
        task = await shared_runs.task_of(self._session, ticket.run_id, ticket.target)
        if task is None:
            return None
        target = task.target
        if self._stopping.is_set():
            return 0.0
        if not self._environ.get(target.token_env):
            reason = f"the environment variable {target.token_env} with the token is not set here"
            return self._lacks(ticket, reason)
        shard = await self._shards.take(ticket.run_id, ticket.target)
        if shard is None:
            return await self._nothing_due(ticket)
        if missing := [str(path) for path in sorted(row_files(shard.tables)) if not path.is_file()]:
            await self._shards.leave(shard, {}, done=False, untaken=True)
            return self._lacks(ticket, f"the files of rows are not here: {', '.join(missing)}")
        await self._carrier.carry(shard, self._sites.use(ticket.run_id, target), bounded=task.bounded)
        return 0.0

    def _lacks(self, ticket: Ticket, reason: str) -> float:
        """Leave a ticket to other workers, and say so once."""
        if (ticket.run_id, ticket.target) not in self._said:
            self._said.add((ticket.run_id, ticket.target))
            self._show(WorkerLacks(run_id=ticket.run_id, target=ticket.target, reason=reason))
        return LACKING

    async def _nothing_due(self, ticket: Ticket) -> float | None:
        left = await self._shards.open_target(ticket.run_id, ticket.target)
        if left is None:
            await self._end_if_done(ticket.run_id)
            return None
        # One of them comes back for what is due later; the others are offered again by then.
        return max(1.0, left.wait) if ticket.number == 0 else None

    async def _audit(self) -> None:
        """Compare the journal with the queue: a shard that is due and has no ticket gets one."""
        while True:
            await asyncio.sleep(self._lease / 2)
            due = [each for each in await self._shards.open_targets() if each.wait == 0.0]
            await self._engine.submit(
                ticket for each in due for ticket in tickets_of(each.run_id, {each.target: each.shards})
            )
            for run_id in await shared_runs.open_runs(self._session):
                await stop_if_exceeded(self._session, run_id)
                await self._end_if_done(run_id)

    async def _end_if_done(self, run_id: str) -> None:
        if await shared_runs.end_if_done(self._session, run_id):
            self._show(SharedRunEnded(run_id=run_id))

    async def _until_done(self) -> None:
        left = await shared_runs.open_runs(self._session)
        while left:
            await asyncio.sleep(LOOK)
            left = await shared_runs.open_runs(self._session)
        self.stop()


def _telling(metrics: WorkerMetrics | None, show: Show) -> Show:
    if metrics is None:
        return show

    def both(event: WorkerEvent) -> None:
        metrics(event)
        show(event)

    return both


async def _ended(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def worker_name() -> str:
    """A name for this process, for people."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"
