"""
Carries one shard out: the same run as on one machine, under a hold that has to be renewed.

A shard whose worker is killed is given to another one when its lease has passed. What the first had sent is settled there,
by the same journal and the same rules.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Final

from aiotables.core.classes import define, field
from aiotables.core.clock import Clock
from aiotables.core.errors import CallError
from aiotables.provision.apply import Apply
from aiotables.provision.engines.events import ShardLeft, ShardTaken, WorkerEvent
from aiotables.provision.engines.leases import Lease
from aiotables.provision.events import RunEnded, Settling, TableDone
from aiotables.provision.holding import holding
from aiotables.provision.postgres.journal import PostgresJournal, ShardJournal
from aiotables.provision.postgres.shards import TRIES, Shard, Shards
from aiotables.provision.postgres.writer import Hold, HoldLost
from aiotables.provision.problems import ManifestError
from aiotables.provision.steps import Service
from aiotables.provision.table_run import BAD


LATER: Final = 30.0
"""Seconds until a shard is taken up again of which something is unknown, or whose target could not be read."""

Show = Callable[[WorkerEvent], None]


@define
class _Went:
    """How it went."""

    bounded: bool
    counts: Counter[str] = field(factory=Counter[str])
    bad: set[str] = field(factory=set[str])
    """The keys of tables that are not as desired."""

    requests: int = 0
    ending: str = "failed"
    reason: str = ""


class Carrier:
    """
    Carries shards out, several at once.

    Args:
        journal: Of the run.
        shards: Where they are taken from.
        exceeded: Says whether a run, by its id, took what it may, and has then no table begun any more.
        clock: The database's.
        show: Told of what happens.
        width: Tables of a shard under way at once.
        later: Seconds until a shard is taken up again of which something is unknown.
    """

    def __init__(
        self,
        journal: PostgresJournal,
        shards: Shards,
        *,
        exceeded: Callable[[str], Awaitable[bool]],
        clock: Clock,
        show: Show,
        width: int = 32,
        later: float = LATER,
    ) -> None:
        self._journal = journal
        self._shards = shards
        self._exceeded = exceeded
        self._clock = clock
        self._show = show
        self._width = width
        self._later = later
        self._runs: dict[Hold, Apply] = {}
        self._stopping = False

    def stop(self) -> None:
        """Begin no new table; those under way are finished."""
        self._stopping = True
        for run in self._runs.values():
            run.stop()

    async def carry(
        self, shard: Shard, target: AbstractAsyncContextManager[Service], *, bounded: bool
    ) -> None:
        """
        Carry a shard out and give it back; one that was lost to another worker meanwhile is left to it.

        Args:
            shard: The shard.
            target: Opens its target, which may take longer than the lease: all that is in it is read.
            bounded: Whether its run may take only so much.

        Raises:
            DatabaseError: The journal could not be written. The shard is given to another worker in time.
        """
        self._show(
            ShardTaken(
                run_id=shard.hold.run_id,
                target=shard.target,
                shard=shard.hold.number,
                tables=len(shard.tables),
                tries=shard.tries,
            )
        )
        went = _Went(bounded=bounded)
        try:
            await self._under_hold(shard, target, went)
            await self._leave(shard, went)
        except HoldLost as error:
            self._left(shard, went, "lost", str(error))
        except BaseException as error:
            # Whoever counts the shards that are under way hears of the end of each.
            stopped = isinstance(error, asyncio.CancelledError)
            self._left(shard, went, "lost", "the worker was stopped" if stopped else str(error))
            raise

    async def _under_hold(
        self, shard: Shard, target: AbstractAsyncContextManager[Service], went: _Went
    ) -> None:
        kept = Lease(self._shards, shard)
        holding.set(kept)
        try:
            async with asyncio.TaskGroup() as group:
                keeping = group.create_task(self._keep(shard.hold, kept))
                async with target as service:
                    await self._run(shard, service, went)
                keeping.cancel()
        except ExceptionGroup as failures:
            # The first is the cause; the others are its echoes.
            cause = failures.exceptions[0]
            if not isinstance(cause, CallError | ManifestError):
                raise cause from None
            went.reason = str(cause)

    async def _run(self, shard: Shard, service: Service, went: _Went) -> None:
        keys = [table.key for table in shard.tables]
        journal = await self._journal.for_shard(shard.hold, shard.target, keys)
        bad = await self._shards.bad_before(shard)
        run = Apply({shard.target: service}, journal, clock=self._clock, width=self._width, bad=bad)
        if self._stopping:
            run.stop()
        self._runs[shard.hold] = run
        try:
            await self._follow(run, journal, shard, went)
        finally:
            del self._runs[shard.hold]

    async def _follow(self, run: Apply, journal: ShardJournal, shard: Shard, went: _Went) -> None:
        totals = {shard.target: len(shard.tables)}
        events = run.run(shard.tables, manifest="", digest="", totals=totals, refresh=False)
        async with aclosing(events):
            async for event in events:
                if isinstance(event, RunEnded):
                    went.requests, went.ending = event.requests, event.ending
                elif isinstance(event, TableDone):
                    went.counts[journal.outcome_in_run(event.key, event.outcome).value] += 1
                    self._show(event)
                    if event.outcome in BAD:
                        went.bad.add(event.key)
                        await self._went_wrong(run, shard, went)
                elif isinstance(event, Settling):
                    self._show(event)

    async def _went_wrong(self, run: Apply, shard: Shard, went: _Went) -> None:
        if went.bounded:
            await self._shards.note(shard.hold, went.counts)
            if await self._exceeded(shard.hold.run_id):
                run.stop()

    async def _keep(self, hold: Hold, kept: Lease) -> None:
        """Renew the hold until cancelled, and stop the shard's run when it was cancelled for all workers."""
        while True:
            await asyncio.sleep(self._shards.lease / 4)
            if await kept.renew() and hold in self._runs:
                self._runs[hold].stop()

    async def _leave(self, shard: Shard, went: _Went) -> None:
        """Give the shard back: done, or to be taken up again, at once or later."""
        stopped = went.ending == "interrupted"
        open_end = bool(went.reason) or went.counts["unknown"] > 0
        again = stopped or (open_end and shard.tries < TRIES)
        counts, bad = went.counts, went.bad
        if went.reason and not again:
            counts = Counter(failed=len(shard.tables))
            bad = {table.key for table in shard.tables}
        await self._shards.leave(
            shard,
            counts,
            done=not again,
            wait=self._later if open_end and not stopped else 0.0,
            requests=went.requests,
            bad=[table.identity for table in shard.tables if table.key in bad],
        )
        if went.bounded:
            await self._exceeded(shard.hold.run_id)
        self._left(shard, went, "again" if again else "done", went.reason)

    def _left(self, shard: Shard, went: _Went, ending: str, reason: str) -> None:
        self._show(
            ShardLeft(
                run_id=shard.hold.run_id,
                target=shard.target,
                shard=shard.hold.number,
                ending=ending,
                counts=went.counts,
                requests=went.requests,
                reason=reason,
            )
        )
