"""A report as Markdown."""

from collections.abc import Iterable, Mapping, Sequence

from aiotables.provision.reporting.report import Report
from aiotables.provision.reporting.words import facts, latencies, span


def markdown(report: Report) -> str:
    """A report as a page of Markdown."""
    parts = [
        f"# Run {_cell(report.run_id)}\n",
        _table(("", ""), facts(report)),
        "## Outcomes\n",
        _outcomes(report),
        *_section("## From intent to outcome\n", ("", ""), latencies(report)),
        *_section("## Slowest steps\n", ("Took", "Target", "Table", "Step"), _slowest(report)),
        *_section("## Problems\n", ("Outcome", "Target", "Table", "Step", "Reason"), _problems(report)),
    ]
    return "\n".join(parts)


def _section(heading: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [heading, _table(head, rows)] if rows else []


def _outcomes(report: Report) -> str:
    if not report.outcomes:
        return "Nothing was sent.\n"
    rows = [(target, *_counts(report, counts)) for target, counts in report.targets.items()]
    return _table(("Target", *report.outcomes), [*rows, ("all", *_counts(report, report.outcomes))])


def _counts(report: Report, counts: Mapping[str, int]) -> list[str]:
    return [f"{counts.get(kind, 0):,}" for kind in report.outcomes]


def _slowest(report: Report) -> list[Sequence[str]]:
    return [(span(each.seconds), each.target, each.key, each.step) for each in report.slowest]


def _problems(report: Report) -> list[Sequence[str]]:
    return [(each.outcome, each.target, each.key, each.step, each.reason) for each in report.problems]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [[*map(_cell, head)], ["---"] * len(head), *([*map(_cell, row)] for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _cell(text: str) -> str:
    """Text that no table, and no reader of Markdown, takes for more than text."""
    flat = " ".join(text.split())
    return "".join(f"\\{char}" if char in _MEANT else char for char in flat)


_MEANT = frozenset("\\`*_[]<>|#&!~")
