"""The journal of a run on one machine."""

import asyncio
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from aiotables.provision.journal import (
    Intent,
    JournalError,
    JournalFenced,
    JournalForeign,
    JournalLocked,
    Outcome,
    OutcomeKind,
    Run,
    SqliteJournal,
    holder,
    sqlite,
)


Intents = Callable[..., Intent]


async def test_begin_and_end_of_a_run(folder: Path) -> None:
    """A run is named after its start and a random part, and is the last one, ended or not."""
    now = 1795357800.9
    async with SqliteJournal.open(folder, clock=lambda: now) as journal:
        run = await journal.begin_run("crm.yaml", "sha256:ab")

        assert re.fullmatch(r"run_20261122T143000Z_[0-9a-f]{8}", run.run_id)
        assert run == await journal.last_run()

        now = 1795357900.0
        await journal.end_run(run.run_id, "done")
        ended = Run(
            run_id=run.run_id,
            manifest="crm.yaml",
            digest="sha256:ab",
            started_at=1795357800.9,
            ended_at=1795357900.0,
            ending="done",
        )
        assert ended == await journal.last_run()

        assert run.run_id != (await journal.begin_run("crm.yaml", "sha256:ab")).run_id


async def test_unknown_run(journal: SqliteJournal, intent: Intents) -> None:
    """Ending or writing to a run that never began is refused, and does no harm to the journal."""
    stranger = Run(run_id="run_x", manifest="", digest="", started_at=0.0)

    with pytest.raises(JournalError, match="knows no run run_x"):
        await journal.end_run("run_x", "done")
    with pytest.raises(JournalError, match="was not written: FOREIGN KEY constraint failed"):
        await journal.intent(intent(stranger, "a"))

    run = await journal.begin_run("crm.yaml", "sha256:ab")
    await journal.intent(intent(run, "a"))
    assert 1 == (await journal.counts())["intent"]


async def test_detail_that_is_no_json_is_refused(journal: SqliteJournal, run: Run, intent: Intents) -> None:
    """A detail that cannot be JSON is refused before it is queued; nothing of it is written."""
    with pytest.raises(TypeError):
        await journal.intent(intent(run, "a", detail={"body": object()}))

    assert {} == await journal.steps("crm", "a")


async def test_facts_outlive_the_journal(folder: Path, intent: Intents) -> None:
    """What one opening wrote the next one finds."""
    async with SqliteJournal.open(folder) as journal:
        run = await journal.begin_run("crm.yaml", "sha256:ab")
        await journal.intent(intent(run, "a"))

    async with SqliteJournal.open(folder) as journal:
        assert ["a"] == [found.key async for found in journal.open_intents()]
        assert run == await journal.last_run()


async def test_one_run_at_a_time(folder: Path, journal: SqliteJournal) -> None:
    """While a journal is open nobody else can open it, and the try leaves the first one whole."""
    with pytest.raises(JournalLocked, match="since 1970-01-01T00:16:40"):
        async with SqliteJournal.open(folder):
            pass

    await journal.begin_run("crm.yaml", "sha256:ab")


async def test_no_thread_is_left(folder: Path) -> None:
    """Closing ends both threads, also when the block fails."""
    before = set(threading.enumerate())

    async def use() -> None:
        async with SqliteJournal.open(folder) as journal:
            await journal.begin_run("crm.yaml", "sha256:ab")
            assert 2 == len(set(threading.enumerate()) - before)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await use()

    assert set() == set(threading.enumerate()) - before


async def test_closed_journal(folder: Path) -> None:
    """After the block, reading and writing are refused with the reason."""
    async with SqliteJournal.open(folder) as journal:
        pass

    with pytest.raises(JournalError, match="is closed"):
        await journal.begin_run("crm.yaml", "sha256:ab")
    with pytest.raises(JournalError, match="is closed"):
        await journal.last_run()


async def test_folder_that_is_a_file(tmp_path: Path) -> None:
    """Where the folder cannot be made, the error says so."""
    (tmp_path / "job").touch()

    with pytest.raises(JournalError, match=r"cannot be used: .*File exists"):
        async with SqliteJournal.open(tmp_path / "job"):
            pass


async def test_newer_version_releases_the_lock(folder: Path) -> None:
    """A journal that is refused when it is opened is not left locked."""
    async with SqliteJournal.open(folder):
        pass
    with (folder / "journal.sqlite").open("r+b") as file:
        file.seek(60)  # where SQLite keeps the user version
        file.write((3).to_bytes(4, "big"))

    with pytest.raises(JournalError, match="has version 3"):
        async with SqliteJournal.open(folder):
            pass

    assert holder(folder) is None


@pytest.mark.parametrize("steps", range(12))
async def test_cancelled_opening_releases_the_lock(folder: Path, steps: int) -> None:
    """Wherever the opening is cancelled, the next one is not locked out and no thread is left."""
    before = set(threading.enumerate())

    async def use() -> None:
        async with SqliteJournal.open(folder):
            pass

    task = asyncio.create_task(use())
    for _ in range(steps):
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    await use()
    assert set() == set(threading.enumerate()) - before


async def test_thousand_tables_at_once(
    journal: SqliteJournal, run: Run, intent: Intents, outcome: Callable[..., Outcome]
) -> None:
    """A thousand writers with an intent and an outcome each leave nothing open and nothing double."""

    async def create(key: str) -> None:
        await journal.intent(intent(run, key))
        await journal.outcome(outcome(run, key, OutcomeKind.CREATED, remote_id=key))

    await asyncio.gather(*(create(f"k{number}") for number in range(1000)))

    assert 1000 == (await journal.counts())["created"]
    assert [] == [found async for found in journal.open_intents()]


async def test_cancelled_intent_is_written(journal: SqliteJournal, run: Run, intent: Intents) -> None:
    """An intent whose caller is cancelled while it waits is in the journal, to be settled, not sent."""
    task = asyncio.create_task(journal.intent(intent(run, "a")))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await journal.intent(intent(run, "b"))

    assert ["a", "b"] == [found.key async for found in journal.open_intents()]


async def test_journal_of_another_manifest(folder: Path) -> None:
    """Two manifests cannot share a journal by accident; who asks for no name is let in."""
    async with SqliteJournal.open(folder, manifest="shop"):
        pass

    with pytest.raises(JournalForeign, match='is that of the manifest "shop", not of "labels"') as caught:
        async with SqliteJournal.open(folder, manifest="labels"):
            pass
    with pytest.raises(JournalForeign):
        async with SqliteJournal.read(folder, manifest="labels"):
            pass

    assert ("shop", "labels") == (caught.value.owner, caught.value.manifest)
    for manifest in ("shop", None):
        async with (
            SqliteJournal.open(folder, manifest=manifest),
            SqliteJournal.read(folder, manifest=manifest),
        ):
            pass


async def test_nameless_journal_takes_the_first_name(folder: Path) -> None:
    """A journal that was opened without a name belongs to the first manifest that names itself."""
    async with SqliteJournal.open(folder):
        pass
    async with SqliteJournal.open(folder, manifest="shop"):
        pass

    with pytest.raises(JournalForeign):
        async with SqliteJournal.open(folder, manifest="labels"):
            pass


async def test_older_journal_can_be_read(folder: Path) -> None:
    """A journal of version 1 is brought up by whoever reads it first, and loses nothing."""
    old = Path(__file__).with_name("version-1.sqlite")
    await asyncio.to_thread(
        shutil.copytree, old.parent, folder, ignore=lambda _, names: {*names} - {old.name}
    )
    await asyncio.to_thread((folder / old.name).rename, folder / "journal.sqlite")

    async with SqliteJournal.read(folder, manifest="shop") as journal:
        run, counts, open_ = await journal.last_run(), await journal.counts(), journal.open_intents()
        assert ["lost"] == [intent.key async for intent in open_]

    assert run is not None
    assert ("apply", "failed") == (run.command, run.ending)
    assert {"created": 5, "failed": 1, "unknown": 1} == {
        name: count for name, count in counts.items() if count
    }


async def test_taken_over(folder: Path, intent: Intents) -> None:
    """A run whose journal another one took over can write nothing more, and says why, each time."""
    async with SqliteJournal.open(folder) as journal:
        run = await journal.begin_run("crm.yaml", "0")
        (folder / "lock.sqlite").unlink()  # as on a drive where no lock reaches the other machine

        async with SqliteJournal.open(folder) as other:
            for _ in range(2):
                with pytest.raises(JournalFenced, match="was taken over by another run, so this one stops"):
                    await journal.intent(intent(run, "a"))
            await other.begin_run("crm.yaml", "1")

        assert [] == [found async for found in journal.open_intents()]


async def test_idle_run_beats(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that writes nothing keeps its lease alive."""
    monkeypatch.setattr(sqlite, "BEAT_S", 0.001)
    now = 1000.0
    async with SqliteJournal.open(folder, clock=lambda: now):
        now = 2000.0
        with closing(sqlite3.connect(folder / "journal.sqlite")) as database:
            while database.execute("SELECT beat_at FROM lease").fetchone() != (2000.0,):  # noqa: ASYNC110 -- a database has no event
                await asyncio.sleep(0.001)
