"""`aiotables destroy`."""

from pathlib import Path

from aiotables.cli.removal import Options, remove
from aiotables.provision.places import Place


async def destroy(path: Path, place: Place, options: Options) -> int:
    """
    Delete every table that the journal says was made.

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
        listing=lambda journal: journal.made_tables(),
        begin=lambda run, digest: run.destroy(digest=digest),
    )
