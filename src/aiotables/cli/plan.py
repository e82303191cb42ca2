"""`aiotables plan`."""

import os
from collections.abc import Iterator
from pathlib import Path

from aiotables.cli.codes import DONE, FAILED
from aiotables.cli.console import out, plain, print_json
from aiotables.provision.expand import load
from aiotables.provision.items import PlannedTable
from aiotables.provision.opening import open_clients
from aiotables.provision.plan import Plan
from aiotables.provision.steps import Action


SHOWN = 20
"""Tables that are named in the text; `--json` names all."""

SIGNS = {
    Action.CREATE: "+",
    Action.CHANGE: "~",
    Action.UNCHANGED: " ",
    Action.CONFLICT: "!",
    Action.SETTLE: "?",
}


async def plan(path: Path, state: Path, *, as_json: bool) -> int:
    """
    Say what `apply` would do, and do nothing.

    Returns:
        The exit code: 1 when a table is in conflict.
    """
    manifest = load(path, environ=os.environ)
    async with open_clients(manifest, environ=os.environ) as clients:
        with await Plan.make(manifest, clients, state=state) as made:
            show(made, as_json=as_json)
            return FAILED if made.counts[Action.CONFLICT] else DONE


def show(made: Plan, *, as_json: bool) -> None:
    """Print a plan."""
    if as_json:
        for line in json_lines(made):
            print_json(line)
        return
    shown = 0
    for table in made.tables():
        if table.action is not Action.UNCHANGED:
            _show(table)
            shown += 1
        if shown == SHOWN:
            break
    _summary(made)


def json_lines(made: Plan) -> Iterator[dict[str, object]]:
    """A plan as JSON objects: one for each table, and a last one with the sums."""
    for table in made.tables():
        facts = table.to_json()
        del facts["digest"]
        yield {"event": "table", **facts}
    counts = {action.value: made.counts[action] for action in Action}
    yield {
        "event": "summary",
        **counts,
        "requests": made.requests,
        "reads": made.reads,
        "seconds": None if made.seconds is None else round(made.seconds, 3),
    }


def _show(table: PlannedTable) -> None:
    reason = f"  ({table.reason})" if table.reason else ""
    out().print(plain(f"{SIGNS[table.action]} {table.target}/{table.key}{reason}"))


def _summary(made: Plan) -> None:
    changed = sum(made.counts.values()) - made.counts[Action.UNCHANGED]
    if changed > SHOWN:
        out().print(f"  … and {changed - SHOWN:,} more")
    told = [action for action in Action if action is not Action.SETTLE or made.counts[action]]
    facts = ", ".join(f"{made.counts[action]:,} {action.value}" for action in told)
    out().print(f"{facts}; {made.requests:,} requests that change something")
