"""`aiotables destroy`."""

from collections.abc import AsyncIterator
from pathlib import Path

from aiotables.cli.removal import Options, remove
from aiotables.provision.journal import JournalHistory, Made
from aiotables.provision.manifest import Manifest
from aiotables.provision.places import Place
from aiotables.provision.removing.projects import made_projects


async def destroy(path: Path, place: Place, options: Options) -> int:
    """
    Delete every table that the journal says was made, and with leave the projects.

    Returns:
        The exit code.

    Raises:
        ManifestError: The manifest is wrong; nothing was deleted.
        JournalLocked: Another run has the journal.
        AiotablesError: The run could not go on.
    """
    return await remove(
        path,
        place,
        options,
        listing=_all,
        begin=lambda run, digest: run.destroy(digest=digest),
    )


async def _all(journal: JournalHistory, manifest: Manifest) -> AsyncIterator[Made]:
    async for made in made_projects(journal, manifest.targets):
        yield made
    async for made in journal.made_tables():
        yield made
