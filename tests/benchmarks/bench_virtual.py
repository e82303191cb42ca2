"""
What a long run by the virtual clock takes: 10,000 creates with a rate limit, a quota, delays and lost replies, beside as
many without any of them.

Run it with `make bench`.
"""

import asyncio
import random
import time
from collections.abc import Sequence

from attrs import frozen

from aiotables import Pacer, RetryPolicy, ZangTable
from aiotables.emulator import Emulator, VirtualClock
from aiotables.zangtable.models import TableCreate


TABLES = 10_000
RATE = 20.0
FAULTS = (
    "zangtable:before:quota:calls=1100:window=60",
    "*:before:delay:delay=lognormal,0.2,0.5",
    "zangtable.create_table:after:drop:p=0.02",
    "zangtable:before:throttle:retry_after=2:p=0.01",
)


@frozen
class Run:
    """What a run took."""

    calls: int
    virtual: float
    real: float


def run(faults: Sequence[str], rate: float | None) -> Run:
    """Make the tables."""
    clock, began = VirtualClock(), time.perf_counter()

    async def main() -> int:
        async with (
            Emulator(clock=clock, faults=faults) as emulator,
            ZangTable(
                token="pat_emulator",
                project="acme",
                base_url=emulator.url,
                clock=clock,
                pacer=Pacer(rate=rate, clock=clock),
                retries=RetryPolicy(attempts=10, deadline=3600),
                jitter=random.Random(0),  # noqa: S311 - repeatable
            ) as zang,
        ):
            async with asyncio.TaskGroup() as group:
                for number in range(TABLES):
                    group.create_task(zang.tables.create(TableCreate(table_name=f"t{number}")))
            assert TABLES == emulator.count_tables("acme")
            return emulator.log.count

    calls = clock.run(main())
    return Run(calls, clock.monotonic(), time.perf_counter() - began)


def main() -> None:
    """Measure and print."""
    print(f"{TABLES:,} tables by the virtual clock")
    plain, hard = run((), None), run(FAULTS, RATE)
    for name, took in (("plain", plain), ("with limits and faults", hard)):
        print(
            f"  {name:23} {took.calls:6,} calls, {took.virtual:7.1f} s of virtual time in {took.real:5.1f} s"
        )
    print(f"  ratio of a call {hard.real / hard.calls / (plain.real / plain.calls):.2f}")


if __name__ == "__main__":
    main()
