"""Metrics of workers, read back from OpenTelemetry's own SDK."""

import sys
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader

from aiotables.provision.engines.events import ShardLeft, ShardTaken, SharedRunEnded
from aiotables.provision.engines.metrics import WorkerMetrics, worker_metrics
from aiotables.provision.events import TableDone
from aiotables.provision.journal import OutcomeKind


ABOUT: dict[str, Any] = {"run_id": "run_1", "target": "crm", "shard": 3}


def points(reader: InMemoryMetricReader) -> dict[tuple[str, ...], Any]:
    """Each value, by the name of the instrument and the values of the attributes; of a histogram the count and the sum."""
    data = reader.get_metrics_data()
    assert data is not None
    return {
        (metric.name, *map(str, (point.attributes or {}).values())): (point.count, point.sum)
        if isinstance(point, HistogramDataPoint)
        else point.value  # type: ignore[union-attr] # the others have one
        for metric in data.resource_metrics[0].scope_metrics[0].metrics
        for point in metric.data.data_points
    }


def test_shards_and_tables() -> None:
    """Shards are counted when they are taken and when they are left, and so are the tables, and waits are timed."""
    reader = InMemoryMetricReader()
    metrics = WorkerMetrics(MeterProvider([reader]).get_meter("test"))

    metrics(ShardTaken(**ABOUT, tables=10, tries=1))
    metrics(ShardTaken(**ABOUT, tables=10, tries=2))
    metrics(ShardTaken(**ABOUT, tables=10, tries=3))
    metrics(TableDone(target="crm", key="a", outcome=OutcomeKind.FAILED))
    metrics(ShardLeft(**ABOUT, ending="lost", counts={}, requests=0))
    metrics(SharedRunEnded(run_id="run_1"))
    metrics.waited(0.5)
    metrics.waited(0.25)

    assert {
        ("aiotables.shards.active",): 2,
        ("aiotables.shards.taken", "first"): 1,
        ("aiotables.shards.taken", "again"): 2,
        ("aiotables.shards.left", "lost"): 1,
        ("aiotables.tables", "failed"): 1,
        ("aiotables.limiter.wait",): (2, 0.75),
    } == {name: value for name, value in points(reader).items() if value}


def test_counters_begin_at_zero() -> None:
    """A shard that is lost, the first of its worker, is growth; and an idle worker has none at work."""
    reader = InMemoryMetricReader()
    WorkerMetrics(MeterProvider([reader]).get_meter("test"))

    assert {
        ("aiotables.shards.active",): 0,
        ("aiotables.shards.taken", "first"): 0,
        ("aiotables.shards.taken", "again"): 0,
        ("aiotables.shards.left", "done"): 0,
        ("aiotables.shards.left", "again"): 0,
        ("aiotables.shards.left", "lost"): 0,
    } == {name: value for name, value in points(reader).items() if "shards" in name[0]}


def test_only_where_metrics_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker in whose process nobody has imported OpenTelemetry's metrics has none."""
    assert isinstance(worker_metrics(), WorkerMetrics)

    monkeypatch.delitem(sys.modules, "opentelemetry.metrics")

    assert worker_metrics() is None
