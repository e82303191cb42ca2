"""
How a lost reply of each Extruct create is settled.

| operation | looks at | ours when |
| --- | --- | --- |
| `create_table`, marked | tables with the mark's tag | there is exactly one |
| `create_table` | tables of that name | exactly one of ours was made since the call |
| `create_columns` | the table's columns | all keys are there, made since the call |
| `create_rows` | the table's rows | all that were sent, by the mark or else by their data, made since the call |
| `run_table` | nothing: no documented call reads a run | never |
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any

import orjson

from aiotables.core.convert import Converter
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
)
from aiotables.core.wire import Reply
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import ColumnOutput, Row, TableHeader, TableListItem
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
    ours = yield from _own_tables_since(sent, policy, name)
    return (yield from _only(ours, f"name {name!r}, owner and time"))


def _own_tables_since(
    sent: Sent, policy: SettlePolicy, name: str
) -> Generator[Look, Any, list[TableListItem]]:
    user = yield Look(operation=operations.GET_USER)
    earliest = earliest_there(sent, user, policy)
    # The docs do not say whether the service keeps the spaces around a name.
    wanted = name.strip()
    # By id, since a table made meanwhile shifts the pages, so that one is seen twice.
    ours: dict[str, TableListItem] = {}
    offset = 0
    while True:
        query = {"search": wanted, "sort": "-created_at", "limit": PAGE, "offset": offset}
        page = (yield Look(operation=operations.LIST_TABLES, query=query)).value
        recent = [table for table in page if table.created_at.timestamp() >= earliest]
        ours |= {t.id: t for t in recent if t.name.strip() == wanted and t.owner.email == user.value.email}
        offset += PAGE
        # Newest first: an older one ends the search.
        if len(recent) < PAGE:
            return list(ours.values())


def _only(tables: Sequence[TableListItem], by: str) -> Generator[Look, Any, Verdict]:
    if not tables:
        return NotThere()
    if len(tables) > 1:
        return Unclear(f"{len(tables)} tables are there by {by}")
    try:
        reply = yield Look(operation=operations.GET_TABLE, path={"table_id": tables[0].id})
    except NotFound:
        return NotThere()
    # The header with status is a header with one field more.
    header = _converter.decode(orjson.loads(reply.raw), TableHeader)
    return Found(header, f"table {header.id}, by {by}")


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
    return Found(found, f"{len(found)} columns of table {table_id}, by their keys")


def _key(column: ColumnOutput) -> str | None:
    key = _converter.to_wire(column.config).get("key")
    return key if isinstance(key, str) else None


def created_rows(sent: Sent, policy: SettlePolicy) -> Settling:
    """By the mark in the rows' metadata when they have one and the service keeps it, else by their data."""
    wanted = sent.body["rows"]
    try:
        rows = yield from _rows_since(sent, policy)
    except NotFound:
        return Existed(f"there is no table {sent.path['table_id']}", error=NotFound)

    mark = mark_of(wanted[0].get("metadata")) if wanted else None
    unmarked = [row for row in rows if mark_of(row.metadata) is None]
    if mark is not None and len(unmarked) < len(rows):
        return _by_mark(rows, len(wanted), mark)

    # Unmarked, or the service keeps no metadata; rows with marks are those of other calls.
    return _by_data(unmarked, wanted)


def _rows_since(sent: Sent, policy: SettlePolicy) -> Generator[Look, Any, list[Row]]:
    rows: list[Row] = []
    offset = 0
    while True:
        reply: Reply[Any] = yield Look(
            operation=operations.GET_TABLE_DATA,
            path={"table_id": sent.path["table_id"]},
            query={"offset": offset, "limit": ROWS_PAGE},
        )
        earliest = earliest_there(sent, reply, policy)
        page = reply.value.rows
        rows += [row for row in page if row.created_at.timestamp() >= earliest]
        offset += len(page)
        # A short page alone is no end: the service may give fewer rows than were asked for.
        if not page or (len(page) < ROWS_PAGE and offset >= (reply.value.status.num_rows or 0)):
            return rows


def _by_mark(rows: Sequence[Row], wanted: int, mark: str) -> Verdict:
    ours = [row for row in rows if mark_of(row.metadata) == mark]
    return _verdict(ours, wanted, complete=len(ours) == wanted, by=f"the mark {mark}")


def _by_data(rows: Sequence[Row], wanted: Sequence[Mapping[str, Any]]) -> Verdict:
    ours, others = _paired(rows, [row["data"] for row in wanted])
    complete = len(ours) == len(wanted) and not others
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


def _holds(row: Row, pattern: Mapping[str, Any]) -> bool:
    """An input may come back bare or as `{"value": …}`, and an empty one not at all: the docs do not say."""
    data = row.data or {}
    return all(bare(data.get(key)) == bare(value) for key, value in pattern.items())


def bare(cell: object) -> object:
    """The value of a cell, without what the service may wrap it in."""
    if isinstance(cell, dict) and "value" in cell:
        value = cell["value"]
        return value.get("answer", value) if isinstance(value, dict) else value
    return cell


def _verdict(rows: Sequence[Row], wanted: int, *, complete: bool, by: str) -> Verdict:
    if not rows:
        return NotThere()
    if not complete:
        reason = f"{len(rows)} rows are there by {by}, but not the {wanted} that were sent"
        return Unclear(reason, may_change=len(rows) < wanted)
    return Found([*rows], f"{wanted} rows, by {by}")


RULES: Mapping[str, Rule] = {
    operations.CREATE_TABLE.name: created_table,
    operations.CREATE_COLUMNS.name: created_columns,
    operations.CREATE_ROWS.name: created_rows,
}
