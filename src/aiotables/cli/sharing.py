"""`aiotables apply --journal` and `cancel`: runs that workers carry out."""

import os
from pathlib import Path

from aiotables.cli.codes import DONE, FAILED
from aiotables.cli.console import out, plain, print_json
from aiotables.cli.estimate import estimate_json, estimate_text
from aiotables.cli.options import ApplyOptions
from aiotables.cli.state import PATIENCE
from aiotables.core.counting import counted
from aiotables.provision.engines.procrastinate import ProcrastinateEngine
from aiotables.provision.engines.sharing import Asked, share
from aiotables.provision.manifest import load_manifest
from aiotables.provision.postgres import PostgresJournal, Session, shared_runs
from aiotables.provision.postgres.journal import alone_in


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
        JournalLocked: A command that changes the journal is going on.
        JournalError: The database is not there, or holds the journal of another manifest.
    """
    manifest = load_manifest(path, environ=os.environ)
    asked = Asked(selection=options.selection, rules=options.rules)
    async with alone_in(url, manifest=manifest.name, patience=PATIENCE) as session:
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
                **(estimate_json(shared.estimate) if shared.new else {}),
            }
        )
    else:
        began = "begun" if shared.new else "goes on"
        out().print(
            plain(f"{run.run_id} {began}: {counted(run.total, 'table')} in {counted(shared.shards, 'shard')}")
        )
        if shared.new:
            out().print(plain(estimate_text(shared.estimate)))
        out().print(plain("aiotables worker, on any machine with the tokens, carries it out"))
    return DONE


async def cancel(url: str, run_id: str | None, *, as_json: bool) -> int:
    """
    Begin no new table of a run, the last one if none is named.

    Raises:
        JournalError: The database is not there, or holds no journal.
    """
    async with PostgresJournal.read(url, patience=PATIENCE), Session(url, patience=PATIENCE) as session:
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
