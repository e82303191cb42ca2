"""`aiotables doctor --journal`."""

from pathlib import Path

from aiotables.cli.console import out, plain, print_json
from aiotables.cli.doctor import conclude, show
from aiotables.core.counting import counted
from aiotables.provision.engines.doctor import Repaired, examine, mend
from aiotables.provision.naming import name_of
from aiotables.provision.postgres.place import Database
from aiotables.provision.results import as_json as to_json


async def doctor(path: Path | None, place: Database, *, repair: bool, as_json: bool) -> int:
    """
    Say what is the matter with the journal of workers and with their queue, and mend it where that is asked for.

    Returns:
        The exit code: 1 when the journal cannot be used.

    Raises:
        ManifestError: The manifest cannot be read.
        JournalLocked: It is to be mended, and workers live, or another process changes it.
        JournalError: It cannot be mended, or the database is not there.
    """
    manifest = None if path is None else name_of(path)
    findings = await examine(place.url, manifest=manifest, patience=place.patience)
    show(findings, as_json=as_json)
    repaired = await mend(place.url, manifest=manifest, patience=place.patience) if repair else None
    if repaired is not None:
        _told(repaired, as_json=as_json)
    return conclude(findings, mended=repaired is not None, as_json=as_json)


def _told(repaired: Repaired, *, as_json: bool) -> None:
    if as_json:
        print_json(to_json(repaired))
        return
    if repaired.kept is not None:
        out().print(plain(f"the states follow from the facts again; those before are in {repaired.kept}"))
    out().print(
        f"{counted(repaired.ended, 'run')} ended, {counted(repaired.tickets, 'ticket')} offered again"
    )
