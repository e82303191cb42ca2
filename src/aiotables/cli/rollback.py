"""`aiotables rollback`."""

from collections.abc import AsyncIterator
from pathlib import Path

from aiotables.cli.removal import Options, remove
from aiotables.provision.journal import JournalHistory, Made
from aiotables.provision.places import Place
from aiotables.provision.removing.run import RunNotFound


async def rollback(path: Path, place: Place, run_id: str, options: Options) -> int:
    """
    Delete what one run made, and nothing else.

    Returns:
        The exit code.

    Raises:
        ManifestError: The manifest is wrong; nothing was deleted.
        RunNotFound: The journal knows no such run.
        JournalLocked: Another run has the journal.
        AiotablesError: The run could not go on.
    """
    return await remove(
        path,
        place,
        options,
        listing=lambda journal, _: _made_by(journal, run_id),
        begin=lambda run, digest: run.rollback(run_id, digest=digest),
    )


async def _made_by(journal: JournalHistory, run_id: str) -> AsyncIterator[Made]:
    if await journal.find_run(run_id) is None:
        raise RunNotFound(run_id)
    async for made in journal.made_by(run_id):
        yield made
