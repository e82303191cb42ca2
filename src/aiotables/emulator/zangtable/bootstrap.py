"""A project made whole in one request (docs page reference/service/bootstrap-project)."""

import sqlite3
from typing import Any

from aiotables.emulator.bodies import Json, given
from aiotables.emulator.choices import TABLE_EXISTS
from aiotables.emulator.zangtable.columns import plain_column, plain_columns, plain_flags, plan_columns
from aiotables.emulator.zangtable.names import checked_identifier, checked_slug
from aiotables.emulator.zangtable.projects import Projects
from aiotables.emulator.zangtable.refusal import Refusal
from aiotables.emulator.zangtable.tables import Tables
from aiotables.emulator.zangtable.tokens import new_token
from aiotables.zangtable._generated.models import (
    Bootstrap,
    BootstrapIndex,
    BootstrapTable,
    BootstrapTableIndex,
    BootstrapToken,
)


def bootstrap(projects: Projects, wanted: Bootstrap) -> dict[str, Any]:
    """
    Make the project that is *wanted*, whole or not at all.

    The shape of the answer is on no docs page; this one names what was made.

    Raises:
        Refusal: The project is there already, or a part of it is not valid.
    """
    slug = wanted.project_slug
    checked_slug(slug, "project_slug")
    with projects.create(slug, wanted.project_name) as (project_id, database):
        tables = Tables(projects, project_id, slug)
        made = [_make_table(tables, database, table) for table in wanted.tables or ()]
        indexes = [index for _, own in made for index in own]
        indexes += [_make_index(tables, database, index.table_name, index) for index in wanted.indexes or ()]
        tokens = [_make_token(projects, project_id, token) for token in wanted.project_api_tokens or ()]
        return {
            "project": projects.describe(project_id),
            "tables": [table for table, _ in made],
            "indexes": indexes,
            "project_api_tokens": tokens,
        }


def _make_table(
    tables: Tables, database: sqlite3.Connection, wanted: BootstrapTable
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    name = checked_identifier(wanted.table_name, "table_name")
    if tables.has(name):
        raise Refusal(TABLE_EXISTS)

    made = tables.add_table(database, name, given(wanted.display_name), plan_columns(wanted.columns or ()))
    for row in wanted.seed or ():
        tables.insert(database, name, row)
    indexes = [_make_index(tables, database, name, index) for index in wanted.indexes or ()]
    return made, indexes


def _make_index(
    tables: Tables, database: sqlite3.Connection, table: str, wanted: BootstrapIndex | BootstrapTableIndex
) -> dict[str, Any]:
    return tables.add_index(
        database, table, wanted.columns, given(wanted.index_name), unique=wanted.unique is True
    )


def _make_token(projects: Projects, project_id: int, wanted: BootstrapToken) -> dict[str, Any]:
    return new_token(projects, project_id, given(wanted.token_name), wanted.account_user_id)


def plain_bootstrap(value: Json) -> Json:
    """*value*, a request's body, with long names of fields and booleans for boolean-like ones."""
    if not isinstance(value, dict):
        return value

    plain = dict(value)
    if isinstance(value.get("tables"), list):
        plain["tables"] = [_plain_table(table) for table in value["tables"]]
    return _plain_indexes(plain)


def _plain_table(table: Json) -> Json:
    return _plain_indexes(plain_columns(table, plain_column))


def _plain_indexes(value: Json) -> Json:
    if not isinstance(value, dict) or not isinstance(value.get("indexes"), list):
        return value

    return value | {"indexes": [plain_flags(index) for index in value["indexes"]]}
