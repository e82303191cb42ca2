"""Where a manifest's state is kept."""

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
JournalUrl = Annotated[
    str | None,
    typer.Option(
        "--journal",
        metavar="URL",
        envvar="AIOTABLES_JOURNAL",
        help="postgresql://… of the journal that workers share.",
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
