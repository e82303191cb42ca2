# Generated from openapi/zangtable. Do not edit: run `make generate`.
"""Operations of zangtable."""

__all__ = [
    "BOOTSTRAP_PROJECT",
    "CREATE_COLUMN",
    "CREATE_INDEX",
    "CREATE_TABLE",
    "DELETE_PROJECT",
    "GET_CURRENT_AUTH",
    "GET_TABLE",
    "LIST_COLUMNS",
    "OPERATIONS",
    "QUERY_RECORDS",
]


from typing import Any, Final

from aiotables.core.operations import Effect, Operation, Parameter
from aiotables.zangtable._generated import models


BOOTSTRAP_PROJECT: Final[Operation[models.Bootstrap, models.BootstrappedProject]] = Operation(
    name="zangtable.bootstrap_project",
    method="POST",
    path="/bootstrap",
    effect=Effect.CREATE,
    body=models.Bootstrap,
    body_required=True,
    result=models.BootstrappedProject,
    parameters=(
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/service/bootstrap-project",
    evidence="documented",
)
"""
Create a project with its tables, indexes, first rows and tokens.

Makes one project on the account of the calling token. Whether it is all or nothing is not stated.
"""

DELETE_PROJECT: Final[Operation[models.ProjectDelete, models.DeletedProject]] = Operation(
    name="zangtable.delete_project",
    method="DELETE",
    path="/projects/{project}",
    effect=Effect.REPLACE,
    body=models.ProjectDelete,
    body_required=True,
    result=models.DeletedProject,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    gone_is_done=True,
    source="reference/service/delete-project",
    evidence="documented",
)
"""
Delete a project and its database.

Removes the files of the project's database; cannot be undone. The slug must be confirmed in the body.
"""

GET_CURRENT_AUTH: Final[Operation[None, models.CurrentAuth]] = Operation(
    name="zangtable.get_current_auth",
    method="GET",
    path="/projects/{project}/auth/me",
    effect=Effect.READ,
    result=models.CurrentAuth,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/auth/get-current-auth",
    evidence="documented",
)
"""
Tell which token is calling.

Answers with a summary of the calling token, without its secret.
"""

CREATE_TABLE: Final[Operation[models.TableCreate, models.CreatedTable]] = Operation(
    name="zangtable.create_table",
    method="POST",
    path="/projects/{project}/table",
    effect=Effect.CREATE,
    body=models.TableCreate,
    body_required=True,
    result=models.CreatedTable,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/tables/create-table",
    evidence="documented",
)
"""
Create a table with its first columns.

Makes a table. A table of that name that is there already refuses the call with `table_exists`; the HTTP
status of that is not stated.
"""

GET_TABLE: Final[Operation[None, models.TableWithColumns]] = Operation(
    name="zangtable.get_table",
    method="GET",
    path="/projects/{project}/table/{table_id_or_name}",
    effect=Effect.READ,
    result=models.TableWithColumns,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table_id_or_name", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/tables/get-table",
    evidence="documented",
)
"""
Get one table with its columns.

Looks the table up by its number or its name.
"""

LIST_COLUMNS: Final[Operation[None, models.ColumnList]] = Operation(
    name="zangtable.list_columns",
    method="GET",
    path="/projects/{project}/column/{table}",
    effect=Effect.READ,
    result=models.ColumnList,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/columns/list-columns",
    evidence="documented",
)
"""
List the columns of a table.

Answers with all columns; no paging is documented.
"""

CREATE_COLUMN: Final[Operation[models.ColumnCreate, models.CreatedColumn]] = Operation(
    name="zangtable.create_column",
    method="POST",
    path="/projects/{project}/column/{table}",
    effect=Effect.CREATE,
    body=models.ColumnCreate,
    body_required=True,
    result=models.CreatedColumn,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/columns/create-column",
    evidence="documented",
)
"""
Add a column to a table.

Adds a column that is not a primary key; `is_primary` true is refused.
"""

QUERY_RECORDS: Final[Operation[models.SqlQuery, models.QueryResult]] = Operation(
    name="zangtable.query_records",
    method="POST",
    path="/projects/{project}/query",
    effect=Effect.READ,
    body=models.SqlQuery,
    body_required=True,
    result=models.QueryResult,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/query/query-records",
    evidence="documented",
)
"""
Run one read-only SQL statement.

Takes SELECT, WITH and EXPLAIN QUERY PLAN. More than one statement, and words that write or change the
schema, are refused with codes that the docs do not show.
"""

CREATE_INDEX: Final[Operation[models.IndexCreate, models.CreatedIndex]] = Operation(
    name="zangtable.create_index",
    method="POST",
    path="/projects/{project}/indexes/{table}",
    effect=Effect.CREATE,
    body=models.IndexCreate,
    body_required=True,
    result=models.CreatedIndex,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/query/create-index",
    evidence="documented",
)
"""
Create an index.

Indexes existing columns of a table. Without a name the service chooses one, and then a lost answer is
harder to settle.
"""


OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    BOOTSTRAP_PROJECT,
    DELETE_PROJECT,
    GET_CURRENT_AUTH,
    CREATE_TABLE,
    GET_TABLE,
    LIST_COLUMNS,
    CREATE_COLUMN,
    QUERY_RECORDS,
    CREATE_INDEX,
)
"""All of them, in the order of the fragments."""
