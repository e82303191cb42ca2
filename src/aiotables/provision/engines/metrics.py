"""Metrics of a worker for OpenTelemetry, beside those of the tables."""

from typing import TYPE_CHECKING, Final

from aiotables.core.metrics import WAIT_SECONDS, meter
from aiotables.core.otel import wants
from aiotables.provision.engines.events import ShardLeft, ShardTaken, WorkerEvent
from aiotables.provision.metrics import RunMetrics


if TYPE_CHECKING:
    from opentelemetry.metrics import Meter


ATTEMPTS: Final = ("first", "again")
"""How shards are taken up."""

ENDINGS: Final = ("done", "again", "lost")
"""How they are left."""


class WorkerMetrics:
    """
    Counts what happens in a worker, from 0 on, and times its waits for the limit that all share.

    Args:
        meter: Whose metrics they are.
    """

    def __init__(self, meter: "Meter") -> None:
        self._of_tables = RunMetrics(meter)
        self._active = meter.create_up_down_counter(
            "aiotables.shards.active", unit="{shard}", description="Shards that are being worked on."
        )
        self._taken = meter.create_counter(
            "aiotables.shards.taken", unit="{shard}", description="Shards that were taken up, first or again."
        )
        self._left = meter.create_counter(
            "aiotables.shards.left", unit="{shard}", description="Shards that were given back, by how."
        )
        self._waits = meter.create_histogram(
            "aiotables.limiter.wait",
            unit="s",
            description="Time that requests waited for the limit that processes share.",
            explicit_bucket_boundaries_advisory=WAIT_SECONDS,
        )
        self._active.add(0)
        for attempt in ATTEMPTS:
            self._taken.add(0, {"aiotables.attempt": attempt})
        for ending in ENDINGS:
            self._left.add(0, {"aiotables.ending": ending})

    def __call__(self, event: WorkerEvent) -> None:
        """Take an event of a worker."""
        match event:
            case ShardTaken(tries=tries):
                self._active.add(1)
                self._taken.add(1, {"aiotables.attempt": "first" if tries == 1 else "again"})
            case ShardLeft(ending=ending):
                self._active.add(-1)
                self._left.add(1, {"aiotables.ending": ending})
            case _:
                self._of_tables(event)

    def waited(self, seconds: float, /) -> None:
        """Take the time that a request waited for the shared limit."""
        self._waits.record(seconds)


def worker_metrics() -> WorkerMetrics | None:
    """By the program's meter provider, if the program has imported `opentelemetry.metrics`."""
    return WorkerMetrics(meter()) if wants("opentelemetry.metrics", asked=None) else None
