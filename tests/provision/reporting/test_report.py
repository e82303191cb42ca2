"""Reports of runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aiotables.provision.journal import OutcomeKind, SqliteJournal
from aiotables.provision.removing.run import RunNotFound
from aiotables.provision.reporting.report import Problem, report


Reported = Callable[..., Any]
CREATED, FAILED = OutcomeKind.CREATED, OutcomeKind.FAILED


async def test_sums(reported: Reported) -> None:
    """Steps are counted by outcome and target, with the time that they took and when they ended."""
    steps = [("a", 0, 0.5, CREATED), ("b", 0, 1.5, CREATED), ("c", 1, 1.25, FAILED), ("d", 1, None, CREATED)]

    made = await reported(steps, ended_at=2.5, reason="409")

    assert ("apply", "m.yaml", "done", 2.5) == (made.command, made.manifest, made.ending, made.seconds)
    assert (1000.0, 1002.5) == (made.started_at, made.ended_at)
    assert {"created": 2, "failed": 1} == made.outcomes == made.tables == made.targets["crm"]
    assert (3, 1) == (made.steps, made.open)
    assert [1, 2, 0] == [each.steps for each in made.bins]
    assert [0.5, 0.875, None] == [each.latency for each in made.bins]
    assert [1.5, 0.5, 0.25] == [slow.seconds for slow in made.slowest]
    assert [Problem(target="crm", key="c", step="create", outcome="failed", reason="409")] == made.problems
    assert made.latency is not None
    assert (3, 0.75, 1.5) == (made.latency.steps, made.latency.mean, made.latency.longest)


async def test_run_that_was_killed(reported: Reported) -> None:
    """A run without an end lasts as long as its facts reach."""
    made = await reported([("a", 0, 3, CREATED), ("b", 5, None, CREATED)])

    assert (None, None, 5.0) == (made.ended_at, made.ending, made.seconds)


async def test_empty_run(reported: Reported) -> None:
    """A run that sent nothing has no steps, and no latency."""
    made = await reported([], ended_at=0)

    assert ({}, {}, None, 0, [0]) == (
        made.outcomes,
        made.targets,
        made.latency,
        made.steps,
        [each.steps for each in made.bins],
    )


async def test_which_run(tmp_path: Path) -> None:
    """The last run is reported, or the one that is named; a run that is not known is refused."""
    async with SqliteJournal.open(tmp_path) as journal:
        with pytest.raises(RunNotFound, match="knows no run yet"):
            await report(journal)
        first = await journal.begin_run("m.yaml", "0")
        second = await journal.begin_run("m.yaml", "0", command="destroy")

        assert second.run_id == (await report(journal)).run_id
        assert first.run_id == (await report(journal, first.run_id)).run_id
        with pytest.raises(RunNotFound, match="knows no run run_x"):
            await report(journal, "run_x")
