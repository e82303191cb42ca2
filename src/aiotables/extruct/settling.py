"""
How a lost reply of each Extruct create is settled.

| operation | looks at | ours when |
| --- | --- | --- |
| `create_table`, marked | tables with the mark's tag | there is exactly one |
| `create_table` | tables of that name | exactly one of ours was made since the call |
| `create_columns` | the table's columns | all keys are there, made since the call |
| `create_rows` | the table's rows | all that were sent, by the mark or else by their data, made since the call |
| `update_rows` | the table's rows | those with an id hold what was sent, and those without are there as for `create_rows` |
| `clone_table` | the source, and tables since the call | one of ours, of its kind, name and columns |
| `run_table` | the table's status, for the reason: no documented call reads a run | never |
| `create_discovery_task` | all tasks | exactly one of that query was made since the call |
| `create_deep_research_task` | the newest tasks | exactly one of ours of that brief was made since the call |
| `resume_discovery_task` | the task, for the reason: it does not tell what it was asked for before | never |
"""

from collections.abc import Collection, Generator, Mapping, Sequence
from typing import Any

import orjson

from aiotables.core.convert import Converter
from aiotables.core.counting import counted
from aiotables.core.errors import NotFound
from aiotables.core.settle import (
    Existed,
    Found,
    Look,
    NotThere,
    Rule,
    Sent,
    SettlePolicy,
    Settling,
    Unclear,
    Verdict,
    earliest_there,
    surely_since,
)
from aiotables.core.wire import Reply
from aiotables.extruct import settling_tasks
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import ColumnOutput, Row, RunStatus, TableHeader, TableListItem
from aiotables.extruct.cells import bare
from aiotables.extruct.marking import mark_of, tag_of


PAGE = 100
"""Most tables in a page (docs page api-reference/tables/list-tables)."""

ROWS_PAGE = 500
"""Rows read in one look. The docs give no limit."""

_converter = Converter()


def created_table(sent: Sent, policy: SettlePolicy) -> Settling:
    """By its mark when it has one, else by name, owner and time."""
    tag = tag_of(sent.body.get("tags"))
    if tag is not None:
        reply = yield Look(operation=operations.LIST_TABLES, query={"tags": [tag], "limit": PAGE})
        ours = [table for table in reply.value if tag in (table.tags or ())]
        return (yield from _only(ours, f"tag {tag}"))

    name = sent.body.get("name")
    if name is None:
        return Unclear(
            "the table was sent without a name and without a mark, so it cannot be told from others"
        )
    user = yield Look(operation=operations.GET_USER)
    # The docs do not say whether the service keeps the spaces around a name.
    wanted = name.strip()
    recent = yield from _tables_since(earliest_there(sent, user, policy), {"search": wanted})
    ours = [t for t in recent if t.name.strip() == wanted and t.owner.email == user.value.email]
    return (yield from _only(ours, f"name {name!r}, owner and time", surely_since(sent, user, policy)))


def _tables_since(earliest: float, narrowed: Mapping[str, str]) -> Generator[Look, Any, list[TableListItem]]:
    # By id, since a table made meanwhile shifts the pages, so that one is seen twice.
    found: dict[str, TableListItem] = {}
    offset = 0
    while True:
        query = {**narrowed, "sort": "-created_at", "limit": PAGE, "offset": offset}
        page = (yield Look(operation=operations.LIST_TABLES, query=query)).value
        recent = [table for table in page if table.created_at.timestamp() >= earliest]
        found |= {table.id: table for table in recent}
        offset += PAGE
        # Newest first: an older one ends the search.
        if len(recent) < PAGE:
            return list(found.values())


def _only(tables: Sequence[TableListItem], by: str, sure: float = 0.0) -> Generator[Look, Any, Verdict]:
    if not tables:
        return NotThere()
    if len(tables) > 1:
        return Unclear(f"{len(tables)} tables are there by {by}")
    if tables[0].created_at.timestamp() < sure:
        return Unclear(f"table {tables[0].id} is there by {by}, but maybe from just before the call")
    try:
        reply = yield Look(operation=operations.GET_TABLE, path={"table_id": tables[0].id})
    except NotFound:
        return NotThere()
    # The header with status is a header with one field more.
    header = _converter.decode(orjson.loads(reply.raw), TableHeader)
    return Found(header, f"table {header.id}, by {by}")


def cloned_table(sent: Sent, policy: SettlePolicy) -> Settling:
    """
    By the source's kind, name and columns, and by owner and time.

    The docs say neither what a clone is called nor whose it is, so any new table of that kind forbids a "not there".
    """
    source_id = sent.path["table_id"]
    user = yield Look(operation=operations.GET_USER)
    try:
        source = (yield Look(operation=operations.GET_TABLE, path={"table_id": source_id})).value
    except NotFound:
        return Unclear(f"table {source_id} is gone, so a clone of it cannot be recognised")
    if source.parent_relationships:
        return Unclear(f"table {source_id} has a parent, and no list shows clones of such tables")

    recent = yield from _tables_since(earliest_there(sent, user, policy), {"kind": str(source.kind)})
    others = [table for table in recent if table.id != source_id]
    if not others:
        return NotThere()
    ours = [t for t in others if source.name in t.name and t.owner.email == user.value.email]
    if not ours:
        ids = ", ".join(table.id for table in others)
        return Unclear(f"tables of its kind were made since the call under other names or by others: {ids}")
    verdict = yield from _only(
        ours, "the source's name and kind, owner and time", surely_since(sent, user, policy)
    )
    if isinstance(verdict, Found) and _kinds(verdict.value.columns) != _kinds(source.columns):
        why = (
            f"table {verdict.value.id} was made since the call, but its columns are not those of {source_id}"
        )
        return Unclear(why, may_change=True)
    return verdict


def _kinds(columns: Sequence[ColumnOutput]) -> list[tuple[object, object]]:
    configs = [_converter.to_wire(column.config) for column in columns]
    return [(config.get("key"), config.get("kind")) for config in configs]


def created_columns(sent: Sent, policy: SettlePolicy) -> Settling:
    """All keys or none: the docs show one answer for all columns of a call."""
    table_id = sent.path["table_id"]
    try:
        reply = yield Look(operation=operations.GET_TABLE, path={"table_id": table_id})
    except NotFound:
        return Existed(f"there is no table {table_id}", error=NotFound)

    earliest = earliest_there(sent, reply, policy)
    made = {_key(c): c for c in reply.value.columns if c.created_at.timestamp() >= earliest}
    wanted = [config.get("key") for config in sent.body["column_configs"]]
    found = [made[key] for key in wanted if key in made]
    if not found:
        return NotThere()
    if len(found) < len(wanted):
        return Unclear(f"{len(found)} of {len(wanted)} columns are there", may_change=True)
    if min(column.created_at.timestamp() for column in found) < surely_since(sent, reply, policy):
        return Unclear("the columns are there, but maybe from just before the call")
    return Found(found, f"{counted(len(found), 'column')} of table {table_id}, by their keys")


def _key(column: ColumnOutput) -> str | None:
    key = _converter.to_wire(column.config).get("key")
    return key if isinstance(key, str) else None


def created_rows(sent: Sent, policy: SettlePolicy) -> Settling:
    """By the mark in the rows' metadata when they have one and the service keeps it, else by their data."""
    try:
        rows, sure = yield from _rows(sent, policy)
    except NotFound:
        return Existed(f"there is no table {sent.path['table_id']}", error=NotFound)
    return _made(rows, sent.body["rows"], sure)


def updated_rows(sent: Sent, policy: SettlePolicy) -> Settling:
    """Rows with an id are compared with what was sent, rows without one were to be made."""
    wanted: Sequence[Mapping[str, Any]] = sent.body["rows"]
    changed = {row["id"]: row for row in wanted if "id" in row}
    try:
        rows, sure = yield from _rows(sent, policy, also=changed.keys())
    except NotFound:
        return Existed(f"there is no table {sent.path['table_id']}", error=NotFound)

    there = {row.id: row for row in rows if row.id in changed}
    gone = changed.keys() - there.keys()
    if gone:
        return Unclear(
            f"row {min(gone)} is not there, so the call may have been refused, or it was deleted since"
        )
    held = sum(_holds_all(there[row_id], row) for row_id, row in changed.items())
    new = [row for row in wanted if "id" not in row]
    if not new:
        return _changed(
            [there[row_id] for row_id in changed], held=held, run=bool(sent.body.get("run", False))
        )

    made = _made([row for row in rows if row.id not in changed], new, sure)
    if isinstance(made, Found) and held == len(changed):
        added = iter(made.value)
        return Found([there[row["id"]] if "id" in row else next(added) for row in wanted], made.how)
    if isinstance(made, Unclear) or (isinstance(made, NotThere) and not held):
        return made
    why = f"{held} of {len(changed)} rows hold what was sent, and of {len(new)} new ones "
    return Unclear(why + ("all are there" if isinstance(made, Found) else "none is there"), may_change=True)


def _changed(rows: list[Row], *, held: int, run: bool) -> Verdict:
    if not run:
        # Sending the same data to the same rows again does nothing twice, so those that differ are no risk.
        return Found(rows, f"{counted(held, 'row')}, by what they hold") if held == len(rows) else NotThere()
    if rows and not held:
        return NotThere()
    # They may have held it before.
    return Unclear(
        f"{held} of {len(rows)} rows hold what was sent, but whether a run was started cannot be read"
    )


def _rows(
    sent: Sent, policy: SettlePolicy, also: Collection[str] = ()
) -> Generator[Look, Any, tuple[list[Row], float]]:
    """The rows made since the call, and those of some ids; and the time from which on they were surely made since."""
    rows: list[Row] = []
    offset, sure = 0, 0.0
    while True:
        reply: Reply[Any] = yield Look(
            operation=operations.GET_TABLE_DATA,
            path={"table_id": sent.path["table_id"]},
            query={"offset": offset, "limit": ROWS_PAGE},
        )
        earliest = earliest_there(sent, reply, policy)
        sure = max(sure, surely_since(sent, reply, policy))
        page = reply.value.rows
        rows += [row for row in page if row.created_at.timestamp() >= earliest or row.id in also]
        offset += len(page)
        # A short page alone is no end: the service may give fewer rows than were asked for.
        if not page or (len(page) < ROWS_PAGE and offset >= (reply.value.status.num_rows or 0)):
            return rows, sure


def _made(rows: Sequence[Row], wanted: Sequence[Mapping[str, Any]], sure: float) -> Verdict:
    mark = mark_of(wanted[0].get("metadata")) if wanted else None
    unmarked = [row for row in rows if mark_of(row.metadata) is None]
    if mark is not None and len(unmarked) < len(rows):
        return _by_mark(rows, len(wanted), mark)

    # Unmarked, or the service keeps no metadata; rows with marks are those of other calls.
    verdict = _by_data(unmarked, wanted, sure)
    if isinstance(verdict, NotThere) and len(unmarked) >= len(wanted) > 0:
        # The service may have written the values in another way.
        those = counted(len(unmarked), "row was", "rows were")
        why = f"{those} made since the call, but with other data: they may be others'"
        return Unclear(why, may_change=True)
    return verdict


def _by_mark(rows: Sequence[Row], wanted: int, mark: str) -> Verdict:
    ours = [row for row in rows if mark_of(row.metadata) == mark]
    return _verdict(ours, wanted, complete=len(ours) == wanted, by=f"the mark {mark}")


def _by_data(rows: Sequence[Row], wanted: Sequence[Mapping[str, Any]], sure: float) -> Verdict:
    ours, others = _paired(rows, [row["data"] for row in wanted])
    complete = len(ours) == len(wanted) and not others
    if complete and any(row.created_at.timestamp() < sure for row in ours):
        those = counted(len(ours), "row is", "rows are")
        return Unclear(f"{those} there by their data, but maybe from just before the call")
    return _verdict([*ours, *others], len(wanted), complete=complete, by="their data and time")


def _paired(rows: Sequence[Row], patterns: Sequence[Mapping[str, Any]]) -> tuple[list[Row], list[Row]]:
    """For each pattern a row of its own that holds it, in the order of the patterns; and the other rows that hold one."""
    left = [row for row in rows if any(_holds(row, pattern) for pattern in patterns)]
    pairs: dict[int, Row] = {}
    # The patterns that ask for most come first, so that a vague one does not take the row of another.
    for number, pattern in sorted(enumerate(patterns), key=lambda item: -len(item[1])):
        place = next((i for i, row in enumerate(left) if _holds(row, pattern)), None)
        if place is not None:
            pairs[number] = left.pop(place)
    return [pairs[number] for number in sorted(pairs)], left


def _holds_all(row: Row, wanted: Mapping[str, Any]) -> bool:
    metadata = row.metadata or {}
    sent = wanted.get("metadata") or {}
    return _holds(row, wanted["data"]) and all(metadata.get(key) == value for key, value in sent.items())


def _holds(row: Row, pattern: Mapping[str, Any]) -> bool:
    """An input may come back bare or as `{"value": …}`, and an empty one not at all: the docs do not say."""
    data = row.data or {}
    return all(bare(data.get(key)) == bare(value) for key, value in pattern.items())


def _verdict(rows: Sequence[Row], wanted: int, *, complete: bool, by: str) -> Verdict:
    if not rows:
        return NotThere()
    if not complete:
        those = counted(len(rows), "row is", "rows are")
        reason = f"{those} there by {by}, but not the {wanted} that were sent"
        return Unclear(reason, may_change=len(rows) < wanted)
    return Found([*rows], f"{counted(wanted, 'row')}, by {by}")


def started_run(sent: Sent, policy: SettlePolicy) -> Settling:  # noqa: ARG001 -- the form of a rule
    """
    No documented call reads a run, so nothing shows that the work to be seen is ours.

    Nor does a table at rest show that there was none: a run may be seen late, and may be over soon.
    """
    table_id = sent.path["table_id"]
    try:
        reply = yield Look(operation=operations.GET_TABLE, path={"table_id": table_id})
    except NotFound:
        return Existed(f"there is no table {table_id}", error=NotFound)
    status = reply.value.status
    if status.run_status is RunStatus.RUNNING or status.num_cells_in_progress:
        cells = counted(status.num_cells_in_progress, "cell")
        return Unclear(
            f"table {table_id} is at work on {cells}, maybe for this run, maybe for an "
            "earlier one; wait until it is idle, and see which cells have values"
        )
    return Unclear(
        f"table {table_id} is idle, so the run was not begun, or not yet, or is over; see which cells have values"
    )


RULES: Mapping[str, Rule] = {
    **settling_tasks.RULES,
    operations.CLONE_TABLE.name: cloned_table,
    operations.CREATE_TABLE.name: created_table,
    operations.CREATE_COLUMNS.name: created_columns,
    operations.CREATE_ROWS.name: created_rows,
    operations.RUN_TABLE.name: started_run,
    operations.UPDATE_ROWS.name: updated_rows,
}
