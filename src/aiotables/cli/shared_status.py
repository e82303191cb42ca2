"""`aiotables status --journal`: how workers come along."""

from pathlib import Path

from attrs import asdict

from aiotables.cli.codes import BY_ENDING, DONE
from aiotables.cli.console import out, plain, print_json
from aiotables.cli.status import tell
from aiotables.core.counting import counted
from aiotables.provision.naming import name_of
from aiotables.provision.postgres import Session, shared_runs
from aiotables.provision.postgres.place import Database
from aiotables.provision.postgres.shards import COUNTED
from aiotables.provision.postgres.shared_runs import SharedRun
from aiotables.provision.postgres.sums import TargetSums, sums_of


async def status(manifest: Path | None, place: Database, *, as_json: bool) -> int:
    """
    Say how the last run went, or is going: one of workers by the counters of its shards.

    Returns:
        The exit code of the last run; 1 when there was none.

    Raises:
        ManifestError: The manifest cannot be read.
        JournalError: There is no journal, or that of another manifest.
    """
    async with (
        place.read(None if manifest is None else name_of(manifest)) as journal,
        Session(place.url, patience=place.patience) as session,
    ):
        last = await journal.last_run()
        run = None if last is None else await shared_runs.find(session, last.run_id)
        if run is None:
            return await tell(journal, place, as_json=as_json)
        sums = await sums_of(session, run.run_id)
    if as_json:
        print_json(_as_json(run, sums))
    else:
        reason = f": {run.stopped}" if run.stopped else ""
        out().print(
            plain(f"{run.run_id}, {counted(run.total, 'table')}: {_ending(run) or 'goes on'}{reason}")
        )
        for each in sums:
            out().print(plain(_line(each)))
    return DONE if run.ending is None else BY_ENDING[run.ending]


def _ending(run: SharedRun) -> str | None:
    return run.ending or ("cancelling" if run.cancelling else None)


def _as_json(run: SharedRun, sums: list[TargetSums]) -> dict[str, object]:
    return {
        "event": "status",
        "run_id": run.run_id,
        "command": "apply",
        "ending": _ending(run),
        "reason": run.stopped or "",
        "tables": run.total,
        "targets": [asdict(each) for each in sums],
    }


def _line(sums: TargetSums) -> str:
    counts = ", ".join(f"{getattr(sums, name):,} {name}" for name in COUNTED if getattr(sums, name))
    shards = f"{sums.done:,} of {counted(sums.shards, 'shard')} done, {sums.doing:,} under way"
    return f"  {sums.target}: {shards}; {counts or 'nothing yet'} of {counted(sums.tables, 'table')}"
