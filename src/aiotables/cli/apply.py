"""`aiotables apply`."""

import asyncio
import os
from hashlib import blake2b
from pathlib import Path

from aiotables.cli.codes import BY_ENDING, INTERRUPTED
from aiotables.cli.interrupts import interrupts
from aiotables.cli.view import JsonView, TerminalView, View
from aiotables.core.clock import SystemClock
from aiotables.provision.apply import Apply, RequestCount
from aiotables.provision.events import RunEnded
from aiotables.provision.expand import expand, load
from aiotables.provision.journal import SqliteJournal
from aiotables.provision.manifest import Manifest
from aiotables.provision.opening import open_services


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
    total = sum(1 for _ in expand(manifest))
    view: View = JsonView() if as_json else TerminalView()
    task = asyncio.ensure_future(_run(manifest, state, total, view, width))
    try:
        return await task
    except asyncio.CancelledError:
        return INTERRUPTED


async def _run(manifest: Manifest, state: Path, total: int, view: View, width: int) -> int:
    requests = RequestCount()
    ending = "interrupted"
    async with (
        SqliteJournal.open(state, manifest=manifest.name) as journal,
        open_services(manifest, environ=os.environ, observer=requests) as services,
    ):
        run = Apply(services, journal, clock=SystemClock(), requests=requests, width=width)
        task = asyncio.current_task()
        with view, interrupts(run.stop, task.cancel if task else run.stop):
            events = run.run(
                expand(manifest), manifest=str(manifest.path), digest=_digest(manifest), total=total
            )
            async for event in events:
                view.show(event)
                if isinstance(event, RunEnded):
                    ending = event.ending
    return BY_ENDING[ending]


def _digest(manifest: Manifest) -> str:
    whole = b"\0".join(file.read_bytes() for file in manifest.files)
    return blake2b(whole, digest_size=16).hexdigest()
