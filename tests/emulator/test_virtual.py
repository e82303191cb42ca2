"""Time that jumps."""

import asyncio
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from aiotables import Pacer, RetryPolicy, ZangTable
from aiotables.emulator import Call, Emulator, VirtualClock
from aiotables.zangtable.models import TableCreate


DAY = 86_400.0


def test_sleeps_take_no_time() -> None:
    """A day passes, in the order of the deadlines, while nobody waits."""
    clock, woken = VirtualClock(), list[str]()

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(f"{name} {clock.monotonic():g}")

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for name, seconds in (("day", DAY), ("hour", 3600), ("now", 0), ("second", 1)):
                group.create_task(sleeper(name, seconds))

    clock.run(main())

    assert ["now 0", "second 1", "hour 3600", "day 86400"] == woken


def test_all_timers_of_the_loop_join() -> None:
    """Timeouts and delayed callbacks go by the same time, and nothing but waiting lets it pass."""
    clock = VirtualClock()

    async def main() -> tuple[float, float]:
        loop, called = asyncio.get_running_loop(), asyncio.Event()
        loop.call_later(50, called.set)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(20):
                await asyncio.Event().wait()
        timed_out = clock.now()
        await called.wait()
        return timed_out, loop.time()

    began = clock.now()
    assert (began + 20, 50) == clock.run(main())


def test_it_can_be_moved_by_hand() -> None:
    """Who moves it wakes what was due in between."""
    clock = VirtualClock()

    async def main() -> float:
        sleeper = asyncio.create_task(clock.sleep(600))
        await asyncio.sleep(0)
        clock.advance(DAY)
        await sleeper
        return clock.monotonic()

    assert DAY == clock.run(main())


def test_time_stands_still_while_threads_end() -> None:
    """The loop is closed without its deadline for threads passing meanwhile, however long they take to end."""
    clock = VirtualClock()

    class Slow(ThreadPoolExecutor):
        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 -- the base class's
            time.sleep(0.1)
            super().shutdown(wait, cancel_futures=cancel_futures)

    async def main() -> None:
        asyncio.get_running_loop().set_default_executor(Slow())

    clock.run(main())

    assert 0 == clock.monotonic()


def test_time_stands_still_while_a_thread_works() -> None:
    """What is done in a thread takes no time, so that no deadline passes meanwhile."""
    clock = VirtualClock()

    async def main() -> float:
        async with asyncio.timeout(0.001):
            await asyncio.to_thread(time.sleep, 0.05)
        return clock.monotonic()

    assert 0 == clock.run(main())


def test_a_thread_that_waits_for_the_loop() -> None:
    """Who waits for a thread that waits for time to pass is not stuck for ever."""
    clock = VirtualClock(patience=0.01)

    async def main() -> float:
        passed = threading.Event()
        asyncio.get_running_loop().call_later(30, passed.set)
        await asyncio.to_thread(passed.wait)
        return clock.monotonic()

    assert 30 == clock.run(main())


def test_sockets_are_heard_first() -> None:
    """What was sent arrives before any time passes; without a deadline there is nothing to jump to."""
    clock, (ours, theirs) = VirtualClock(), socket.socketpair()

    async def main() -> tuple[bytes, float]:
        reader, writer = await asyncio.open_connection(sock=ours)
        timer = threading.Timer(0.02, theirs.sendall, [b"late"])
        timer.start()
        late = await reader.readexactly(4)
        theirs.sendall(b"soon")
        async with asyncio.timeout(0.001):
            soon = await reader.readexactly(4)
        writer.close()
        await writer.wait_closed()
        timer.join()
        return late + soon, clock.monotonic()

    assert (b"latesoon", 0) == clock.run(main())
    theirs.close()


FAULTS = (
    "zangtable:before:quota:calls=240:window=60",
    "*:before:delay:delay=lognormal,0.2,0.5",
    "zangtable.create_table:after:drop:p=0.02",
    "zangtable.create_table:before:drop:p=0.005",
    "zangtable:before:throttle:retry_after=2:p=0.01",
)


def provision(tables: int) -> tuple[Sequence[Call], Sequence[str], float]:
    """Make so many tables at 5 calls a second while much goes wrong: the calls, the tables, and the seconds it took."""
    clock = VirtualClock()

    async def main() -> tuple[Sequence[Call], Sequence[str], float]:
        async with (
            Emulator(clock=clock, seed=7, faults=FAULTS) as emulator,
            ZangTable(
                token="pat_emulator",
                project="acme",
                base_url=emulator.url,
                clock=clock,
                pacer=Pacer(rate=5, clock=clock),
                retries=RetryPolicy(attempts=10, deadline=3600),
                jitter=random.Random(7),  # noqa: S311 - repeatable
            ) as zang,
        ):
            async with asyncio.TaskGroup() as group:
                for number in range(tables):
                    group.create_task(zang.tables.create(TableCreate(table_name=f"table_{number}")))
            return (
                emulator.calls,
                emulator.table_names("acme"),
                clock.monotonic(),
            )

    return clock.run(main())


def test_a_long_run_takes_no_time_and_repeats(pytestconfig: pytest.Config) -> None:
    """
    Rate limits, quotas, lost replies and slow ones: each table is made once, and a second run is the first again.

    The tables are as many as `--creates` says.
    """
    tables = pytestconfig.getoption("--creates")
    assert isinstance(tables, int)

    calls, made, seconds = provision(tables)

    assert sorted(f"table_{number}" for number in range(tables)) == sorted(made)
    assert seconds > tables / 5
    faults = Counter(call.fault for call in calls)
    assert faults.keys() > {"zangtable:before:quota", "zangtable.create_table:after:drop"}
    assert (calls, made, seconds) == provision(tables)
