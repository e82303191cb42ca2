"""A run that is frozen by a signal while another one takes over, as on a drive where the lock does not reach."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from aiotables.provision.journal import SqliteJournal


RUN = """
import asyncio, sys
from pathlib import Path
from aiotables.provision.journal import Intent, JournalFenced, SqliteJournal

async def main():
    async with SqliteJournal.open(Path(sys.argv[1])) as journal:
        run = await journal.begin_run("m.yaml", "0")
        print("open", flush=True)
        # Frozen here, between two writes: inside of one SQLite's own lock would keep everybody else out.
        while not Path(sys.argv[1], "go").exists():
            await asyncio.sleep(0.01)
        intent = Intent(run_id=run.run_id, target="crm", key="contacts", step="create", at=0.0)
        try:
            await journal.intent(intent)
        except JournalFenced as error:
            print(error, flush=True)

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system freezes no process")
async def test_frozen_run_is_fenced(tmp_path: Path) -> None:
    """When it goes on, its next write is refused, and not one fact of it stands behind those of the new run."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert b"open\n" == await process.stdout.readline()
        os.kill(process.pid, signal.SIGSTOP)
        (tmp_path / "lock.sqlite").unlink()

        async with SqliteJournal.open(tmp_path) as journal:
            run = await journal.begin_run("m.yaml", "1")
            before = await journal.counts()
            (tmp_path / "go").touch()
            os.kill(process.pid, signal.SIGCONT)

            assert b"was taken over by another run, so this one stops" in await process.stdout.readline()
            assert 0 == await process.wait()
            assert before == await journal.counts()
            assert run == await journal.last_run()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
