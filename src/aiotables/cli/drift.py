"""`aiotables drift`."""

import os
from pathlib import Path
from typing import Final

from aiotables.cli.checks import show
from aiotables.cli.codes import DONE
from aiotables.provision.checking import drift as check
from aiotables.provision.expand import load
from aiotables.provision.job import Job
from aiotables.provision.opening import open_clients
from aiotables.provision.places import Place


DIFFERENT: Final = 2
"""Somebody else changed a table, or deleted it."""


async def drift(path: Path, place: Place, *, as_json: bool) -> int:
    """
    Say what somebody else changed since the last run.

    Returns:
        The exit code: 2 when a table is missing or changed.

    Raises:
        ManifestError: The manifest is wrong.
        JournalError: There is no journal.
        CallError: A service cannot be read.
    """
    manifest = load(path, environ=os.environ)
    async with (
        place.read(manifest.name) as journal,
        place.commons() as commons,
        open_clients(manifest, environ=os.environ, commons=commons) as clients,
    ):
        with Job(manifest, clients, state=place) as job:
            return DONE if await show(check(job, journal), as_json=as_json) else DIFFERENT
