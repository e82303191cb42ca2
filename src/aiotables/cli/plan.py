"""`aiotables plan`."""

import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiotables.cli.codes import DONE, FAILED
from aiotables.cli.console import out, plain, print_json
from aiotables.provision.apply import RequestCount
from aiotables.provision.expand import expand, load
from aiotables.provision.journal import JournalReader, SqliteJournal
from aiotables.provision.opening import open_services
from aiotables.provision.planning import plans
from aiotables.provision.steps import Action, TablePlan


SHOWN = 20
"""Tables that are named in the text; `--json` names all."""

SIGNS = {Action.CREATE: "+", Action.CHANGE: "~", Action.UNCHANGED: " ", Action.CONFLICT: "!"}


async def plan(path: Path, state: Path, *, as_json: bool) -> int:
    """
    Say what `apply` would do, and do nothing.

    Returns:
        The exit code: 1 when a table is in conflict.
    """
    manifest = load(path, environ=os.environ)
    counts: Counter[Action] = Counter()
    steps = 0
    async with (
        _journal(state, manifest.name) as journal,
        open_services(manifest, environ=os.environ, observer=RequestCount()) as services,
    ):
        for service in services.values():
            await service.refresh()
        async for table in plans(expand(manifest), services, journal):
            counts[table.action] += 1
            names = [step.name for step in table.steps]
            steps += len(names)
            _show(table, names, shown=sum(counts.values()) - counts[Action.UNCHANGED], as_json=as_json)
    _summary(counts, steps, as_json=as_json)
    return FAILED if counts[Action.CONFLICT] else DONE


@asynccontextmanager
async def _journal(state: Path, manifest: str) -> AsyncIterator[JournalReader | None]:
    # The journal is only read; a plan made before the first run finds none.
    if not (state / "journal.sqlite").exists():
        yield None
        return
    async with SqliteJournal.read(state, manifest=manifest) as journal:
        yield journal


def _show(table: TablePlan, steps: list[str], *, shown: int, as_json: bool) -> None:
    desired = table.desired
    if as_json:
        facts = {"target": desired.target, "key": desired.key, "action": table.action.value, "steps": steps}
        print_json({"event": "table", **facts, "reason": table.reason, "origin": desired.origin})
        return
    if table.action is Action.UNCHANGED or shown > SHOWN:
        return
    reason = f"  ({table.reason})" if table.reason else ""
    out().print(plain(f"{SIGNS[table.action]} {desired.target}/{desired.key}{reason}"))


def _summary(counts: Counter[Action], steps: int, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {"event": "summary", **{action.value: counts[action] for action in Action}, "requests": steps}
        )
        return
    changed = sum(counts.values()) - counts[Action.UNCHANGED]
    if changed > SHOWN:
        out().print(f"  … and {changed - SHOWN:,} more")
    facts = ", ".join(f"{counts[action]:,} {action.value}" for action in Action)
    out().print(f"{facts}; {steps:,} requests that change something")
