"""Reading the SQLite journal."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aiotables.provision.journal import (
    Intent,
    JournalError,
    Outcome,
    Run,
    SqliteJournal,
    holder,
)


Intents = Callable[..., Intent]
Outcomes = Callable[..., Outcome]

NOTHING = {
    "intent": 0,
    "created": 0,
    "adopted": 0,
    "unchanged": 0,
    "failed": 0,
    "unknown": 0,
    "absent": 0,
    "deleted": 0,
}


async def test_reading_while_a_run_writes(
    folder: Path, journal: SqliteJournal, run: Run, intent: Intents
) -> None:
    """A reader beside the run sees each fact once it is committed, and holds up nothing."""
    async with SqliteJournal.read(folder) as reader:
        assert run == await reader.last_run()
        for number in range(1, 50):
            await journal.intent(intent(run, f"k{number}"))
            assert NOTHING | {"intent": number} == await reader.counts()


async def test_reading_after_a_run(folder: Path) -> None:
    """A journal that nobody has open can be read, and stays as it is."""
    async with SqliteJournal.open(folder) as journal:
        run = await journal.begin_run("manifest.yaml", "sha256:0")

    async with SqliteJournal.read(folder) as reader:
        assert run == await reader.last_run()


async def test_reading_nothing(folder: Path) -> None:
    """A folder without a journal is said to have none, and nobody holds it."""
    with pytest.raises(JournalError, match="does not exist: nothing was applied there yet"):
        async with SqliteJournal.read(folder):
            pass

    assert holder(folder) is None


async def test_damaged_file(tmp_path: Path) -> None:
    """What SQLite cannot read is an error of the journal, not of SQLite."""
    (tmp_path / "journal.sqlite").write_bytes(b"no database" * 1000)

    with pytest.raises(JournalError, match="cannot be used: file is not a database"):
        async with SqliteJournal.read(tmp_path):
            pass
