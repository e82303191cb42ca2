"""`aiotables apply --journal`, `cancel`, and `status --journal`: runs that workers carry out."""

import os
from pathlib import Path
from typing import Final

from attrs import asdict

from aiotables.cli.codes import BY_ENDING, DONE, FAILED
from aiotables.cli.console import out, plain, print_json
from aiotables.cli.options import ApplyOptions
from aiotables.provision.engines.procrastinate import ProcrastinateEngine
from aiotables.provision.engines.sharing import Asked, share
from aiotables.provision.manifest import load_manifest
from aiotables.provision.postgres import PostgresJournal, Session, shared_runs
from aiotables.provision.postgres.shards import COUNTED
from aiotables.provision.postgres.sums import TargetSums, sums_of


PATIENCE: Final = 10.0
"""Seconds for which a database that is not there is waited for: somebody sits before the screen."""


async def submit(path: Path, url: str, options: ApplyOptions) -> int:
    """
    Give a manifest to the workers of a database.

    Args:
        path: The manifest, by its whole path: that is how workers find the files of rows that it names.
        url: Of the database.
        options: Of the command.

    Raises:
        ManifestError: The manifest is wrong; nothing was begun.
        SettingsError: No table is meant by a glob; nothing was begun.
        RunGoesOn: Something else is being carried out.
        JournalError: The database is not there, or holds the journal of another manifest.
    """
    manifest = load_manifest(path, environ=os.environ)
    asked = Asked(selection=options.selection, rules=options.rules)
    async with PostgresJournal.open(url, manifest=manifest.name, patience=PATIENCE), Session(url) as session:
        engine = ProcrastinateEngine(url, session)
        await engine.prepare()
        shared = await share(session, engine, manifest, asked)
    run = shared.run
    if options.as_json:
        print_json(
            {
                "event": "shared",
                "run_id": run.run_id,
                "new": shared.new,
                "tables": run.total,
                "shards": shared.shards,
                "tickets": shared.tickets,
            }
        )
    else:
        began = "begun" if shared.new else "goes on"
        out().print(plain(f"{run.run_id} {began}: {run.total:,} tables in {shared.shards:,} shards"))
        out().print(plain("aiotables worker, on any machine with the tokens, carries it out"))
    return DONE


async def cancel(url: str, run_id: str | None, *, as_json: bool) -> int:
    """
    Begin no new table of a run, the last one if none is named.

    Raises:
        JournalError: The database is not there.
    """
    async with PostgresJournal.open(url, patience=PATIENCE), Session(url) as session:
        run = await shared_runs.find(session, run_id)
        if run is None or not await shared_runs.cancel(session, run.run_id):
            out().print(plain("there is no such run that goes on"))
            return FAILED
        engine = ProcrastinateEngine(url, session)
        await engine.prepare()
        taken = await engine.cancel(run.run_id)
        ended = await shared_runs.end_if_done(session, run.run_id)
    if as_json:
        print_json({"event": "cancelled", "run_id": run.run_id, "tickets": taken, "ended": ended})
    else:
        rest = "" if ended else "; workers finish the tables that are under way"
        out().print(plain(f"{run.run_id} cancelled{rest}"))
    return DONE


async def status(url: str, run_id: str | None, *, as_json: bool) -> int:
    """
    Say how a run goes, by the counters of its shards.

    Raises:
        JournalError: The database is not there.
    """
    async with PostgresJournal.open(url, patience=PATIENCE), Session(url) as session:
        run = await shared_runs.find(session, run_id)
        sums = [] if run is None else await sums_of(session, run.run_id)
    if run is None:
        out().print(plain("no run yet"))
        return FAILED
    ending = run.ending or ("cancelling" if run.cancelling else None)
    reason = f": {run.stopped}" if run.stopped else ""
    if as_json:
        targets = [asdict(each) for each in sums]
        print_json(
            {
                "event": "status",
                "run_id": run.run_id,
                "ending": ending,
                "reason": run.stopped or "",
                "tables": run.total,
                "targets": targets,
            }
        )
    else:
        out().print(plain(f"{run.run_id}, {run.total:,} tables: {ending or 'goes on'}{reason}"))
        for each in sums:
            out().print(plain(_line(each)))
    return BY_ENDING.get(run.ending or "done", DONE)


def _line(sums: TargetSums) -> str:
    counts = ", ".join(f"{getattr(sums, name):,} {name}" for name in COUNTED if getattr(sums, name))
    shards = f"{sums.done:,} of {sums.shards:,} shards done, {sums.doing:,} under way"
    return f"  {sums.target}: {shards}; {counts or 'nothing yet'} of {sums.tables:,} tables"
