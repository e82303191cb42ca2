"""Metrics of runs for OpenTelemetry. No name of a table or of a target is in them: there may be millions of both."""

from typing import TYPE_CHECKING

from aiotables.core.metrics import meter
from aiotables.core.otel import wants
from aiotables.provision.events import Settling, TableDone


if TYPE_CHECKING:
    from opentelemetry.metrics import Meter


class RunMetrics:
    """
    Counts what happens in runs.

    Args:
        meter: Whose metrics they are.
    """

    def __init__(self, meter: "Meter") -> None:
        self._tables = meter.create_counter(
            "aiotables.tables", unit="{table}", description="Tables that are finished, by outcome."
        )
        self._lost = meter.create_counter(
            "aiotables.replies.lost",
            unit="{reply}",
            description="Creates that were looked for, since their replies were lost.",
        )

    def __call__(self, event: object) -> None:
        """Take an event of a run."""
        match event:
            case TableDone(outcome=outcome):
                self._tables.add(1, {"aiotables.outcome": outcome.value})
            case Settling():
                self._lost.add(1)
            case _:
                pass


def run_metrics() -> RunMetrics | None:
    """By the program's meter provider, if the program has imported `opentelemetry.metrics`."""
    return RunMetrics(meter()) if wants("opentelemetry.metrics", asked=None) else None
