"""Carrying one shard out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from aiotables.core.clock import SystemClock
from aiotables.emulator import Emulator
from aiotables.provision.engines.carrying import Carrier
from aiotables.provision.engines.events import ShardLeft
from aiotables.provision.engines.sites import Sites
from aiotables.provision.events import TableDone
from aiotables.provision.journal import OutcomeKind
from aiotables.provision.postgres import PostgresLimiter, shared_runs
from aiotables.provision.postgres.session import DatabaseError
from aiotables.provision.postgres.shards import Shards
from aiotables.provision.problems import ManifestError, Place, Problem
from aiotables.provision.targets import AnyTarget


if TYPE_CHECKING:
    from tests.provision.engines.conftest import Shop

NOTES = """
manifest: shop
targets:
  crm: {service: zangtable, project: acme, timeout: 10}
tables:
  - {target: crm, name: a}
  - {target: crm, name: b}
"""


class Broken:
    """A service that cannot even begin."""

    def group(self, run_id: str) -> NoReturn:
        """Begin what belongs to a run."""
        raise ManifestError([Problem.at(Place("shop.yaml", 1), "tables", "is wrong")])


async def never(_: str) -> bool:
    """A run that may take anything."""
    return False


async def test_shard_of_which_nothing_can_be_done(shop: "Shop") -> None:
    """It is given back, to be taken up again."""
    run_id = (await shop.share(NOTES)).run.run_id
    shards = Shards(shop.session, owner="w")
    shard = await shards.take(run_id, "crm")
    assert shard is not None
    broken: Any = Broken()
    async with shop.journal() as journal:
        carrier = Carrier(
            journal, shards, exceeded=never, clock=SystemClock(), show=shop.told.append, later=0.0
        )
        await carrier.carry(shard, nullcontext(broken), bounded=False)

    (left,) = shop.events(ShardLeft)
    assert isinstance(left, ShardLeft)
    assert "again" == left.ending
    again = await shards.take(run_id, "crm")
    assert again is not None
    assert 2 == again.tries


async def test_target_that_takes_long_to_read(shop: "Shop") -> None:
    """A shard is kept while its target is read, however long that takes."""
    run_id = (await shop.share(NOTES)).run.run_id
    shards = Shards(shop.session, owner="w", lease=0.4)
    shard = await shards.take(run_id, "crm")
    assert shard is not None
    taken = []

    @asynccontextmanager
    async def slow() -> AsyncIterator[Any]:
        for _ in range(10):
            await asyncio.sleep(0.15)
            taken.append(await shards.take(run_id, "crm"))
        yield Broken()

    async with shop.journal() as journal:
        carrier = Carrier(journal, shards, exceeded=never, clock=SystemClock(), show=shop.told.append)
        await carrier.carry(shard, slow(), bounded=False)

    assert [None] * 10 == taken


async def test_stopped_while_its_target_is_read(shop: "Shop") -> None:
    """A worker that is stopped before its shard began begins no table of it, and gives it back."""
    run_id = (await shop.share(NOTES)).run.run_id
    shards = Shards(shop.session, owner="w")
    shard = await shards.take(run_id, "crm")
    assert shard is not None

    def unlimited(_: AnyTarget, token: str) -> PostgresLimiter:
        return PostgresLimiter(shop.session, token, rate=None)

    async with (
        shop.journal() as journal,
        Sites(environ=shop.environ, clock=SystemClock(), limiter_of=unlimited) as sites,
    ):
        carrier = Carrier(journal, shards, exceeded=never, clock=SystemClock(), show=shop.told.append)
        carrier.stop()
        task = await shared_runs.task_of(shop.session, run_id, "crm")
        assert task is not None
        await carrier.carry(shard, sites.use(run_id, task.target), bounded=False)

    assert [] == shop.events(TableDone)
    (left,) = shop.events(ShardLeft)
    assert isinstance(left, ShardLeft)
    assert "again" == left.ending


async def test_shard_that_goes_to_another_while_a_call_lasts(shop: "Shop", emulator: Emulator) -> None:
    """A worker that waits for a reply hears that its shard is lost when it renews its lease, and lets go."""
    emulator.fault("zangtable.create_table", when="before", what="stall", stall_seconds=5)
    await shop.share(NOTES)
    async with shop.worker() as worker, asyncio.timeout(60):
        task = asyncio.create_task(worker.run(at_once=1))
        sent = 0
        while sent < 2:
            await asyncio.sleep(0.05)
            ((sent,),) = await shop.session.fetch("SELECT count(*)::int FROM aiotables.steps")
        await shop.session.execute("UPDATE aiotables.shards SET epoch = epoch + 1")
        await shop.until(ShardLeft)
        worker.stop()
        await task

    left = shop.events(ShardLeft)[0]
    assert isinstance(left, ShardLeft)
    assert "lost" == left.ending


async def test_steps_of_a_shard_are_read_anew_after_a_write(shop: "Shop") -> None:
    """What was read of all tables at once is good until one of them changes."""
    run_id = (await shop.share(NOTES)).run.run_id
    shards = Shards(shop.session, owner="w")
    shard = await shards.take(run_id, "crm")
    assert shard is not None
    async with shop.journal() as journal:
        mine = await journal.for_shard(shard.hold, "crm", ["a", "b"])
        assert {} == await mine.steps("crm", "a")
        await shop.session.execute(
            "INSERT INTO aiotables.facts (run_id, target, key, step, kind, at, outcome, detail)"
            " SELECT run_id, 'crm', key, 'create', 'outcome', 0, 'created', '{}'"
            " FROM aiotables.runs, (VALUES ('a'), ('c')) AS t (key)"
        )

        assert {} == await mine.steps("crm", "a")
        assert OutcomeKind.CREATED is (await mine.steps("crm", "c"))["create"].outcome
        assert {"a": {}, "b": {}} == await mine.steps_of_many("crm", ["a", "b"])
        many = await mine.steps_of_many("crm", ["a", "c"])
        assert ({}, await mine.steps("crm", "c")) == (many["a"], many["c"])


class Away:
    """A service whose worker loses its database."""

    def group(self, run_id: str) -> NoReturn:
        """Begin what belongs to a run."""
        message = "is away"
        raise DatabaseError(message, where="shop")


async def test_shard_whose_journal_is_away(shop: "Shop") -> None:
    """That a shard cannot be given back is told, too: it is another worker's in time."""
    run_id = (await shop.share(NOTES)).run.run_id
    shards = Shards(shop.session, owner="w")
    shard = await shards.take(run_id, "crm")
    assert shard is not None
    away: Any = Away()
    async with shop.journal() as journal:
        carrier = Carrier(journal, shards, exceeded=never, clock=SystemClock(), show=shop.told.append)
        with pytest.raises(DatabaseError, match="is away"):
            await carrier.carry(shard, nullcontext(away), bounded=False)

    (left,) = shop.events(ShardLeft)
    assert isinstance(left, ShardLeft)
    assert ("lost", "The database shop is away") == (left.ending, left.reason)
