"""`aiotables destroy`."""

from pathlib import Path

from aiotables.cli.removal import Options, remove


async def destroy(path: Path, state: Path, options: Options) -> int:
    """
    Delete every table that the journal says was made.

    Returns:
        The exit code.

    Raises:
        ManifestError: The manifest is wrong; nothing was deleted.
        JournalLocked: Another run holds the state folder.
        AiotablesError: The run could not go on.
    """
    return await remove(
        path,
        state,
        options,
        listing=lambda journal: journal.made_tables(),
        begin=lambda run, digest: run.destroy(digest=digest),
    )
