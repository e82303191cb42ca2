"""`aiotables apply`."""

import asyncio
import os
from pathlib import Path

from aiotables.cli.codes import BY_ENDING, INTERRUPTED
from aiotables.cli.interrupts import interrupts
from aiotables.cli.view import JsonView, TerminalView, View
from aiotables.provision.events import RunEnded
from aiotables.provision.expand import load
from aiotables.provision.job import Job
from aiotables.provision.journal import SqliteJournal
from aiotables.provision.manifest import Manifest
from aiotables.provision.opening import open_clients


async def apply(path: Path, state: Path, *, as_json: bool, width: int) -> int:
    """
    Carry a manifest out and show it.

    Returns:
        The exit code.

    Raises:
        ManifestError: The manifest is wrong; nothing was sent.
        JournalLocked: Another run holds the state folder.
        AiotablesError: The run could not go on.
    """
    manifest = load(path, environ=os.environ)
    view: View = JsonView() if as_json else TerminalView()
    task = asyncio.ensure_future(_run(manifest, state, view, width))
    try:
        return await task
    except asyncio.CancelledError:
        return INTERRUPTED


async def _run(manifest: Manifest, state: Path, view: View, width: int) -> int:
    ending = "interrupted"
    async with (
        SqliteJournal.open(state, manifest=manifest.name) as journal,
        open_clients(manifest, environ=os.environ) as clients,
    ):
        with Job(manifest, clients, state=journal) as job:
            task = asyncio.current_task()
            with view, interrupts(job.stop, task.cancel if task else job.stop):
                async for event in job.apply(width=width):
                    view.show(event)
                    if isinstance(event, RunEnded):
                        ending = event.ending
    return BY_ENDING[ending]
