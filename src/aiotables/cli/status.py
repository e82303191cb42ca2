"""`aiotables status`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from aiotables.cli.codes import BY_ENDING, DONE, FAILED, INTERRUPTED
from aiotables.cli.console import out, plain, print_json
from aiotables.provision.journal import INTENT, JournalHistory, Outcome, Run
from aiotables.provision.naming import name_of
from aiotables.provision.places import Place


async def status(manifest: Path | None, place: Place, *, as_json: bool) -> int:
    """
    Say what the journal knows, also while a run goes on.

    Returns:
        The exit code of the last run; 1 when there was none.

    Raises:
        ManifestError: The manifest cannot be read.
        JournalError: There is no journal, or that of another manifest.
    """
    async with place.read(None if manifest is None else name_of(manifest)) as journal:
        return await tell(journal, place, as_json=as_json)


async def tell(journal: JournalHistory, place: Place, *, as_json: bool) -> int:
    """Say what a journal knows; see `status`."""
    run = await journal.last_run()
    counts = await journal.counts()
    problems = await journal.problems(limit=20)
    going_on = await place.held()
    if as_json:
        print_json(_as_json(run, counts, problems, going_on=going_on))
    elif run is None:
        out().print("no run yet")
    else:
        _tell(run, counts, problems, going_on=going_on)
    return _code(run, going_on=going_on)


def _code(run: Run | None, *, going_on: bool) -> int:
    if run is None:
        return FAILED
    if run.ending is None:
        return DONE if going_on else INTERRUPTED
    return BY_ENDING[run.ending]


def _as_json(
    run: Run | None, counts: Mapping[str, int], problems: Sequence[Outcome], *, going_on: bool
) -> dict[str, object]:
    return {
        "event": "status",
        "run_id": run.run_id if run else None,
        "command": run.command if run else None,
        "ending": run.ending if run else None,
        "going_on": going_on,
        "steps": dict(counts),
        "problems": [
            {
                "target": problem.target,
                "key": problem.key,
                "step": problem.step,
                "outcome": problem.outcome,
                "reason": problem.reason,
            }
            for problem in problems
        ],
    }


def _tell(run: Run, counts: Mapping[str, int], problems: Sequence[Outcome], *, going_on: bool) -> None:
    console = out()
    started = datetime.fromtimestamp(run.started_at, UTC).isoformat(timespec="seconds")
    ending = run.ending or ("under way" if going_on else "killed; the same command goes on from there")
    console.print(f"{run.run_id}, {run.command}, begun {started}: {ending}", markup=False)
    for name, count in counts.items():
        label = "open (sent, no outcome yet)" if name == INTENT else name
        console.print(f"  {count:>9,}  steps {label}")
    for problem in problems:
        console.print(
            plain(f"{problem.outcome}: {problem.target}/{problem.key} {problem.step}: {problem.reason}")
        )
