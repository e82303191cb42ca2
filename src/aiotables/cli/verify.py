"""`aiotables verify`."""

import os
from pathlib import Path

from aiotables.cli.checks import show
from aiotables.cli.codes import DONE, FAILED
from aiotables.provision.checking import verify as check
from aiotables.provision.expand import load
from aiotables.provision.job import Job
from aiotables.provision.opening import open_clients
from aiotables.provision.places import Place


async def verify(path: Path, place: Place, *, as_json: bool) -> int:
    """
    Look whether every table is there once, as desired.

    Returns:
        The exit code: 1 when one is not.

    Raises:
        ManifestError: The manifest is wrong.
        CallError: A service cannot be read.
    """
    manifest = load(path, environ=os.environ)
    async with (
        place.commons() as commons,
        open_clients(manifest, environ=os.environ, commons=commons) as clients,
    ):
        with Job(manifest, clients, state=place) as job:
            return DONE if await show(check(job), as_json=as_json) else FAILED
