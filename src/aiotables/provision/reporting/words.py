"""How a report says times, and what became of a run: the same in Markdown and HTML."""

from datetime import UTC, datetime
from typing import Final

from aiotables.provision.reporting.report import Report


UNDER_WAY: Final = "under way, or killed"

MINUTE: Final = 60.0


def moment(at: float) -> str:
    """A time, for people."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def span(seconds: float) -> str:
    """A length of time, for people."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def facts(report: Report) -> list[tuple[str, str]]:
    """What a report begins with: names and values."""
    rate = f"{report.steps / report.seconds:,.1f} per second" if report.seconds else "-"
    told = [
        ("Command", report.command),
        ("Manifest", report.manifest),
        ("Began", moment(report.started_at)),
        ("Ended", UNDER_WAY if report.ended_at is None else moment(report.ended_at)),
        ("Took", span(report.seconds)),
        ("Ending", report.ending or UNDER_WAY),
        ("Steps", f"{report.steps:,}, {rate}"),
        ("Tables made", f"{report.tables.get('created', 0) + report.tables.get('adopted', 0):,}"),
    ]
    return [*told, ("Open", f"{report.open:,} sent, without an outcome")] if report.open else told


def latencies(report: Report) -> list[tuple[str, str]]:
    """How long steps took: names and values; empty when none did."""
    if report.latency is None:
        return []
    latency = report.latency
    return [
        ("Half within", span(latency.p50)),
        ("90 % within", span(latency.p90)),
        ("99 % within", span(latency.p99)),
        ("Longest", span(latency.longest)),
        ("Average", span(latency.mean)),
    ]
