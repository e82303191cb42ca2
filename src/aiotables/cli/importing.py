"""`aiotables import`."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from aiotables.cli.codes import DONE, FAILED
from aiotables.cli.console import complain, err, plain
from aiotables.core.counting import counted
from aiotables.core.errors import SettingsError
from aiotables.provision.importing.draft import Importer
from aiotables.provision.importing.writing import ManifestText


async def write_manifest(
    sources: Sequence[str],
    output: Path | None,
    *,
    name: str | None,
    service: str,
    project: str | None,
    force: bool,
) -> int:
    """
    Write a manifest from what exists; without an output, print it.

    Returns:
        The exit code: 1 when there was no table.

    Raises:
        SettingsError: Something is missing, or a file that would be written is there.
        ManifestError: A file cannot be read.
        AiotablesError: A service cannot be read.
    """
    importer = Importer(
        sources=sources,
        folder=output.parent if output else Path(),
        name=_name(name, output.stem if output else Path(sources[0]).stem),
        environ=os.environ,
        service=service,
        project=project,
    )
    text = await importer.draft()
    if output is None:
        _print(text)
    else:
        _write(text, output, force=force)
    if text.tables:
        return DONE
    complain("no table was found, and a manifest needs one at least")
    return FAILED


def _name(given: str | None, stem: str) -> str:
    made = re.sub(r"[^A-Za-z0-9._-]+", "-", given or stem).strip("-._")
    if given is not None and given != made:
        message = f"{given!r} is no name of a manifest; expected letters, digits, '.', '_' or '-'"
        raise SettingsError(message)
    return made or "imported"


def _print(text: ManifestText) -> None:
    *parts, (_, manifest) = text.files(Path("manifest.yaml"))
    if parts:
        message = f"the manifest takes {len(parts) + 1} files; name it by --output"
        raise SettingsError(message)
    print(manifest, end="")  # noqa: T201 -- rich would wrap it


def _write(text: ManifestText, output: Path, *, force: bool) -> None:
    *parts, manifest = text.files(output)
    files = [*parts, manifest]
    there = [file for file, _ in files if file.exists()]
    if there and not force:
        message = f"{there[0]} is there already; --force writes over it"
        raise SettingsError(message)
    for file, content in files:
        try:
            file.write_text(content, encoding="utf-8")
        except OSError as error:
            message = f"{file} cannot be written: {error.strerror}"
            raise SettingsError(message) from None
    others = f" and {counted(len(parts), 'file that it includes', 'files that it includes')}" if parts else ""
    err().print(plain(f"wrote {output}{others}"))
