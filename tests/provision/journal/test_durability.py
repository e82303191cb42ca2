"""What a killed process had written is there."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from aiotables.provision.journal import SqliteJournal


WRITE = """
import asyncio, itertools, pathlib, sys
from aiotables.provision.journal import Intent, SqliteJournal

async def main(folder, name):
    async with SqliteJournal.open(folder) as journal:
        run = await journal.begin_run("manifest.yaml", "sha256:0")
        numbers = itertools.count()

        async def write():
            for number in numbers:
                key = f"{name}/{number}"
                await journal.intent(Intent(run_id=run.run_id, target="crm", key=key, step="create", at=1.0))
                print(key, flush=True)

        await asyncio.gather(*(write() for _ in range(16)))

asyncio.run(main(pathlib.Path(sys.argv[1]), sys.argv[2]))
"""


@pytest.mark.parametrize("first_look", ["read", "open"])
async def test_killed_writer_loses_nothing_it_was_promised(tmp_path: Path, first_look: str) -> None:
    """
    Every intent whose writing had returned before SIGKILL is found, round after round, whoever looks first.

    The lock is gone with the process: the next one opens the folder at once.
    """
    promised: set[str] = set()
    moments = random.Random(5)  # noqa: S311 - moments of killing, no secrets
    for number in range(4):
        promised |= _write_until_killed(tmp_path, f"round {number}", after=moments.randrange(1, 400))

        async with getattr(SqliteJournal, first_look)(tmp_path) as journal:
            found = {intent.key async for intent in journal.open_intents()}

        assert set() == promised - found


def _write_until_killed(folder: Path, name: str, *, after: int) -> set[str]:
    """Kill a writer once it has printed so many keys, and return all that it came to print."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITE, folder, name], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(after)]
        process.kill()
        lines += process.stdout.readlines()
    # The last line may be torn.
    return {line.rstrip("\n") for line in lines if line.endswith("\n")}
