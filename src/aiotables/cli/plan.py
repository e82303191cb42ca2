"""`aiotables plan`."""

import os
from collections.abc import Iterator
from pathlib import Path

from aiotables.cli.codes import CHANGES, DONE, FAILED
from aiotables.cli.console import complain, err, out, plain, print_json, spoken
from aiotables.cli.estimate import estimate_json, estimate_text
from aiotables.cli.options import Limits, PlanOptions
from aiotables.core.counting import counted
from aiotables.provision.estimate import Estimate
from aiotables.provision.expand import load
from aiotables.provision.items import PlannedTable
from aiotables.provision.opening import open_clients
from aiotables.provision.places import Folder, Place
from aiotables.provision.plan import Plan, TargetPlan
from aiotables.provision.saved import save
from aiotables.provision.steps import Action


SHOWN = 20
"""Tables that are named in the text; `--json` names all."""

OTHERS_SHOWN = 5
"""The same of those that are not in the manifest."""

SIGNS = {
    Action.CREATE: "+",
    Action.CHANGE: "~",
    Action.UNCHANGED: " ",
    Action.CONFLICT: "!",
    Action.SETTLE: "?",
    Action.UNMANAGED: ".",
}


async def plan(path: Path, place: Place, options: PlanOptions) -> int:
    """
    Say what `apply` would do, and do nothing.

    Returns:
        The exit code: 1 when a table is in conflict, a project needs somebody to look, or more is needed than is allowed.
    """
    manifest = load(path, environ=os.environ)
    async with (
        place.commons() as commons,
        open_clients(manifest, environ=os.environ, commons=commons) as clients,
    ):
        selection, clock = options.selection, commons.clock
        with await Plan.make(manifest, clients, state=place, selection=selection, clock=clock) as made:
            workers = None if isinstance(place, Folder) else made.estimate
            show(made, as_json=options.as_json, workers=workers)
            if options.out is not None and isinstance(place, Folder):
                save(made, options.out, manifest=path, state=place.path)
                err().print(f"saved; carry it out with: aiotables apply {options.out}", markup=False)
            return _code(made, options)


def _code(made: Plan, options: PlanOptions) -> int:
    too_much = over(made, options.limits)
    if too_much is not None:
        complain(too_much)
    blocked = any(target.why_not for target in made.targets.values())
    if too_much is not None or blocked or made.counts[Action.CONFLICT]:
        return FAILED
    return CHANGES if options.detailed and made.changes else DONE


def over(made: Plan, limits: Limits) -> str | None:
    """What a plan needs beyond what is allowed."""
    if limits.requests is not None and made.requests > limits.requests:
        return f"the plan needs {counted(made.requests, 'request')}; {limits.requests:,} are allowed"
    if limits.seconds is not None and (made.seconds or 0.0) > limits.seconds:
        return f"the plan needs {made.seconds:,.1f} s at least; {limits.seconds:,g} s are allowed"
    return None


def show(made: Plan, *, as_json: bool, workers: Estimate | None = None) -> None:
    """
    Print a plan.

    Args:
        made: The plan.
        as_json: Print JSON.
        workers: What it takes them, when they are to carry it out.
    """
    if as_json:
        for line in json_lines(made, workers):
            print_json(line)
        return
    for name, target in made.targets.items():
        _show_project(name, target)
    shown = 0
    for table in made.tables():
        if table.action is not Action.UNCHANGED:
            _show(table)
            shown += 1
        if shown == SHOWN:
            break
    changed = sum(made.counts.values()) - made.counts[Action.UNCHANGED]
    if changed > SHOWN:
        out().print(f"  … and {changed - SHOWN:,} more")
    _show_others(made)
    _summary(made)
    if workers is not None and workers.tables:
        out().print(plain(estimate_text(workers)))


def json_lines(made: Plan, workers: Estimate | None = None) -> Iterator[dict[str, object]]:
    """A plan as JSON objects: one for each table, then one for each that is not in the manifest, and one with the sums."""
    for table in made.tables():
        facts = table.to_json()
        del facts["digest"]
        yield {"event": "table", **facts}
    for table in made.others():
        yield {"event": "unmanaged", "target": table.target, "name": table.key, "reason": table.reason}
    yield {
        "event": "summary",
        **{action.value: number for action, number in made.counts.items()},
        "unmanaged": made.unmanaged,
        "requests": made.requests,
        "reads": made.reads,
        "seconds": _rounded(made.seconds),
        "targets": {name: _sums(target) for name, target in made.targets.items()},
        **({} if workers is None else estimate_json(workers)),
    }


def _sums(target: TargetPlan) -> dict[str, object]:
    return {
        "tables": target.tables,
        "new_project": target.new_project,
        "with_project": target.with_project,
        "why_not": target.why_not,
        "unmanaged": target.unmanaged,
        "requests": target.requests,
        "rows": target.rows,
        "cells": target.cells,
        "seconds": _rounded(target.seconds),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _show_project(name: str, target: TargetPlan) -> None:
    if target.new_project is not None:
        tables = f"with {counted(target.with_project, 'table')}, by one request"
        out().print(plain(f"+ {name}: the project {target.new_project}, {tables}"))
    if target.why_not:
        out().print(plain(f"! {name}: {target.why_not}"))


def _show(table: PlannedTable) -> None:
    reason = f"  ({table.reason})" if table.reason else ""
    out().print(plain(f"{SIGNS[table.action]} {table.target}/{table.key}{reason}"))


def _show_others(made: Plan) -> None:
    number = sum(target.unmanaged or 0 for target in made.targets.values())
    for table, _ in zip(made.others(), range(OTHERS_SHOWN), strict=False):
        _show(table)
    if number > OTHERS_SHOWN:
        out().print(f"  … and {number - OTHERS_SHOWN:,} more that are not in the manifest")


def _summary(made: Plan) -> None:
    told = [action for action in made.counts if action is not Action.SETTLE or made.counts[action]]
    facts = [f"{made.counts[action]:,} {action.value}" for action in told]
    if made.unmanaged:
        facts.append(f"{made.unmanaged:,} not in the manifest")
    time = f", {spoken(made.seconds)} at least" if made.seconds and made.seconds >= 1 else ""
    cells = sum(target.cells for target in made.targets.values())
    agents = f"; agents work on {counted(cells, 'cell')}" if cells else ""
    requests = counted(made.requests, "request that changes something", "requests that change something")
    out().print(f"{', '.join(facts)}; {requests}{time}{agents}")
