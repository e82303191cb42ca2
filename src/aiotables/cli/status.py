"""`aiotables status`."""

from datetime import UTC, datetime
from pathlib import Path

from aiotables.cli.codes import DONE
from aiotables.cli.console import out, plain, print_json
from aiotables.provision.journal import INTENT, SqliteJournal
from aiotables.provision.naming import name_of


async def status(manifest: Path, state: Path, *, as_json: bool) -> int:
    """
    Say what the journal knows, also while a run goes on.

    Raises:
        ManifestError: The manifest cannot be read.
        JournalError: The folder holds no journal, or that of another manifest.
    """
    async with SqliteJournal.read(state, manifest=name_of(manifest)) as journal:
        run = await journal.last_run()
        counts = await journal.counts()
        problems = await journal.problems(limit=20)

    if as_json:
        print_json(
            {
                "event": "status",
                "run_id": run.run_id if run else None,
                "ending": run.ending if run else None,
                "steps": dict(counts),
                "problems": [
                    {
                        "target": p.target,
                        "key": p.key,
                        "step": p.step,
                        "outcome": p.outcome,
                        "reason": p.reason,
                    }
                    for p in problems
                ],
            }
        )
        return DONE

    console = out()
    if run is None:
        console.print("no run yet")
        return DONE
    started = datetime.fromtimestamp(run.started_at, UTC).isoformat(timespec="seconds")
    console.print(f"{run.run_id}, begun {started}: {run.ending or 'under way, or killed'}", markup=False)
    for name, count in counts.items():
        label = "open (sent, no outcome yet)" if name == INTENT else name
        console.print(f"  {count:>9,}  steps {label}")
    for problem in problems:
        console.print(
            plain(f"{problem.outcome}: {problem.target}/{problem.key} {problem.step}: {problem.reason}")
        )
    return DONE
