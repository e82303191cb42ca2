"""
Writes per second of the journal with 64 writers at once, beside a bare sqlite3 loop that commits one by one.

Both are durable (`synchronous=FULL`) and write the same facts into the same tables, so the ratio is what the
group commit gains. It depends on the disk under the temporary folder: the slower a
commit, the higher the ratio.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from aiotables.provision.journal import Intent, SqliteJournal
from aiotables.provision.journal.database import open_to_write


WRITERS = 64
WRITES = 20_000
ROUNDS = 3

DETAIL = {
    "operation": "zangtable.create_table",
    "path": {"project": "acme"},
    "body": {
        "table_name": "contacts",
        "columns": [{"name": f"column_{n}", "type": "text"} for n in range(8)],
    },
}


async def journal_rate(folder: Path) -> float:
    """Writes per second of the journal."""
    async with SqliteJournal.open(folder) as journal:
        run = await journal.begin_run("manifest.yaml", "sha256:0")
        numbers = iter(range(WRITES))
        start = time.perf_counter()
        await asyncio.gather(*(_write(journal, run.run_id, numbers) for _ in range(WRITERS)))
        return WRITES / (time.perf_counter() - start)


async def _write(journal: SqliteJournal, run_id: str, numbers: Iterator[int]) -> None:
    for number in numbers:
        await journal.intent(
            Intent(
                run_id=run_id, target="crm", key=_key(number), step="create", at=time.time(), detail=DETAIL
            )
        )


def bare_rate(folder: Path) -> float:
    """Writes per second of a loop that commits one by one."""
    with open_to_write(folder) as connection:
        connection.execute(
            "INSERT INTO runs (run_id, manifest, digest, started_at) VALUES ('r', 'm', 'd', 0)"
        )
        start = time.perf_counter()
        for number in range(WRITES):
            # In autocommit mode each statement is a transaction.
            connection.execute(
                "INSERT INTO facts (run_id, target, key, step, kind, at, detail) "
                "VALUES ('r', 'crm', ?, 'create', 'intent', ?, ?)",
                (_key(number), time.time(), orjson.dumps(DETAIL).decode()),
            )
        return WRITES / (time.perf_counter() - start)


def _key(number: int) -> str:
    return f"tenant-{number:06}/contacts"


def main() -> None:
    """Print the medians of a few rounds, taken in turns so that both see the same machine."""
    grouped, bare = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            grouped.append(asyncio.run(journal_rate(Path(folder) / "journal")))
            bare.append(bare_rate(Path(folder)))

    journal, loop = statistics.median(grouped), statistics.median(bare)
    print(f"journal, {WRITERS} writers: {journal:,.0f} durable writes/s")
    print(f"bare loop:           {loop:,.0f} durable writes/s")
    print(f"ratio:               {journal / loop:.2f}")


if __name__ == "__main__":
    main()
