"""`aiotables status`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from aiotables.cli.codes import DONE
from aiotables.cli.console import out, plain, print_json
from aiotables.provision.journal import INTENT, SqliteJournal, holder
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
    going_on = await asyncio.to_thread(holder, state) is not None

    if as_json:
        print_json(
            {
                "event": "status",
                "run_id": run.run_id if run else None,
                "command": run.command if run else None,
                "ending": run.ending if run else None,
                "going_on": going_on,
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
    ending = run.ending or ("under way" if going_on else "killed; the same command goes on from there")
    console.print(f"{run.run_id}, {run.command}, begun {started}: {ending}", markup=False)
    for name, count in counts.items():
        label = "open (sent, no outcome yet)" if name == INTENT else name
        console.print(f"  {count:>9,}  steps {label}")
    for problem in problems:
        console.print(
            plain(f"{problem.outcome}: {problem.target}/{problem.key} {problem.step}: {problem.reason}")
        )
    return DONE
