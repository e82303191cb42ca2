"""Looking into journals that are damaged or somebody else's, and mending them."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aiotables.provision.journal import (
    Intent,
    JournalError,
    JournalLocked,
    Outcome,
    OutcomeKind,
    SqliteJournal,
)
from aiotables.provision.journal.doctor import examine, mend
from aiotables.provision.journal.findings import Trouble


FILE = "journal.sqlite"
COUNT = 400


async def written(folder: Path, *, manifest: str | None = "shop") -> None:
    """A journal with many facts."""
    async with SqliteJournal.open(folder, manifest=manifest) as journal:
        run = await journal.begin_run("m.yaml", "0")

        async def make(key: str) -> None:
            name: dict[str, Any] = {"run_id": run.run_id, "target": "crm", "key": key, "step": "create"}
            await journal.intent(Intent(**name, at=1.0, detail={"sent": {"body": "x" * 200}}))
            await journal.outcome(Outcome(**name, at=2.0, outcome=OutcomeKind.CREATED, remote_id=key))

        # One by one at the ends, so that it is known which facts the first and the last page hold.
        await make("k0")
        await asyncio.gather(*(make(f"k{number}") for number in range(1, COUNT - 1)))
        await make(f"k{COUNT - 1}")
        await journal.end_run(run.run_id, "done")


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """The folder of such a journal."""
    await written(tmp_path / "state")
    return tmp_path / "state"


def troubles(folder: Path, manifest: str | None = "shop") -> list[Trouble]:
    """What is the matter."""
    return [finding.trouble for finding in examine(folder, manifest=manifest)]


async def keys(folder: Path) -> set[str]:
    """The tables that a journal has as made."""
    async with SqliteJournal.read(folder) as journal:
        return {made.key async for made in journal.made_tables()}


def tear(folder: Path, *, first: int, pages: int = 1) -> None:
    """Overwrite pages of the file; the first is its header."""
    with (folder / FILE).open("r+b") as file:
        file.seek(first * 4096)
        file.write(b"\xa5" * 4096 * pages)


def leaves(folder: Path) -> list[int]:
    """The numbers of the pages that hold facts, the first page being 0."""
    with closing(sqlite3.connect(folder / FILE)) as database:
        (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'facts'").fetchone()
    data = (folder / FILE).read_bytes()
    page = data[(root - 1) * 4096 : root * 4096]
    count = int.from_bytes(page[3:5], "big")
    cells = [int.from_bytes(page[12 + 2 * n : 14 + 2 * n], "big") for n in range(count)]
    assert 5 == page[0]  # an inner page of a table
    return [int.from_bytes(page[cell : cell + 4], "big") - 1 for cell in cells]


def test_whole(folder: Path) -> None:
    """Nothing is the matter with a whole journal, and nothing is mended."""
    before = (folder / FILE).read_bytes()

    assert [] == troubles(folder)
    assert [] == troubles(folder, None)
    assert mend(folder, manifest="shop") is None
    assert before == (folder / FILE).read_bytes()


def test_none_there(tmp_path: Path) -> None:
    """That there is no journal, or an empty one, is told with what to do, and harmless."""
    (nothing,) = examine(tmp_path / "state", manifest="shop")
    (tmp_path / FILE).touch()
    (empty,) = examine(tmp_path, manifest="shop")

    assert Trouble.NONE_THERE is nothing.trouble is empty.trouble
    assert nothing.harmless
    assert "`state adopt`" in nothing.advice
    assert mend(tmp_path / "state", manifest="shop") is None


async def test_torn_page(folder: Path) -> None:
    """Of a journal with a torn page all other facts are kept, with their numbers; the file is kept as it was."""
    tear(folder, first=leaves(folder)[4])
    torn = (folder / FILE).read_bytes()

    (finding,) = examine(folder, manifest="shop")
    mended = mend(folder, manifest="shop")

    assert Trouble.TORN is finding.trouble
    assert not finding.harmless
    assert mended is not None
    assert torn == (Path(mended.kept) / FILE).read_bytes()
    assert 0 < mended.lost < 60
    assert 2 * COUNT == mended.facts + mended.lost
    assert 1 == mended.runs
    assert [] == [each for each in troubles(folder) if each is not Trouble.OPEN]
    there = await keys(folder)
    assert COUNT - mended.lost <= len(there) <= COUNT
    assert {"k0", f"k{COUNT - 1}"} <= there
    async with SqliteJournal.open(folder, manifest="shop") as journal:
        assert "done" == (await journal.runs())[0].ending


async def test_torn_states(folder: Path) -> None:
    """States of steps that are torn, or do not follow from the facts, are derived from the facts again: nothing is lost."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as database:
        database.execute("UPDATE steps SET outcome = 'failed' WHERE key = 'k1'")
        database.execute("DELETE FROM steps WHERE key = 'k2'")

    assert [Trouble.INCONSISTENT] == troubles(folder)
    mended = mend(folder, manifest="shop")

    assert mended is not None
    assert (2 * COUNT, 0) == (mended.facts, mended.lost)
    assert [] == troubles(folder)
    assert COUNT == len(await keys(folder))


async def test_index_that_lacks_an_entry(folder: Path) -> None:
    """Damage that reading does not stumble over is found, too."""
    async with SqliteJournal.open(folder) as journal:
        run = await journal.begin_run("m.yaml", "1")
        await journal.intent(Intent(run_id=run.run_id, target="crm", key="open", step="create", at=3.0))
    with closing(sqlite3.connect(folder / FILE)) as database:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'steps_open'"
        (root,) = database.execute(query).fetchone()
    with (folder / FILE).open("r+b") as file:
        file.seek((root - 1) * 4096 + 3)
        file.write(b"\0\0")  # the number of its entries

    (finding,) = examine(folder, manifest="shop")
    mended = mend(folder, manifest="shop")

    assert Trouble.TORN is finding.trouble
    assert "steps_open" in finding.text
    assert mended is not None
    assert (2 * COUNT + 1, 2, 0) == (mended.facts, mended.runs, mended.lost)
    assert [Trouble.OPEN] == troubles(folder)


async def test_facts_of_lost_runs(folder: Path) -> None:
    """Facts whose run is lost are kept, under a run of which nothing else is known."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as database:
        database.execute("DELETE FROM runs")

    assert [Trouble.INCONSISTENT] == troubles(folder)
    mended = mend(folder, manifest="shop")

    assert mended is not None
    assert (2 * COUNT, 0) == (mended.facts, mended.lost)
    async with SqliteJournal.read(folder) as journal:
        (run,) = await journal.runs()
    assert ("(lost)", "(lost)", 1.0) == (run.manifest, run.command, run.started_at)


@pytest.mark.parametrize("text", ["{broken", "[1]"])
async def test_garbage_in_a_fact(folder: Path, text: str) -> None:
    """A fact whose detail is not what it must be is lost, and counted."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as database:
        database.execute("UPDATE facts SET detail = ? WHERE seq = 2", (text,))
        database.execute("UPDATE facts SET detail = x'00' WHERE seq = 799")
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute("UPDATE facts SET outcome = 'odd' WHERE seq = 800")
        database.execute("DELETE FROM steps WHERE key = 'k2'")

    mended = mend(folder, manifest="shop")

    assert mended is not None
    assert (2 * COUNT - 3, 3) == (mended.facts, mended.lost)


@pytest.mark.parametrize("pages", [1, 10_000])
async def test_nothing_can_be_read(folder: Path, pages: int) -> None:
    """When nothing can be read the file is kept, and what to do is told; the next run begins a journal."""
    size = (folder / FILE).stat().st_size
    tear(folder, first=0, pages=min(pages, size // 4096))

    assert [Trouble.TORN] == troubles(folder)
    with pytest.raises(JournalError, match="`aiotables doctor` tells more"):
        await keys(folder)
    mended = mend(folder, manifest="shop")

    assert mended is not None
    assert 0 == mended.facts
    assert "`state adopt` builds the journal anew" in mended.advice
    assert (Path(mended.kept) / FILE).exists()
    assert [Trouble.NONE_THERE] == troubles(folder)
    await written(folder)


def test_foreign_journal(folder: Path) -> None:
    """A journal of another manifest is named, and put aside whole."""
    before = (folder / FILE).read_bytes()
    (finding,) = examine(folder, manifest="labels")

    assert Trouble.FOREIGN is finding.trouble
    assert 'It is the journal of the manifest "shop", and this one is "labels".' == finding.text
    mended = mend(folder, manifest="labels", clock=lambda: 0.0)
    assert mended is not None
    assert str(folder / "kept-19700101T000000Z") == mended.kept
    assert before == (Path(mended.kept) / FILE).read_bytes()
    assert [Trouble.NONE_THERE] == troubles(folder, "labels")


async def test_kept_twice(folder: Path) -> None:
    """What is kept never takes the place of what was kept before."""
    first = mend(folder, manifest="labels", clock=lambda: 0.0)
    await written(folder)
    second = mend(folder, manifest="labels", clock=lambda: 0.0)

    assert first is not None
    assert second is not None
    assert second.kept == f"{first.kept}-2"


def test_file_of_another_program(tmp_path: Path) -> None:
    """A database of another program is put aside, too."""
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.execute("CREATE TABLE notes (text)")

    (finding,) = examine(tmp_path, manifest="shop")
    mended = mend(tmp_path, manifest="shop")

    assert Trouble.FOREIGN_FILE is finding.trouble
    assert mended is not None
    assert [FILE] == [file.name for file in Path(mended.kept).iterdir()]


def test_later_version(folder: Path) -> None:
    """A journal of a later version is told, and not mended."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as database:
        database.execute("PRAGMA user_version = 99")

    (finding,) = examine(folder, manifest="shop")

    assert Trouble.NEWER is finding.trouble
    assert not finding.harmless
    with pytest.raises(JournalError, match=r"cannot be mended: .* has version 99"):
        mend(folder, manifest="shop")


def test_older_version(tmp_path: Path) -> None:
    """A journal of an older version is told as such, with what is open in it; when it is damaged, it can be mended."""
    shutil.copy(Path(__file__).with_name("version-1.sqlite"), tmp_path / FILE)

    assert [Trouble.OLDER, Trouble.OPEN] == troubles(tmp_path)
    assert all(finding.harmless for finding in examine(tmp_path, manifest="shop"))
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as database:
        database.execute("DELETE FROM steps WHERE key = 'artists'")
    mended = mend(tmp_path, manifest="shop")
    assert mended is not None
    assert (14, 1, 0) == (mended.facts, mended.runs, mended.lost)
    assert [Trouble.OPEN] == troubles(tmp_path)
    assert [Trouble.FOREIGN, Trouble.OPEN] == troubles(tmp_path, "labels")


async def test_while_a_run_goes_on(folder: Path) -> None:
    """That a run is going on is told, and it is left alone."""
    async with SqliteJournal.open(folder) as journal:
        run = await journal.begin_run("m.yaml", "0")
        await journal.intent(Intent(run_id=run.run_id, target="crm", key="x", step="create", at=1.0))

        assert [Trouble.HELD, Trouble.OPEN] == await asyncio.to_thread(troubles, folder)
        (held, _) = await asyncio.to_thread(examine, folder, manifest="shop")
        assert "A run is going on, process " in held.text
        (folder / "lock.json").unlink()
        (held, _) = await asyncio.to_thread(examine, folder, manifest="shop")
        assert "A run is going on." == held.text
        with pytest.raises(JournalLocked):
            await asyncio.to_thread(mend, folder, manifest="shop")
        (folder / "lock.json").touch()


def test_folder_that_takes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the files cannot be kept nothing is mended, and nothing is lost."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", full)
    before = (folder / FILE).read_bytes()

    with pytest.raises(JournalError, match=r"cannot be mended: .*No space left on device"):
        mend(folder, manifest="labels")
    assert before == (folder / FILE).read_bytes()
