"""Shards: taken by one worker at a time, and given away when it is silent."""

import asyncio

import pytest

from aiotables.provision.desired import Desired, ZangTableSpec
from aiotables.provision.postgres import Session, shared_runs
from aiotables.provision.postgres.shards import (
    OpenTarget,
    Shards,
    in_shards,
    pack,
    shard_size,
    unpack,
)
from aiotables.provision.postgres.shared_runs import SharedRun
from aiotables.provision.postgres.sums import sums_of
from aiotables.provision.targets import ZangTableTarget


def desired(number: int, target: str = "crm") -> Desired:
    """A table."""
    name = f"t{number}"
    return Desired(
        target=target,
        key=name,
        name=name,
        spec=ZangTableSpec(name=name),
        identity=f"{number:016}",
        digest="0" * 32,
        origin="m.yaml:1",
    )


async def begin(session: Session, tables: int) -> SharedRun:
    """A run with so many tables, ten to a shard."""
    target = ZangTableTarget(name="crm", token_env="T", project="acme", rate=0.1)
    return await shared_runs.begin(
        session,
        manifest="m.yaml",
        name="m",
        digest="0",
        targets={"crm": target},
        tables=lambda: map(desired, range(tables)),
    )


@pytest.mark.parametrize(("rate", "size"), [(None, 500), (0.1, 10), (10.0, 100), (200.0, 500)])
def test_size(rate: float | None, size: int) -> None:
    """A shard takes about two minutes at the rate, and has 10 to 500 tables."""
    assert size == shard_size(rate)


def test_tables_are_cut_into_shards() -> None:
    """Each shard is of one target; the last of each is what is left."""
    tables = [desired(number, "ab"[number % 2]) for number in range(7)]
    shards = [(target, [each.name for each in part]) for target, part in in_shards(tables, {"a": 2, "b": 2})]

    assert [("a", ["t0", "t2"]), ("b", ["t1", "t3"]), ("a", ["t4", "t6"]), ("b", ["t5"])] == shards


def test_packed_tables_come_back() -> None:
    """What is kept of a shard are its tables."""
    tables = tuple(map(desired, range(3)))

    assert tables == unpack(pack(tables))


async def test_each_shard_is_taken_once(url: str, session: Session) -> None:
    """Workers that ask at the same time get different shards, and then none."""
    run = await begin(session, 25)
    async with Session(url) as other:
        workers = [Shards(session, owner="a"), Shards(other, owner="b")]
        taken = await asyncio.gather(*(workers[n % 2].take(run.run_id, "crm") for n in range(4)))

    sizes = sorted((shard.hold.number, len(shard.tables)) for shard in taken if shard is not None)
    assert [(0, 10), (1, 10), (2, 5)] == sizes


async def test_silent_worker_loses_its_shard(session: Session) -> None:
    """When the lease has passed the next one gets the shard; the first one hears of it when it renews."""
    run = await begin(session, 3)
    slow = Shards(session, owner="slow", lease=0.3)
    quick = Shards(session, owner="quick", lease=20.0)
    first = await slow.take(run.run_id, "crm")
    assert first is not None
    assert await slow.renew(first.hold) is False
    assert await quick.take(run.run_id, "crm") is None

    await asyncio.sleep(0.4)
    second = await quick.take(run.run_id, "crm")

    assert second is not None
    assert (1, 2) == (first.tries, second.tries)
    assert await slow.renew(first.hold) is None
    await slow.leave(first, {"created": 3}, done=True)
    (sums,) = await sums_of(session, run.run_id)
    assert (0, 1) == (sums.done, sums.doing)


async def test_shard_that_is_left_for_later(session: Session) -> None:
    """One that is given back with something left is not due before its time; a try that was none does not count."""
    run = await begin(session, 3)
    shards = Shards(session, owner="a")
    first = await shards.take(run.run_id, "crm")
    assert first is not None
    await shards.leave(first, {}, done=False, untaken=True)
    second = await shards.take(run.run_id, "crm")
    assert second is not None
    assert 1 == second.tries

    await shards.leave(second, {"created": 2, "unknown": 1}, done=False, wait=60.0, requests=4)

    assert await shards.take(run.run_id, "crm") is None
    (left,) = await shards.open_targets()
    assert 50.0 < left.wait <= 60.0
    (sums,) = await sums_of(session, run.run_id)
    assert (2, 1, 0, 4) == (sums.created, sums.unknown, sums.doing, sums.requests)


async def test_due_targets(session: Session) -> None:
    """A target with a shard that nobody has is due at once, unless its run is cancelled."""
    run = await begin(session, 3)
    shards = Shards(session, owner="a")
    assert [OpenTarget(run_id=run.run_id, target="crm", wait=0.0)] == await shards.open_targets()

    assert await shared_runs.cancel(session, run.run_id)
    assert [] == await shards.open_targets()
    assert not await shared_runs.cancel(session, "run_x")


async def test_cancelled_run_is_told_with_the_lease(session: Session) -> None:
    """Whoever renews hears that the run is to end."""
    run = await begin(session, 3)
    shards = Shards(session, owner="a")
    shard = await shards.take(run.run_id, "crm")
    assert shard is not None
    await shared_runs.cancel(session, run.run_id)

    assert await shards.renew(shard.hold) is True
