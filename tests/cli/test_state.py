"""Where the journal of a manifest is, as the command line names it."""

from pathlib import Path

import pytest
import typer

from aiotables.cli.state import PATIENCE, place, required, state_folder
from aiotables.provision.places import Folder
from aiotables.provision.postgres.place import Database


MANIFEST = Path("work/crm.yaml")
URL = "postgresql://me:secret@db/x"


def test_state_folder() -> None:
    """The journal is beside its manifest and goes by the manifest's name."""
    assert Path("work/.aiotables/crm") == state_folder(MANIFEST)


def test_place() -> None:
    """It is in the folder or the database that is named, and else beside the manifest."""
    assert Folder(Path("work/.aiotables/crm")) == place(MANIFEST, None, None)
    assert Folder(Path("elsewhere")) == place(MANIFEST, Path("elsewhere"), None)
    assert Folder(Path("elsewhere")) == place(None, Path("elsewhere"), None)
    assert Database(URL, patience=PATIENCE) == place(MANIFEST, None, URL) == place(None, None, URL)


def test_what_is_typed_counts_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is named takes the place of the environment's database; two names on the command line are refused."""
    monkeypatch.setenv("AIOTABLES_JOURNAL", URL)

    assert Folder(Path("elsewhere")) == place(MANIFEST, Path("elsewhere"), URL)
    with pytest.raises(typer.BadParameter, match="give one of them"):
        place(MANIFEST, Path("elsewhere"), "postgresql://other/x")


def test_nothing_named() -> None:
    """Where nothing is named, what can be is said."""
    with pytest.raises(
        typer.BadParameter, match="name the manifest; or for a run of workers, name the database"
    ):
        place(None, None, None)
    with pytest.raises(typer.BadParameter, match="name the database with --journal or AIOTABLES_JOURNAL"):
        required(None)
    assert URL == required(URL)


def test_password_is_not_shown() -> None:
    """The URL of a database is not printed with its place."""
    assert "secret" not in repr(place(None, None, URL))
