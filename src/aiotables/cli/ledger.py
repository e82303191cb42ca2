"""`aiotables state`: what the journal has, for people, and what they may change in it."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiotables.cli.codes import DONE, FAILED
from aiotables.cli.console import out, plain, print_json, say
from aiotables.core.counting import counted
from aiotables.core.errors import SettingsError
from aiotables.provision.expand import load
from aiotables.provision.job import Job
from aiotables.provision.journal import INTENT, Outcome
from aiotables.provision.ledger import Adopted, Entry, Taken, adopt, entries, forget, known
from aiotables.provision.naming import name_of
from aiotables.provision.opening import open_clients
from aiotables.provision.places import Place
from aiotables.provision.results import as_json as to_json


_NOT_TAKEN: Final = frozenset({Taken.MISSING, Taken.CONFLICT})


async def list_tables(path: Path, place: Place, *, as_json: bool) -> int:
    """Name each table that the journal has."""
    async with place.read(name_of(path)) as journal:
        async for entry in entries(journal):
            if as_json:
                print_json(to_json(entry))
            else:
                say(_line(entry))
    return DONE


def _line(entry: Entry) -> str:
    others = len(entry.steps) - (entry.state != "-")
    more = f"  and {counted(others, 'more step')}" if others else ""
    return f"{entry.state:<9}  {entry.target}/{entry.key}  {entry.table_id or ''}{more}".rstrip()


async def list_runs(path: Path, place: Place, *, as_json: bool) -> int:
    """Name the last runs, the latest first."""
    async with place.read(name_of(path)) as journal:
        runs = await journal.runs()
    for run in runs:
        if as_json:
            facts = {"run_id": run.run_id, "command": run.command, "ending": run.ending}
            print_json({"event": "run", **facts, "started_at": run.started_at, "ended_at": run.ended_at})
        else:
            out().print(plain(f"{run.run_id}  {run.command:<8}  {run.ending or 'under way, or killed'}"))
    return DONE


async def show_table(path: Path, place: Place, table: str, *, as_json: bool) -> int:
    """Tell all that the journal has of one table, oldest first."""
    target, key = parted(table)
    async with place.read(name_of(path)) as journal:
        await known(journal, target, key)
        facts = await journal.history(target, key)
    for fact in facts:
        outcome = fact.outcome.value if isinstance(fact, Outcome) else INTENT
        remote_id = fact.remote_id if isinstance(fact, Outcome) else None
        if as_json:
            print_json(
                {
                    "event": "fact",
                    "at": fact.at,
                    "run_id": fact.run_id,
                    "step": fact.step,
                    "outcome": outcome,
                    "remote_id": remote_id,
                    "detail": dict(fact.detail),
                }
            )
            continue
        reason = f"  {fact.detail['reason']}" if "reason" in fact.detail else ""
        at = datetime.fromtimestamp(fact.at, UTC).isoformat(timespec="milliseconds")
        out().print(plain(f"{at}  {fact.step} {outcome} {remote_id or ''}".rstrip() + reason))
    return DONE


async def forget_tables(path: Path, place: Place, tables: Sequence[str]) -> int:
    """Take tables out of the journal's view."""
    name = name_of(path)
    async with place.read(name):
        pass  # without a journal there is nothing to forget, and none is made for it
    async with place.write(name) as journal, place.commons() as commons:
        await forget(journal, [parted(table) for table in tables], manifest=str(path), clock=commons.clock)
    out().print(f"{len(tables):,} forgotten; the tables are as they were")
    return DONE


async def adopt_tables(path: Path, place: Place, *, ours: bool, as_json: bool) -> int:
    """Take what is there into the journal; the exit code is 1 when a table is missing or in conflict."""
    manifest = load(path, environ=os.environ)
    code = DONE
    async with (
        place.write(manifest.name) as journal,
        place.commons() as commons,
        open_clients(manifest, environ=os.environ, commons=commons) as clients,
    ):
        with Job(manifest, clients, state=journal, clock=commons.clock) as job:
            async for event in adopt(job, journal, ours=ours):
                if event.taken in _NOT_TAKEN:
                    code = FAILED
                if as_json:
                    print_json(to_json(event))
                else:
                    out().print(plain(_taken(event)))
    return code


def _taken(event: Adopted) -> str:
    reason = f": {event.reason}" if event.reason else ""
    return f"{event.taken:<8}  {event.target}/{event.key}  {event.table_id or ''}".rstrip() + reason


def parted(table: str) -> tuple[str, str]:
    """
    Target and key of a table that is named as `crm/contacts`.

    Raises:
        SettingsError: It is not named so.
    """
    target, slash, key = table.partition("/")
    if not slash:
        msg = f"a table is named as TARGET/KEY, such as crm/contacts; got {table!r}"
        raise SettingsError(msg)
    return target, key
