"""
What a reset of an emulator with 1,000 tables takes, in memory and in a folder, beside what closing and opening one takes.

Run it with `make bench`.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from aiotables.emulator import Emulator


ROUNDS = 5
EACH = 500
STATE = {
    "zangtable": {
        "acme": {
            "tables": [
                {
                    "table_name": f"t{number}",
                    "columns": [{"column_name": "email", "is_unique": True}],
                    "rows": [{"email": "a@example.com"}],
                }
                for number in range(EACH)
            ]
        }
    },
    "extruct": {
        "tables": [{"name": f"t{number}", "rows": [{"input": "stripe.com"}]} for number in range(EACH)]
    },
}


async def measure(data: Path | None) -> tuple[float, float]:
    """Milliseconds of a reset, and of closing and opening an emulator without any tables."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "full.zip")
        async with Emulator(state=STATE) as full:
            full.snapshot(file)
        resets = [await reset(data, file) for _ in range(ROUNDS)]
    openings = [await opening() for _ in range(ROUNDS)]
    return statistics.median(resets), statistics.median(openings)


async def reset(data: Path | None, file: Path) -> float:
    """Milliseconds of one reset."""
    async with Emulator(data=data) as emulator:
        emulator.restore(file)
        assert (EACH, EACH) == (emulator.count_tables("acme"), len(emulator.extruct_tables()))
        began = time.perf_counter()
        emulator.reset()
        took = time.perf_counter() - began
        assert (0, []) == (emulator.count_tables("acme"), emulator.extruct_tables())
    return took * 1000


async def opening() -> float:
    """Milliseconds of closing and opening an emulator in memory."""
    began = time.perf_counter()
    async with Emulator():
        pass
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Measure and print."""
    print(f"reset of an emulator with {2 * EACH:,} tables and as many rows, median of {ROUNDS}")
    for place in ("memory", "folder"):
        with tempfile.TemporaryDirectory() as folder:
            took, other = asyncio.run(measure(None if place == "memory" else Path(folder, "data")))
        print(
            f"  {place}  {took:5.1f} ms, ratio {took / other:.2f} to closing an empty one and opening another"
        )


if __name__ == "__main__":
    main()
