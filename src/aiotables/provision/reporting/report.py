"""A report: how one run went, by what the journal holds of it."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from aiotables.core.classes import frozen
from aiotables.provision.journal import JournalHistory, Outcome, OutcomeKind, Run
from aiotables.provision.removing.run import RunNotFound
from aiotables.provision.reporting.sums import Bin, Latency, Slow, Sums


PROBLEMS = 100
"""Problems that are named."""


@frozen(kw_only=True)
class Problem:
    """A step that failed, or whose outcome is unknown."""

    target: str
    key: str
    step: str
    outcome: str
    reason: str


@frozen(kw_only=True)
class Report:
    """
    How one run went.

    Tables that it found as desired, as earlier runs had left them, are no work, and so are not in it.
    """

    event: ClassVar = "report"

    run_id: str
    command: str
    manifest: str
    started_at: float
    """Unix seconds."""

    ended_at: float | None
    """Unix seconds; `None` when it goes on or was killed."""

    ending: str | None
    """`done`, `failed`, `unknown` or `interrupted`; `None` when it goes on or was killed."""

    seconds: float
    """How long it took, or how long its facts reach."""

    outcomes: Mapping[str, int]
    """Steps by outcome."""

    tables: Mapping[str, int]
    """Creations of tables by outcome."""

    targets: Mapping[str, Mapping[str, int]]
    """Steps by outcome, for each target."""

    open: int
    """Steps that were sent, and have no outcome."""

    latency: Latency | None
    """`None` when nothing was sent."""

    slowest: Sequence[Slow]
    bins: Sequence[Bin]
    """The run in stretches of time."""

    problems: Sequence[Problem]
    """The first hundred, as they are now: a later run may have done better."""

    @property
    def steps(self) -> int:
        """All outcomes."""
        return sum(self.outcomes.values())


async def report(journal: JournalHistory, run_id: str | None = None) -> Report:
    """
    The report of a run.

    Args:
        journal: Of the job.
        run_id: The run; by default the last one.

    Raises:
        RunNotFound: There is no such run, or none at all.
        JournalError: The journal cannot be read.
    """
    run = await (journal.last_run() if run_id is None else journal.find_run(run_id))
    if run is None:
        raise RunNotFound(run_id)
    sums = Sums(run.started_at)
    async for fact in journal.facts(run.run_id):
        sums.add(fact)
    problems = await journal.problems(run.run_id, limit=PROBLEMS)
    return _report(run, sums, [_problem(each) for each in problems])


def _report(run: Run, sums: Sums, problems: Sequence[Problem]) -> Report:
    ended_at = sums.last_at if run.ended_at is None else run.ended_at
    return Report(
        run_id=run.run_id,
        command=run.command,
        manifest=run.manifest,
        started_at=run.started_at,
        ended_at=run.ended_at,
        ending=run.ending,
        seconds=max(ended_at - run.started_at, 0.0),
        outcomes=_named(sums.outcomes),
        tables=_named(sums.tables),
        targets={target: _named(counts) for target, counts in sorted(sums.targets.items())},
        open=sums.open,
        latency=sums.durations.sums(),
        slowest=sums.slowest,
        bins=[*sums.bins(ended_at)],
        problems=problems,
    )


def _named(counts: Mapping[OutcomeKind, int]) -> dict[str, int]:
    return {kind.value: counts[kind] for kind in OutcomeKind if counts.get(kind)}


def _problem(outcome: Outcome) -> Problem:
    return Problem(
        target=outcome.target,
        key=outcome.key,
        step=outcome.step,
        outcome=outcome.outcome.value,
        reason=outcome.reason or "",
    )
