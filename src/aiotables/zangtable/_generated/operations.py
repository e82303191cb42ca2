# Generated from openapi/zangtable. Do not edit: run `make generate`.
"""Operations of zangtable."""

__all__ = [
    "BOOTSTRAP_PROJECT",
    "CREATE_COLUMN",
    "CREATE_DATABASE_EXPORT",
    "CREATE_INDEX",
    "CREATE_SCHEMA_EXPORT",
    "CREATE_TABLE",
    "CREATE_TOKEN",
    "DELETE_COLUMN",
    "DELETE_PROJECT",
    "DELETE_RECORD",
    "DELETE_RECORDS",
    "DELETE_TOKEN",
    "DOWNLOAD_EXPORT",
    "GET_CURRENT_AUTH",
    "GET_TABLE",
    "LIST_COLUMNS",
    "LIST_EXPORTS",
    "LIST_RECORDS",
    "OPERATIONS",
    "QUERY_RECORDS",
    "TEST_TOKEN",
    "UPDATE_COLUMN",
    "UPDATE_COLUMNS",
    "UPDATE_PROJECT",
    "UPDATE_RECORD",
    "UPDATE_RECORDS",
    "UPDATE_TABLE",
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

UPDATE_PROJECT: Final[Operation[models.ProjectUpdate, models.UpdatedProject]] = Operation(
    name="zangtable.update_project",
    method="PATCH",
    path="/projects/{project}",
    effect=Effect.REPLACE,
    body=models.ProjectUpdate,
    body_required=True,
    result=models.UpdatedProject,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/service/update-project",
    evidence="documented",
)
"""
Change the display name of a project.

The slug cannot be changed.
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

CREATE_TOKEN: Final[Operation[models.TokenCreate, models.CreatedToken]] = Operation(
    name="zangtable.create_token",
    method="POST",
    path="/projects/{project}/auth/tokens",
    effect=Effect.CREATE,
    body=models.TokenCreate,
    body_required=True,
    result=models.CreatedToken,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/auth/create-project-api-token",
    evidence="documented",
)
"""
Create a Project API Token.

Makes a token and, currently, revokes the earlier Project API Tokens of the same account user in this
project; whether the token that makes this call stops working is not stated. So it is never sent twice.
Needs a credential that may manage tokens.
"""

TEST_TOKEN: Final[Operation[models.TokenTest, models.TokenTestResult]] = Operation(
    name="zangtable.test_token",
    method="POST",
    path="/projects/{project}/auth/tokens/test",
    effect=Effect.CREATE,
    body=models.TokenTest,
    body_required=True,
    result=models.TokenTestResult,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/auth/test-token",
    evidence="documented",
)
"""
Try a token's access to a table.

Makes a temporary token and reads a row of the table with it. Whether the token is revoked again, and
whether making it revokes others as create_token does, is not stated. So it is never sent twice.
"""

DELETE_TOKEN: Final[Operation[None, models.RevokedToken]] = Operation(
    name="zangtable.delete_token",
    method="DELETE",
    path="/projects/{project}/auth/tokens/{token_id}",
    effect=Effect.REPLACE,
    result=models.RevokedToken,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="token_id", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    gone_is_done=True,
    source="reference/auth/delete-token",
    evidence="documented",
)
"""
Revoke a token.

Only tokens that the calling credential may manage. What a second call answers is not stated.
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

UPDATE_TABLE: Final[Operation[models.TableUpdate, models.UpdatedTable]] = Operation(
    name="zangtable.update_table",
    method="PATCH",
    path="/projects/{project}/table/{table_id_or_name}",
    effect=Effect.REPLACE,
    body=models.TableUpdate,
    body_required=True,
    result=models.UpdatedTable,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table_id_or_name", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/tables/update-table",
    evidence="documented",
)
"""
Change the display name of a table.

No other field is documented, so that the name of a table cannot be changed.
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

UPDATE_COLUMNS: Final[Operation[models.ColumnsUpdate, models.UpdatedColumns]] = Operation(
    name="zangtable.update_columns",
    method="PATCH",
    path="/projects/{project}/column/{table}",
    effect=Effect.REPLACE,
    body=models.ColumnsUpdate,
    body_required=True,
    result=models.UpdatedColumns,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/columns/bulk-update-columns",
    evidence="documented",
)
"""
Change several columns of a table.

Whether it is all or nothing is not stated. A rename that took place although its answer was lost may be
answered as not found when it is sent again (inferred).
"""

DELETE_COLUMN: Final[Operation[None, models.DeletedColumn]] = Operation(
    name="zangtable.delete_column",
    method="DELETE",
    path="/projects/{project}/column/{table}/{column_id_or_name}",
    effect=Effect.REPLACE,
    result=models.DeletedColumn,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table", location="path", required=True),
        Parameter(name="column_id_or_name", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    gone_is_done=True,
    source="reference/columns/delete-column",
    evidence="documented",
)
"""
Drop a column.

Drops a column that is not a primary key. What a second call answers is not stated.
"""

UPDATE_COLUMN: Final[Operation[models.ColumnUpdate, models.UpdatedColumn]] = Operation(
    name="zangtable.update_column",
    method="PATCH",
    path="/projects/{project}/column/{table}/{column_id_or_name}",
    effect=Effect.REPLACE,
    body=models.ColumnUpdate,
    body_required=True,
    result=models.UpdatedColumn,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table", location="path", required=True),
        Parameter(name="column_id_or_name", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/columns/update-column",
    evidence="documented",
)
"""
Rename or change a column.

A type can be changed only before the column has values; a primary key is always unique. A rename that took
place although its answer was lost may be answered as not found when it is sent again (inferred). No answer
of the page could be read.
"""

LIST_RECORDS: Final[Operation[None, models.RecordList]] = Operation(
    name="zangtable.list_records",
    method="GET",
    path="/projects/{project}/records/{table}",
    effect=Effect.READ,
    result=models.RecordList,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table", location="path", required=True),
        Parameter(name="filters", location="query"),
        Parameter(name="sort", location="query"),
        Parameter(name="order", location="query"),
        Parameter(name="limit", location="query"),
        Parameter(name="offset", location="query"),
        Parameter(name="include_count", location="query"),
        Parameter(name="count", location="query"),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/records/list-records",
    evidence="documented",
)
"""
List the rows of a table.

Paged by limit and offset. Which order rows come in without `sort`, and whether a limit out of bounds is
refused or forced into them, is not stated.
"""

DELETE_RECORDS: Final[Operation[models.RecordsDelete, models.DeletedRecords]] = Operation(
    name="zangtable.delete_records",
    method="DELETE",
    path="/projects/{project}/records/{table}",
    effect=Effect.REPLACE,
    body=models.RecordsDelete,
    body_required=True,
    result=models.DeletedRecords,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    gone_is_done=True,
    source="reference/records/bulk-delete-records",
    evidence="documented",
)
"""
Delete all rows that filters find.

Takes the filters in a body. Without filters `allow_all` must be true. Sent again it finds no rows any more,
so that its answer counts less than was deleted.
"""

UPDATE_RECORDS: Final[Operation[models.RecordsUpdate, models.UpdatedRecords]] = Operation(
    name="zangtable.update_records",
    method="PATCH",
    path="/projects/{project}/records/{table}",
    effect=Effect.REPLACE,
    body=models.RecordsUpdate,
    body_required=True,
    result=models.UpdatedRecords,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="filters",
    evidence="example",
)
"""
Change all rows that filters find.

The page of the call was not found: it is known from an example of page filters alone, and the answer is not
known. Sent again it has the same effect on the same rows, unless what it changes is what it looks for
(inferred).
"""

DELETE_RECORD: Final[Operation[None, models.DeletedRecord]] = Operation(
    name="zangtable.delete_record",
    method="DELETE",
    path="/projects/{project}/records/{table}/{id}",
    effect=Effect.REPLACE,
    result=models.DeletedRecord,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table", location="path", required=True),
        Parameter(name="id", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    gone_is_done=True,
    source="reference/records/delete-record",
    evidence="documented",
)
"""
Delete a row, found by its primary key.

What a second call answers is not stated.
"""

UPDATE_RECORD: Final[Operation[models.RecordUpdate, models.UpdatedRecord]] = Operation(
    name="zangtable.update_record",
    method="PATCH",
    path="/projects/{project}/records/{table}/{id}",
    effect=Effect.REPLACE,
    body=models.RecordUpdate,
    body_required=True,
    result=models.UpdatedRecord,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table", location="path", required=True),
        Parameter(name="id", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/records/update-record",
    evidence="documented",
)
"""
Change a row, found by its primary key.

Answers with the row as it is now. The body is the values to change, or an object with `data` that holds
them; the latter can be told from a column called `data`, so it is the one to send. If the primary key
itself is changed, the call sent again may be answered as not found (inferred).
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

LIST_EXPORTS: Final[Operation[None, models.ExportList]] = Operation(
    name="zangtable.list_exports",
    method="GET",
    path="/projects/{project}/exports",
    effect=Effect.READ,
    result=models.ExportList,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="status", location="query"),
        Parameter(name="limit", location="query"),
        Parameter(name="offset", location="query"),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/exports/list-exports",
    evidence="documented",
)
"""
List exports.

Paged by limit and offset. Whether a limit out of bounds is refused or forced into them is not stated.
"""

CREATE_DATABASE_EXPORT: Final[Operation[models.DatabaseExportCreate, models.CreatedExport]] = Operation(
    name="zangtable.create_database_export",
    method="POST",
    path="/projects/{project}/export/database",
    effect=Effect.CREATE,
    body=models.DatabaseExportCreate,
    result=models.CreatedExport,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/exports/create-database-export",
    evidence="documented",
)
"""
Export tables of a project into a file.

Makes an export each time. That the file is there when the call answers is not stated.
"""

CREATE_SCHEMA_EXPORT: Final[Operation[models.SchemaExportCreate, models.CreatedExport]] = Operation(
    name="zangtable.create_schema_export",
    method="POST",
    path="/projects/{project}/export/schema",
    effect=Effect.CREATE,
    body=models.SchemaExportCreate,
    result=models.CreatedExport,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/exports/create-schema-export",
    evidence="documented",
)
"""
Export the schema of a project into a file.

Makes an export each time. That the file is there when the call answers is not stated.
"""

DOWNLOAD_EXPORT: Final[Operation[None, bytes]] = Operation(
    name="zangtable.download_export",
    method="GET",
    path="/projects/{project}/export/download/{export_id}",
    effect=Effect.READ,
    result=bytes,
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="export_id", location="path", required=True),
        Parameter(name="X-Operation-Key", location="header"),
        Parameter(name="X-Operation-Run-Id", location="header"),
    ),
    source="reference/exports/download-export",
    evidence="documented",
)
"""
Download an export.

A success is the file itself, not wrapped in JSON. That a refusal is the usual envelope is inferred; the two
are told apart by the HTTP status, since an export may be JSON, too. Exports of a table need read access to
its records, those of database and schema access as a project admin. Where the request id of a download is
found is not stated.
"""


OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    BOOTSTRAP_PROJECT,
    DELETE_PROJECT,
    UPDATE_PROJECT,
    GET_CURRENT_AUTH,
    CREATE_TOKEN,
    TEST_TOKEN,
    DELETE_TOKEN,
    CREATE_TABLE,
    GET_TABLE,
    UPDATE_TABLE,
    LIST_COLUMNS,
    CREATE_COLUMN,
    UPDATE_COLUMNS,
    DELETE_COLUMN,
    UPDATE_COLUMN,
    LIST_RECORDS,
    DELETE_RECORDS,
    UPDATE_RECORDS,
    DELETE_RECORD,
    UPDATE_RECORD,
    QUERY_RECORDS,
    CREATE_INDEX,
    LIST_EXPORTS,
    CREATE_DATABASE_EXPORT,
    CREATE_SCHEMA_EXPORT,
    DOWNLOAD_EXPORT,
)
"""All of them, in the order of the fragments."""
