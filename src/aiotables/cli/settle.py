"""`aiotables settle`."""

import os
from pathlib import Path

from aiotables.cli.codes import BY_ENDING
from aiotables.cli.console import out, plain, print_json
from aiotables.provision.expand import load
from aiotables.provision.job import files_digest
from aiotables.provision.journal import OutcomeKind
from aiotables.provision.opening import open_services
from aiotables.provision.places import Place
from aiotables.provision.results import as_json as to_json
from aiotables.provision.settling import Settle, SettleEnded, SettleEvent


async def settle(path: Path, place: Place, *, as_json: bool) -> int:
    """
    Find out what earlier runs did whose outcome is not known.

    Returns:
        The exit code: 4 when something still is unknown.

    Raises:
        ManifestError: The manifest is wrong.
        JournalLocked: Another run has the journal.
        JournalError: There is no journal, or it cannot be written.
    """
    manifest = load(path, environ=os.environ)
    async with place.read(manifest.name):
        pass  # without a journal there is nothing to settle, and none is made for it
    ending = "done"
    async with (
        place.write(manifest.name) as journal,
        place.commons() as commons,
        open_services(manifest, environ=os.environ, commons=commons) as services,
    ):
        run = Settle(services, journal, clock=commons.clock)
        async for event in run.run(manifest=str(path), digest=files_digest(manifest.files)):
            if isinstance(event, SettleEnded):
                ending = event.ending
            if as_json:
                print_json(to_json(event))
            else:
                _tell(event)
    return BY_ENDING[ending]


def _tell(event: SettleEvent) -> None:
    if isinstance(event, SettleEnded):
        counts = ", ".join(f"{count:,} {name}" for name, count in event.counts.items() if count)
        out().print(counts or "nothing is open")
        return
    style = "yellow" if event.outcome is OutcomeKind.UNKNOWN else ""
    reason = f": {event.reason}" if event.reason else ""
    out().print(plain(f"{event.outcome}: {event.target}/{event.key} {event.step}{reason}", style))
