"""Runs that workers share."""

import time
from collections.abc import Iterator

import pytest

from aiotables.core.errors import SettingsError
from aiotables.provision.course import NO_RULES, Rules
from aiotables.provision.desired import Desired, ZangTableSpec
from aiotables.provision.postgres import Session, shared_runs
from aiotables.provision.postgres.clock import DatabaseClock
from aiotables.provision.postgres.shards import Shards
from aiotables.provision.postgres.shared_runs import SharedRun
from aiotables.provision.postgres.sums import sums_of
from aiotables.provision.targets import AnyTarget, ExtructTarget, ZangTableTarget


TARGETS: dict[str, AnyTarget] = {
    "crm": ZangTableTarget(name="crm", token_env="T", project="acme"),
    "research": ExtructTarget(name="research", token_env="E", rate=2.0),
}


def tables() -> Iterator[tuple[int, Desired]]:
    """Two tables."""
    for name in ("a", "b"):
        desired = Desired(
            target="crm",
            key=name,
            name=name,
            spec=ZangTableSpec(name=name),
            identity=name * 16,
            digest="0" * 32,
            origin="m.yaml:1",
        )
        yield 0, desired


async def begin(session: Session, rules: Rules = NO_RULES) -> SharedRun:
    """A run."""
    run = await shared_runs.begin(
        session, manifest="m.yaml", name="m", digest="0", targets=TARGETS, tables=tables, rules=rules
    )
    assert run is not None
    return run


async def test_run_is_found_as_it_was_begun(session: Session) -> None:
    """A run is found by its id; the last one when none is named."""
    assert await shared_runs.find(session) is None
    run = await begin(session)

    assert 2 == run.total
    assert run == await shared_runs.find(session, run.run_id) == await shared_runs.find(session)
    assert await shared_runs.find(session, "run_x") is None
    assert [run.run_id] == await shared_runs.open_runs(session)


async def test_begun_whole_or_not_at_all(session: Session) -> None:
    """A table that cannot be made leaves no run behind."""

    def broken() -> Iterator[tuple[int, Desired]]:
        yield from tables()
        message = "no"
        raise SettingsError(message)

    with pytest.raises(SettingsError):
        await shared_runs.begin(
            session, manifest="m.yaml", name="m", digest="0", targets=TARGETS, tables=broken
        )

    assert await shared_runs.find(session) is None


async def test_begun_once(session: Session) -> None:
    """Of two who begin at the same time, or one whose answer was lost, one begins the run and the other one nothing."""
    run = await begin(session)

    again = await shared_runs.begin(
        session, manifest="m.yaml", name="m", digest="0", targets=TARGETS, tables=tables
    )

    assert again is None
    assert [run.run_id] == await shared_runs.open_runs(session)
    assert [2] == [sums.tables for sums in await sums_of(session, run.run_id)]


async def test_task_of_a_ticket(session: Session) -> None:
    """A worker gets the target of its ticket, whether the run has bounds, and nothing when no table is to be begun."""
    run = await begin(session)

    assert TARGETS == {
        name: task.target
        for name in TARGETS
        if (task := await shared_runs.task_of(session, run.run_id, name)) is not None and not task.bounded
    }
    assert await shared_runs.task_of(session, "run_x", "crm") is None

    await shared_runs.cancel(session, run.run_id)
    assert await shared_runs.task_of(session, run.run_id, "crm") is None
    await shared_runs.end_if_done(session, run.run_id)

    bounded = await begin(session, Rules(max_requests=1))
    task = await shared_runs.task_of(session, bounded.run_id, "crm")
    assert task is not None
    assert task.bounded


@pytest.mark.parametrize(
    ("counts", "ending"),
    [
        ({"created": 2}, "done"),
        ({"failed": 1, "unknown": 1}, "failed"),
        ({"created": 1, "unknown": 1}, "unknown"),
    ],
)
async def test_ends_with_its_last_shard(session: Session, counts: dict[str, int], ending: str) -> None:
    """A run ends when no shard is left, once, and as its tables did."""
    run = await begin(session)
    shards = Shards(session, owner="a")
    shard = await shards.take(run.run_id, "crm")
    assert shard is not None
    assert not await shared_runs.end_if_done(session, run.run_id)
    await shards.leave(shard, counts, done=True)

    assert await shared_runs.end_if_done(session, run.run_id)
    assert not await shared_runs.end_if_done(session, run.run_id)
    found = await shared_runs.find(session)
    assert found is not None
    assert ending == found.ending
    assert [] == await shared_runs.open_runs(session)


async def test_cancelled_run_ends_without_what_was_not_begun(session: Session) -> None:
    """It ends as interrupted once nobody works on it, shards of dead workers included."""
    run = await begin(session)
    shards = Shards(session, owner="a", lease=0.0)
    await shards.take(run.run_id, "crm")
    await shared_runs.cancel(session, run.run_id)

    assert await shared_runs.end_if_done(session, run.run_id)
    found = await shared_runs.find(session)
    assert found is not None
    assert (True, "interrupted") == (found.cancelling, found.ending)


async def test_clock_is_the_databases(session: Session) -> None:
    """The time is what the database says it is, and goes on by itself."""
    clock = DatabaseClock()
    await clock.read(session)
    before = clock.monotonic()
    await clock.sleep(0.01)

    ((told,),) = await session.fetch("SELECT extract(epoch FROM clock_timestamp())::float8")
    assert abs(told - clock.now()) < 1.0
    assert before < clock.monotonic() <= time.monotonic()
