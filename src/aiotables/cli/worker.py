"""`aiotables worker`."""

import asyncio
import os
from collections.abc import Callable

from aiotables.cli.codes import DONE, INTERRUPTED
from aiotables.cli.console import err, plain, print_json
from aiotables.cli.interrupts import interrupts
from aiotables.cli.metrics import serving
from aiotables.cli.options import Address
from aiotables.cli.rarely import said_rarely
from aiotables.core.classes import define
from aiotables.core.counting import counted
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

    async def work() -> None:
        async with (
            serving(metrics, name=name),
            Worker.open(url, environ=os.environ, show=show, name=name, width=width, lease=lease) as opened,
        ):
            signals.worker = opened
            await opened.run(at_once=shards, until_done=until_done)

    # Around all of it: to connect and to disconnect takes its time, too.
    task = asyncio.ensure_future(work())
    signals = Signals(task)
    with interrupts(signals.drain, signals.stop), said_rarely():
        try:
            await task
        except asyncio.CancelledError:
            return INTERRUPTED
    return DONE


@define
class Signals:
    """
    What Ctrl-C does to a worker: once, it finishes what is under way; twice, it stops; and a third ends the process.

    Args:
        task: All that the worker does.
        end: Ends the process, with an exit code.
    """

    task: asyncio.Future[None]
    end: Callable[[int], object] = os._exit
    worker: Worker | None = None
    """`None` while it connects."""

    _stopped: bool = False

    def drain(self) -> None:
        """Begin nothing new."""
        if self.worker is None:
            self.task.cancel()
        else:
            self.worker.stop()

    def stop(self) -> None:
        """Stop; again, when even that takes too long, be gone: what is lost was not relied on."""
        if self._stopped:
            self.end(INTERRUPTED)
        self._stopped = True
        self.task.cancel()


def _line(event: WorkerEvent) -> str | None:
    match event:
        case ShardTaken():
            return f"{event.target} shard {event.shard}: {counted(event.tables, 'table')}"
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
