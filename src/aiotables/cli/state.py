"""Where a manifest's state is kept."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer


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
        envvar="AIOTABLES_JOURNAL",
        callback=_usable,
        help="postgresql://… of the journal that workers share.",
    ),
]
JournalArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[URL]",
        envvar="AIOTABLES_JOURNAL",
        callback=_usable,
        help="postgresql://… of the database to move it to.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


def state_folder(manifest: Path, given: Path | None) -> Path:
    """The folder given, or `.aiotables/<manifest's file name>` beside the manifest."""
    return given or manifest.parent / ".aiotables" / manifest.stem


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
