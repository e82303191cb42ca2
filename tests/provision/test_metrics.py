"""Metrics of runs, read back from OpenTelemetry's own SDK."""

import sys
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from aiotables.provision.events import Refreshed, Settling, TableDone
from aiotables.provision.journal import OutcomeKind
from aiotables.provision.metrics import OUTCOMES, RunMetrics, run_metrics


if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import NumberDataPoint


def done(outcome: OutcomeKind) -> TableDone:
    """A table that is finished."""
    return TableDone(target="crm", key="a", outcome=outcome)


def points(reader: InMemoryMetricReader) -> dict[tuple[str, str], Any]:
    """Each value, by the names of the instrument and of the outcome."""
    data = reader.get_metrics_data()
    assert data is not None
    found: dict[tuple[str, str], Any] = {}
    for metric in data.resource_metrics[0].scope_metrics[0].metrics:
        for point in metric.data.data_points:
            number: NumberDataPoint = point  # type: ignore[assignment] # both are counters
            found[metric.name, str((number.attributes or {}).get("aiotables.outcome", ""))] = number.value
    return found


def test_tables_and_lost_replies() -> None:
    """Tables are counted by their outcome, and what was looked for; other events are not."""
    reader = InMemoryMetricReader()
    metrics = RunMetrics(MeterProvider([reader]).get_meter("test"))

    for event in (
        Refreshed(target="crm"),
        done(OutcomeKind.CREATED),
        Settling(target="crm", key="b", step="create", reason="lost"),
        done(OutcomeKind.ADOPTED),
        done(OutcomeKind.CREATED),
    ):
        metrics(event)

    assert {
        ("aiotables.tables", "created"): 2,
        ("aiotables.tables", "adopted"): 1,
        ("aiotables.tables", "unchanged"): 0,
        ("aiotables.tables", "failed"): 0,
        ("aiotables.tables", "unknown"): 0,
        ("aiotables.replies.lost", ""): 1,
    } == points(reader)


def test_counters_begin_at_zero() -> None:
    """What has not happened yet is there with 0: the growth of a counter is not seen from its first value."""
    reader = InMemoryMetricReader()
    RunMetrics(MeterProvider([reader]).get_meter("test"))

    assert {
        ("aiotables.replies.lost", ""): 0,
        **{("aiotables.tables", outcome.value): 0 for outcome in OUTCOMES},
    } == points(reader)


def test_only_where_metrics_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that has not imported OpenTelemetry's metrics has none."""
    assert isinstance(run_metrics(), RunMetrics)

    monkeypatch.delitem(sys.modules, "opentelemetry.metrics")

    assert run_metrics() is None
