"""`aiotables worker`."""

import asyncio
import os

from aiotables.cli.codes import DONE, INTERRUPTED
from aiotables.cli.console import err, plain, print_json
from aiotables.cli.interrupts import interrupts
from aiotables.cli.metrics import serving
from aiotables.cli.options import Address
from aiotables.provision.engines.events import (
    ShardLeft,
    ShardTaken,
    SharedRunEnded,
    WorkerEvent,
    WorkerLacks,
    worker_json,
)
from aiotables.provision.engines.worker import Worker, worker_name
from aiotables.provision.events import TableDone
from aiotables.provision.journal import OutcomeKind


async def worker(
    url: str,
    *,
    shards: int,
    width: int,
    lease: float,
    name: str | None,
    until_done: bool,
    metrics: Address | None,
    as_json: bool,
) -> int:
    """
    Work on what was given to the workers of a database, until it is stopped.

    Raises:
        DatabaseError: The database is not there.
        SettingsError: Metrics cannot be served.
    """
    name = name or worker_name()

    def show(event: WorkerEvent) -> None:
        if as_json:
            print_json(worker_json(event, worker=name))
        elif (line := _line(event)) is not None:
            err().print(plain(line))

    async with (
        serving(metrics, name=name),
        Worker.open(url, environ=os.environ, show=show, name=name, width=width, lease=lease) as opened,
    ):
        task = asyncio.ensure_future(opened.run(at_once=shards, until_done=until_done))
        with interrupts(opened.stop, task.cancel):
            try:
                await task
            except asyncio.CancelledError:
                return INTERRUPTED
    return DONE


def _line(event: WorkerEvent) -> str | None:
    match event:
        case ShardTaken():
            return f"{event.target} shard {event.shard}: {event.tables} tables"
        case ShardLeft():
            counts = ", ".join(f"{count} {name}" for name, count in event.counts.items() if count)
            reason = f": {event.reason}" if event.reason else ""
            return f"{event.target} shard {event.shard} {event.ending}: {counts or 'nothing'}{reason}"
        case WorkerLacks():
            return f"cannot work on {event.target}: {event.reason}"
        case SharedRunEnded():
            return f"{event.run_id} ended"
        case TableDone(outcome=OutcomeKind.FAILED | OutcomeKind.UNKNOWN):
            return f"{event.outcome}: {event.target}/{event.key}: {event.reason}"
    return None
