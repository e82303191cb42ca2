"""Where the journal of a manifest is, as the command line names it."""

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from aiotables.provision.places import Folder


if TYPE_CHECKING:
    from aiotables.provision.postgres.place import Database


JOURNAL_VARIABLE: Final = "AIOTABLES_JOURNAL"

ManifestPath = Annotated[
    Path,
    typer.Argument(
        metavar="MANIFEST", help="The manifest, YAML or JSON.", exists=True, dir_okay=False, readable=True
    ),
]
StatePath = Annotated[
    Path | None,
    typer.Option(
        "--state", help="Folder of the journal.  [default: .aiotables/<manifest> beside the manifest]"
    ),
]


def _usable(url: str | None) -> str | None:
    """The URL of the shared journal, seen to be one, by the extra that it needs."""
    if url is None:
        return None
    try:
        import_module("procrastinate")
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        message = f"{error}; a shared journal needs: pip install 'aiotables[scale]'"
        raise typer.BadParameter(message) from None
    try:
        conninfo_to_dict(url)
    except ProgrammingError:
        # Not as libpq puts it: that would show what was given, and with it the password.
        message = "this is no URL of a PostgreSQL database"
        raise typer.BadParameter(message) from None
    return url


JournalUrl = Annotated[
    str | None,
    typer.Option(
        "--journal",
        metavar="URL",
        envvar=JOURNAL_VARIABLE,
        callback=_usable,
        help="postgresql://… of the journal that workers share.",
    ),
]
AnyManifest = Annotated[
    Path | None,
    typer.Argument(
        metavar="MANIFEST",
        help="The manifest, YAML or JSON; need not be named with --journal.",
        exists=True,
        dir_okay=False,
        readable=True,
    ),
]
JournalArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[URL]",
        envvar=JOURNAL_VARIABLE,
        callback=_usable,
        help="postgresql://… of the database to move it to.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


PATIENCE: Final = 10.0
"""Seconds for which a database that is not there is waited for: somebody sits before the screen."""


def place(manifest: Path | None, state: Path | None, journal: str | None) -> "Folder | Database":
    """
    The place that is meant: what the command line says counts more than what the environment does.

    Raises:
        typer.BadParameter: Both are named, or nothing is.
    """
    typed = journal is not None and journal != os.environ.get(JOURNAL_VARIABLE)
    if state is not None and typed:
        message = "--state names a folder, and --journal a database; give one of them"
        raise typer.BadParameter(message)
    if state is not None:
        return Folder(state)
    if journal is not None:
        from aiotables.provision.postgres.place import Database

        return Database(journal, patience=PATIENCE)
    if manifest is None:
        message = "name the manifest; or for a run of workers, name the database with --journal or AIOTABLES_JOURNAL"
        raise typer.BadParameter(message)
    return Folder(state_folder(manifest))


def state_folder(manifest: Path) -> Path:
    """`.aiotables/<manifest's file name>` beside the manifest."""
    return manifest.parent / ".aiotables" / manifest.stem


def required(journal: str | None) -> str:
    """
    The URL of the shared journal.

    Raises:
        typer.BadParameter: None is given.
    """
    if journal is None:
        message = "name the database with --journal or AIOTABLES_JOURNAL"
        raise typer.BadParameter(message)
    return journal
