"""The facts of a call, and the blocks that collect them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context

from attrs import evolve

from aiotables.core.record import Attempt, CallRecord, is_recording, keep, observed, record
from aiotables.core.retries import Kind


FIRST = Attempt(number=1, kind=Kind.UNKNOWN, reason="connection lost", started_at=100.0, elapsed=2.0)
SECOND = Attempt(
    number=2,
    kind=Kind.ANSWERED,
    reason="answered 200",
    status=200,
    request_id="r2",
    started_at=110.0,
    elapsed=1.5,
)
RECORD = CallRecord(operation="toy.create_thing", attempts=(FIRST, SECOND))
OTHER = CallRecord(operation="toy.get_thing")


def test_times() -> None:
    """A call takes from its first sending to the end of its last."""
    assert (100.0, 11.5) == (RECORD.started_at, RECORD.elapsed)


def test_nothing_sent() -> None:
    """A call of which nothing was sent took no time, and has neither a beginning, nor a status, nor an id."""
    assert (0.0, None, None, None) == (OTHER.elapsed, OTHER.started_at, OTHER.status, OTHER.request_id)


def test_request_id() -> None:
    """The id is that of the last attempt that has one."""
    third = evolve(SECOND, number=3, request_id=None)

    assert "r2" == evolve(RECORD, attempts=(FIRST, SECOND, third)).request_id


def test_status() -> None:
    """The status is that of the last attempt, whatever those before it were."""
    third = evolve(FIRST, number=3)

    assert 200 == RECORD.status
    assert evolve(RECORD, attempts=(FIRST, SECOND, third)).status is None


def test_a_block_collects() -> None:
    """A block has the calls that end in it, in the order of their ends, and no others."""
    keep(OTHER)
    with record() as calls:
        assert is_recording()
        keep(RECORD)
        keep(OTHER)
    keep(OTHER)

    assert [RECORD, OTHER] == calls
    assert not is_recording()


def test_blocks_in_blocks() -> None:
    """The calls of an inner block are those of the outer one, too."""
    with record() as outer:
        with record() as inner:
            keep(RECORD)
        keep(OTHER)

    assert ([RECORD, OTHER], [RECORD]) == (outer, inner)


async def test_tasks_of_a_block() -> None:
    """Tasks and threads that are started in a block are of the block; those of another are not."""

    async def call(made: CallRecord) -> None:
        await asyncio.sleep(0)
        keep(made)

    outside = asyncio.create_task(call(OTHER))
    with record() as calls:
        async with asyncio.TaskGroup() as group:
            group.create_task(call(RECORD))
            group.create_task(asyncio.to_thread(keep, RECORD))
        await outside

    assert [RECORD, RECORD] == calls


async def test_tasks_that_outlive_their_block() -> None:
    """What ends after the block is not added, so that a task that never ends fills no list."""
    over = asyncio.Event()

    async def call() -> None:
        await over.wait()
        keep(RECORD)

    with record() as calls:
        task = asyncio.create_task(call())
    over.set()
    await task

    assert [] == calls


def test_a_block_that_fails() -> None:
    """What was collected until an error is there."""
    with suppress(ZeroDivisionError), record() as calls:
        keep(RECORD)
        _ = 1 / 0
    keep(OTHER)

    assert [RECORD] == calls


def test_threads_at_once() -> None:
    """A list may be filled from many threads."""
    with record() as calls, ThreadPoolExecutor(4) as pool:
        for _ in range(100):
            pool.submit(copy_context().run, keep, RECORD)
        pool.shutdown()

    assert 100 == len(calls)


def test_an_observer_of_a_block() -> None:
    """An observer is told of the calls that end in its block, and of no others."""
    seen: list[CallRecord] = []
    with observed(seen.append):
        keep(RECORD)
    keep(OTHER)

    assert [RECORD] == seen
