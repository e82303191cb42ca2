"""Metrics of runs for OpenTelemetry. No name of a table or of a target is in them: there may be millions of both."""

from typing import TYPE_CHECKING, Final

from aiotables.core.metrics import meter
from aiotables.core.otel import wants
from aiotables.provision.events import Settling, TableDone
from aiotables.provision.journal import OutcomeKind


if TYPE_CHECKING:
    from opentelemetry.metrics import Meter


OUTCOMES: Final = (
    OutcomeKind.CREATED,
    OutcomeKind.ADOPTED,
    OutcomeKind.UNCHANGED,
    OutcomeKind.FAILED,
    OutcomeKind.UNKNOWN,
)
"""How tables end."""


class RunMetrics:
    """
    Counts what happens in runs.

    All counters begin at 0: who asks Prometheus how much one has grown is not told of its first value.

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
        self._lost.add(0)
        for outcome in OUTCOMES:
            self._count(outcome, 0)

    def __call__(self, event: object) -> None:
        """Take an event of a run."""
        match event:
            case TableDone(outcome=outcome):
                self._count(outcome, 1)
            case Settling():
                self._lost.add(1)
            case _:
                pass

    def _count(self, outcome: OutcomeKind, tables: int) -> None:
        self._tables.add(tables, {"aiotables.outcome": outcome.value})


def run_metrics() -> RunMetrics | None:
    """By the program's meter provider, if the program has imported `opentelemetry.metrics`."""
    return RunMetrics(meter()) if wants("opentelemetry.metrics", asked=None) else None
