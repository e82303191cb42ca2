"""
How a lost reply of each ZangTable create is settled.

| operation | looks at | ours when |
| --- | --- | --- |
| `create_table` | the table, by name | same columns, made since the call |
| `create_column` | the table's columns | same type, made since the call |
| `create_index` | `sqlite_master`, by read-only SQL | of that name, on the same columns |
| `create_database_export`, `create_schema_export` | the exports | one of that kind, format and file name was made since |
| `bootstrap_project` | nothing: no documented call tells when a project was made, or by whom | never |
| `create_token`, `test_token` | nothing: a secret is told once | never |
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

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
    Sparing,
    Unclear,
    earliest_there,
    surely_since,
)
from aiotables.zangtable import settling_exports
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    AddedColumn,
    Column,
    CreatedColumn,
    CreatedIndex,
    CreatedTable,
    Index,
    SqlQuery,
)
from aiotables.zangtable.errors import TableExists


def created_table(sent: Sent, policy: SettlePolicy) -> Settling:
    """A name is unique in its project, so the table of that name is ours, or was there and refused us."""
    name = sent.body["table_name"]
    try:
        reply = yield Look(
            operation=operations.GET_TABLE,
            path={"project": sent.path["project"], "table_id_or_name": name},
        )
    except NotFound:
        return NotThere()

    found = reply.value
    if found.table.created_at.timestamp() < earliest_there(sent, reply, policy):
        return Existed(f"a table {name!r} was made before the call", error=TableExists)

    if not same_columns(sent.body.get("columns") or (), found.columns):
        why = f"a table {name!r} was made since the call, but with other columns"
        return Unclear(why, may_change=True)

    if found.table.created_at.timestamp() < surely_since(sent, reply, policy):
        return Unclear(f"a table {name!r} is there, but maybe from just before the call")

    return Found(CreatedTable(table=found.table, columns=found.columns), f"table {name!r}, read by its name")


def created_column(sent: Sent, policy: SettlePolicy) -> Settling:
    """A name is unique in its table, so the column of that name is ours, or was there and refused us."""
    name, table = sent.body["column_name"], sent.path["table"]
    try:
        reply = yield Look(
            operation=operations.LIST_COLUMNS, path={"project": sent.path["project"], "table": table}
        )
    except NotFound:
        return Existed(f"there is no table {table!r}", error=NotFound)

    found = next((c for c in reply.value.columns if _same_name(c.column_name, name)), None)
    if found is None:
        return NotThere()

    if found.created_at is None:
        return Unclear(f"a column {name!r} is there, without the time it was made at")

    if _before(found.created_at, earliest_there(sent, reply, policy)):
        return Existed(f"a column {name!r} was made before the call")

    if not _same_type(sent.body, found):
        doubt = "was made since the call, but of another type"
    elif _before(found.created_at, surely_since(sent, reply, policy)):
        doubt = "is there, but maybe from just before the call"
    else:
        made = CreatedColumn(table=reply.value.table, column=_added(found))
        return Found(made, f"column {name!r}, by listing")
    return Unclear(f"a column {name!r} {doubt}")


def created_index(sent: Sent, policy: SettlePolicy) -> Settling:  # noqa: ARG001 -- the form of a rule
    """
    No documented call lists indexes, so their catalogue is read by SQL.

    SQLite keeps no time of an index; its name is unique, so one of that name on the same columns is what was wanted.
    """
    name = sent.body.get("index_name")
    if name is None:
        return Unclear("the index was sent without a name, so it cannot be looked for")

    reply = yield Look(
        operation=operations.QUERY_RECORDS,
        path={"project": sent.path["project"]},
        body=SqlQuery(
            sql="SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND name = ? COLLATE NOCASE",
            params=[name],
        ),
    )
    if not reply.value.rows:
        return NotThere()

    found = parse_index(reply.value.rows[0])
    if found is None:
        return Unclear(f"an index {name!r} is there, whose definition cannot be read")

    unique = bool(sent.body.get("unique", False))
    if not _same_name(found.table, sent.path["table"]) or (found.columns, found.unique) != (
        [c.lower() for c in sent.body["columns"]],
        unique,
    ):
        return Existed(f"an index {name!r} with another definition is there")

    index = Index(name=name, unique=unique, origin="c", partial=False, columns=list(sent.body["columns"]))
    return Found(CreatedIndex(index=index), f"index {name!r}, read from sqlite_master")


def bootstrapped_project(sent: Sent, policy: SettlePolicy) -> Settling:  # noqa: ARG001 -- the form of a rule
    """
    Nothing that can be read is evidence.

    The calling token belongs to one project, so that the new one refuses it, there or not (docs page authentication). Were
    it let in, no documented call would tell when the project was made, and the tokens of the reply are told once.
    """
    yield from ()
    return Unclear(
        f"no documented call tells when a project was made, or by whom; look in the admin panel whether "
        f"{sent.body['project_slug']!r} is there with all that was asked for, and make new tokens there, since those "
        "of the lost reply cannot be read again"
    )


def created_token(sent: Sent, policy: SettlePolicy) -> Settling:  # noqa: ARG001 -- the form of a rule
    """A secret is told once; and that an old token still works, or no longer does, may have other reasons."""
    yield from ()
    return Unclear(
        "the secret of a token is told once, so a token of the lost reply is of no use, and making one may have revoked "
        f"the earlier tokens of this account in {sent.path['project']!r}, the calling one among them; look at the API "
        "tokens in the admin panel, revoke what is too much, and only then make another"
    )


RULES: Mapping[str, Rule] = {
    **settling_exports.RULES,
    # The rest of the body holds a password.
    operations.BOOTSTRAP_PROJECT.name: Sparing(keys=("project_slug",), rule=bootstrapped_project),
    operations.CREATE_TABLE.name: created_table,
    operations.CREATE_COLUMN.name: created_column,
    operations.CREATE_INDEX.name: created_index,
    operations.CREATE_TOKEN.name: created_token,
    operations.TEST_TOKEN.name: created_token,
}


def same_columns(requested: Sequence[Mapping[str, Any]], found: Sequence[Column]) -> bool:
    """
    Whether a table has the columns that were asked for, in their order.

    Args:
        requested: Column objects as sent. Without a primary key among them the service prepends `id`.
        found: Columns as read.
    """
    own = list(found)
    if not any(column.get("is_primary") for column in requested):
        own = own[1:] if own and own[0].is_primary else own
    return len(requested) == len(own) and all(
        _same_name(c.column_name, r["column_name"]) and _same_type(r, c)
        for r, c in zip(requested, own, strict=True)
    )


class ParsedIndex:
    """An index as its SQL in `sqlite_master` tells it; names in lower case."""

    def __init__(self, *, table: str, columns: list[str], unique: bool) -> None:
        self.table = table
        self.columns = columns
        self.unique = unique


def parse_index(row: Mapping[str, Any]) -> ParsedIndex | None:
    """Read a row of `sqlite_master`, or give up on one that is not the index of whole columns that the service makes."""
    read = _INDEX_SQL.fullmatch(str(row["sql"]))
    if read is None:
        return None
    columns = [_DECORATION.sub("", part).lower() for part in read["columns"].split(",")]
    return ParsedIndex(table=str(row["tbl_name"]), columns=columns, unique=read["unique"] is not None)


# Names hold letters, digits and underscores alone; all else is decoration.
_DECORATION = re.compile(r"\s+ASC\s*$|\W", re.IGNORECASE)
_COLUMN = r"\s*[\"`\[]?\w+[\"`\]]?(?:\s+ASC)?\s*"
_INDEX_SQL = re.compile(
    rf"\s*CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\b[^()]*\((?P<columns>{_COLUMN}(?:,{_COLUMN})*)\)\s*;?\s*",
    re.IGNORECASE,
)


def _added(column: Column) -> AddedColumn:
    return AddedColumn(
        id=column.id,
        table_name=column.table_name,
        column_name=column.column_name,
        column_type=column.column_type,
        is_nullable=column.is_nullable,
        default_value=column.default_value,
        is_primary=column.is_primary,
        is_unique=column.is_unique,
        created_at=column.created_at,
        updated_at=column.updated_at,
    )


def _same_name(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _same_type(requested: Mapping[str, Any], found: Column) -> bool:
    wanted = requested.get("column_type", "TEXT")
    return str(found.column_type) == str(wanted)


def _before(moment: datetime, earliest: float) -> bool:
    return moment.timestamp() < earliest
