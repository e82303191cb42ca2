"""`aiotables drift`."""

import os
from pathlib import Path
from typing import Final

from aiotables.cli.checks import show
from aiotables.cli.codes import DONE
from aiotables.provision.checking import drift as check
from aiotables.provision.expand import load
from aiotables.provision.job import Job
from aiotables.provision.journal import SqliteJournal
from aiotables.provision.opening import open_clients


DIFFERENT: Final = 2
"""Somebody else changed a table, or deleted it."""


async def drift(path: Path, state: Path, *, as_json: bool) -> int:
    """
    Say what somebody else changed since the last run.

    Returns:
        The exit code: 2 when a table is missing or changed.

    Raises:
        ManifestError: The manifest is wrong.
        JournalError: The folder holds no journal.
        CallError: A service cannot be read.
    """
    manifest = load(path, environ=os.environ)
    async with (
        SqliteJournal.read(state, manifest=manifest.name) as journal,
        open_clients(manifest, environ=os.environ) as clients,
    ):
        with Job(manifest, clients, state=state) as job:
            return DONE if await show(check(job, journal), as_json=as_json) else DIFFERENT
