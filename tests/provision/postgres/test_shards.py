"""Shards: taken by one worker at a time, and given away when it is silent."""

import asyncio
from collections.abc import Sequence

import pytest
from attrs import evolve

from aiotables.provision.desired import Desired, TableKey, ZangTableSpec
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


def desired(number: int, target: str = "crm", *, depends_on: tuple[int, ...] = ()) -> Desired:
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
        depends_on=tuple(TableKey(target, f"t{each}", f"{each:016}") for each in depends_on),
    )


async def begin_with(session: Session, tables: Sequence[tuple[int, Desired]]) -> SharedRun:
    """A run with these tables and their levels, ten to a shard."""
    target = ZangTableTarget(name="crm", token_env="T", project="acme", rate=0.1)
    run = await shared_runs.begin(
        session,
        manifest="m.yaml",
        name="m",
        digest="0",
        targets={"crm": target},
        tables=lambda: tables,
    )
    assert run is not None
    return run


async def begin(session: Session, tables: int) -> SharedRun:
    """A run with so many tables, ten to a shard."""
    return await begin_with(session, [(0, desired(number)) for number in range(tables)])


@pytest.mark.parametrize(("rate", "size"), [(None, 500), (0.1, 10), (10.0, 100), (200.0, 500)])
def test_size(rate: float | None, size: int) -> None:
    """A shard takes about two minutes at the rate, and has 10 to 500 tables."""
    assert size == shard_size(rate)


def test_tables_are_cut_into_shards() -> None:
    """Each shard is of one target and one level; the last of each is what is left."""
    levels = [0, 0, 0, 0, 0, 1, 1, 3]
    tables = [(level, desired(number, "ab"[number % 2])) for number, level in enumerate(levels)]
    pieces = in_shards(tables, {"a": 2, "b": 2})

    assert [
        ("a", 0, ["t0", "t2"]),
        ("b", 0, ["t1", "t3"]),
        ("a", 0, ["t4"]),
        ("b", 1, ["t5"]),
        ("a", 1, ["t6"]),
        ("b", 3, ["t7"]),
    ] == [(piece.target, piece.level, [each.name for each in piece.tables]) for piece in pieces]


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
    due = OpenTarget(run_id=run.run_id, target="crm", shards=1, wait=0.0)
    assert [due] == await shards.open_targets()
    assert due == await shards.open_target(run.run_id, "crm")
    assert await shards.open_target(run.run_id, "research") is None

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


async def test_shards_of_a_level_wait_for_those_before(session: Session) -> None:
    """What depends on tables is taken when all of theirs are done, and is not counted as left before."""
    run = await begin_with(
        session, [*((0, desired(n)) for n in range(15)), (1, desired(15, depends_on=(0, 12)))]
    )
    shards = Shards(session, owner="a")
    first, second = [await shards.take(run.run_id, "crm") for _ in range(2)]
    assert first is not None
    assert second is not None
    assert await shards.take(run.run_id, "crm") is None
    left = await shards.open_target(run.run_id, "crm")
    assert left is not None
    assert 2 == left.shards

    await shards.leave(first, {"created": 10}, done=True)
    assert await shards.take(run.run_id, "crm") is None
    await shards.leave(second, {"created": 5}, done=True)

    last = await shards.take(run.run_id, "crm")
    assert last is not None
    assert ["t15"] == [table.name for table in last.tables]
    assert [] == await shards.bad_before(last)


async def test_what_went_wrong_before(session: Session) -> None:
    """A shard is told which of the tables that its own depend on are not as desired, and of no others."""
    run = await begin_with(session, [(0, desired(0)), (0, desired(1)), (1, desired(2, depends_on=(0,)))])
    shards = Shards(session, owner="a")
    first = await shards.take(run.run_id, "crm")
    assert first is not None
    assert [] == await shards.bad_before(first)
    await shards.leave(first, {"failed": 2}, done=True, bad=[table.identity for table in first.tables])

    last = await shards.take(run.run_id, "crm")
    assert last is not None
    assert [desired(0).identity] == await shards.bad_before(last)


async def test_failures_are_noted_while_a_shard_is_worked_on(session: Session) -> None:
    """What went wrong so far is in the sums before the shard is left, unless it is another worker's by now."""
    run = await begin(session, 3)
    shards = Shards(session, owner="a")
    shard = await shards.take(run.run_id, "crm")
    assert shard is not None

    await shards.note(shard.hold, {"failed": 1, "unknown": 1, "created": 1})
    await shards.note(evolve(shard.hold, epoch=0), {"failed": 3})

    (sums,) = await sums_of(session, run.run_id)
    assert (1, 1, 0) == (sums.failed, sums.unknown, sums.created)
