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
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


def state_folder(manifest: Path, given: Path | None) -> Path:
    """The folder given, or `.aiotables/<manifest's file name>` beside the manifest."""
    return given or manifest.parent / ".aiotables" / manifest.stem
