"""A journal of one machine goes over into a database."""

import asyncio
from pathlib import Path

import pytest

from aiotables.provision.journal import (
    Intent,
    JournalForeign,
    JournalLocked,
    JournalMissing,
    JournalMoved,
    Outcome,
    OutcomeKind,
    SqliteJournal,
)
from aiotables.provision.postgres import DatabaseError, Moved, PostgresJournal, move, moving
from aiotables.provision.postgres.session import place


async def fill(folder: Path, *, manifest: str | None = "shop") -> str:
    """Make a journal with a run of three tables, one of them open; say which run it is."""
    async with SqliteJournal.open(folder, manifest=manifest, clock=lambda: 1000.25) as journal:
        run = await journal.begin_run("m.yaml", "0")
        step = {"run_id": run.run_id, "target": "crm", "step": "create"}
        for key in "abc":
            await journal.intent(Intent(**step, key=key, at=1.5, detail={"marker": key}))
        for key in "ab":
            kind = OutcomeKind.CREATED
            await journal.outcome(
                Outcome(**step, key=key, at=2.5, outcome=kind, remote_id=f"id-{key}", detail={})
            )
        await journal.end_run(run.run_id, "interrupted")
    return run.run_id


async def test_journal_is_the_same_there(monkeypatch: pytest.MonkeyPatch, url: str, tmp_path: Path) -> None:
    """Runs, steps and open intents are those of the folder, and the owner is."""
    monkeypatch.setattr(moving, "CHUNK", 2)
    await fill(tmp_path)
    async with SqliteJournal.read(tmp_path) as old:
        open_before = [intent async for intent in old.open_intents()]
        steps = [await old.steps("crm", key) for key in "abc"]
        run = await old.last_run()

    moved = await move(tmp_path, url)

    assert Moved(manifest="shop", runs=1, facts=5) == moved
    async with PostgresJournal.open(url, manifest="shop") as new:
        assert ["c"] == [intent.key for intent in open_before]
        assert open_before == [intent async for intent in new.open_intents()]
        assert steps == [await new.steps("crm", key) for key in "abc"]
        assert run == await new.last_run()
        # What is written then comes after it.
        again = await new.begin_run("m.yaml", "0")
        await new.intent(Intent(run_id=again.run_id, target="crm", key="c", step="create", at=3.0, detail={}))
        assert again == await new.last_run()
        assert [3.0] == [intent.at async for intent in new.open_intents()]


async def test_folder_is_refused_from_then_on(url: str, tmp_path: Path) -> None:
    """Nobody writes to the folder any more; reading it is as before, and moving it there again does nothing."""
    run_id = await fill(tmp_path)
    await move(tmp_path, url)

    with pytest.raises(JournalMoved, match="name that with --journal") as caught:
        async with SqliteJournal.open(tmp_path):
            pass
    assert place(url) == caught.value.to
    async with SqliteJournal.read(tmp_path) as old:
        last = await old.last_run()
        assert last is not None
        assert run_id == last.run_id
    assert Moved(manifest="shop", runs=1, facts=0) == await move(tmp_path, url)


async def test_move_that_was_cut_off_is_begun_again(url: str, tmp_path: Path) -> None:
    """When the mark was made and nothing was copied, moving it to the same place does it, and to another one does not."""
    await fill(tmp_path)
    (tmp_path / "moved").write_text("elsewhere/x", encoding="utf-8")
    with pytest.raises(JournalMoved, match="was moved to the database elsewhere/x"):
        await move(tmp_path, url)

    (tmp_path / "moved").write_text(place(url), encoding="utf-8")
    assert 5 == (await move(tmp_path, url)).facts


async def test_database_with_runs_is_refused(url: str, tmp_path: Path) -> None:
    """What is in a database is not mixed with anything, and the folder stays in use."""
    await fill(tmp_path, manifest=None)
    async with PostgresJournal.open(url) as journal:
        await journal.begin_run("other.yaml", "0")

    with pytest.raises(DatabaseError, match="has runs of its own: name one without"):
        await move(tmp_path, url)
    async with SqliteJournal.open(tmp_path):
        pass


async def test_database_of_another_manifest_is_refused(url: str, tmp_path: Path) -> None:
    """Nor is that of another manifest taken, even without runs."""
    await fill(tmp_path)
    async with PostgresJournal.open(url, manifest="other"):
        pass

    with pytest.raises(JournalForeign, match='is that of the manifest "other", not of "shop"'):
        await move(tmp_path, url)


async def test_folder_in_use_or_empty(url: str, tmp_path: Path) -> None:
    """A journal that a run holds stays, and where there is none nothing is made."""
    with pytest.raises(JournalMissing):
        await move(tmp_path, url)
    assert [] == await asyncio.to_thread(lambda: [*tmp_path.iterdir()])
    async with SqliteJournal.open(tmp_path):
        with pytest.raises(JournalLocked):
            await move(tmp_path, url)
    # A journal without a run and without a name.
    assert Moved(manifest=None, runs=0, facts=0) == await move(tmp_path, url)
