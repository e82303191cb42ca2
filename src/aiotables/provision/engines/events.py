"""What happens in a worker, beside the events of the tables themselves."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from attrs import asdict

from aiotables.core.classes import frozen
from aiotables.provision.events import Settling, TableDone


@frozen(kw_only=True)
class ShardTaken:
    """A worker took a shard."""

    run_id: str
    target: str
    shard: int
    tables: int

    tries: int
    """How often it was taken, this time included."""


@frozen(kw_only=True)
class ShardLeft:
    """A worker gave a shard back, or lost it."""

    run_id: str
    target: str
    shard: int

    ending: str
    """`done`, `again` when something is left to do, or `lost` when it is another worker's, now or soon."""

    counts: Mapping[str, int]
    """Tables by outcome."""

    requests: int
    reason: str = ""


@frozen(kw_only=True)
class WorkerLacks:
    """A worker cannot work on a target: a token variable is not set there, or a file of rows is missing."""

    run_id: str
    target: str
    reason: str


@frozen(kw_only=True)
class SharedRunEnded:
    """The last shard of a run is done; told by the worker that saw it."""

    run_id: str


WorkerEvent: TypeAlias = ShardTaken | ShardLeft | WorkerLacks | SharedRunEnded | TableDone | Settling

_NAMES: Mapping[type[Any], str] = {
    ShardTaken: "shard_taken",
    ShardLeft: "shard_left",
    WorkerLacks: "worker_lacks",
    SharedRunEnded: "run_ended",
    TableDone: "table_done",
    Settling: "settling",
}


def worker_json(event: WorkerEvent, *, worker: str) -> dict[str, Any]:
    """An event as JSON, with the name of its worker."""
    return {"event": _NAMES[type(event)], "worker": worker, **asdict(event)}
