"""Where journals are."""

from pathlib import Path

from aiotables.provision.commons import ALONE
from aiotables.provision.journal import SqliteJournal
from aiotables.provision.places import Folder, Opened, place_of


async def test_folder(tmp_path: Path) -> None:
    """A folder is held while it is written, can be read meanwhile, and shares nothing with other processes."""
    place = Folder(tmp_path)

    async with place.write("m") as journal:
        run = await journal.begin_run("m.yaml", "0")
        assert await place.held()
        async with place.read("m") as reader:
            assert run == await reader.last_run()

    assert not await place.held()
    async with place.commons() as commons:
        assert ALONE is commons


async def test_journal_that_is_open(tmp_path: Path) -> None:
    """A journal that somebody opened is used as it is, and stays open."""
    async with SqliteJournal.open(tmp_path) as journal:
        place = place_of(journal)
        async with place.read("m") as reader, place.write("m") as writer:
            assert reader is writer is journal
        assert await place.held()
        assert await journal.last_run() is None


def test_place_of(tmp_path: Path) -> None:
    """A folder is given by its path; a place is one."""
    folder = Folder(tmp_path)

    assert folder == place_of(tmp_path)
    assert place_of(folder) is folder
    assert not isinstance(place_of(tmp_path), Opened)
