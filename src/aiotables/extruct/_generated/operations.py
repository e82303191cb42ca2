# Generated from openapi/extruct. Do not edit: run `make generate`.
"""Operations of extruct."""

__all__ = [
    "CREATE_COLUMNS",
    "CREATE_ROWS",
    "CREATE_TABLE",
    "DELETE_TABLE",
    "GET_TABLE",
    "GET_TABLE_DATA",
    "GET_USER",
    "LIST_TABLES",
    "OPERATIONS",
    "RUN_TABLE",
]


from typing import Any, Final

from aiotables.core.operations import Effect, Operation, Parameter
from aiotables.extruct._generated import models


LIST_TABLES: Final[Operation[None, list[models.TableListItem]]] = Operation(
    name="extruct.list_tables",
    method="GET",
    path="/v1/tables",
    effect=Effect.READ,
    result=list[models.TableListItem],
    parameters=(
        Parameter(name="kind", location="query"),
        Parameter(name="scope", location="query"),
        Parameter(name="search", location="query"),
        Parameter(name="tags", location="query"),
        Parameter(name="sort", location="query"),
        Parameter(name="offset", location="query"),
        Parameter(name="limit", location="query"),
    ),
    source="api-reference/tables/list-tables",
    evidence="documented",
)
"""
List the root tables visible to the caller.

Child tables are left out. Paged by offset and limit; the totals are in the headers of the answer. The order
when `sort` is left out is not stated; an older page said newest first.
"""

CREATE_TABLE: Final[Operation[models.TableCreate, models.TableHeader]] = Operation(
    name="extruct.create_table",
    method="POST",
    path="/v1/tables",
    effect=Effect.CREATE,
    body=models.TableCreate,
    body_required=True,
    result=models.TableHeader,
    source="api-reference/tables/create-table",
    evidence="documented",
)
"""
Create a table.

Makes a table; sent again it makes another. On company and people tables the service adds columns of its
own. No rule about equal names is documented.
"""

GET_TABLE: Final[Operation[None, models.TableHeaderWithStatus]] = Operation(
    name="extruct.get_table",
    method="GET",
    path="/v1/tables/{table_id}",
    effect=Effect.READ,
    result=models.TableHeaderWithStatus,
    parameters=(Parameter(name="table_id", location="path", required=True),),
    source="api-reference/tables/get-table",
    evidence="documented",
)
"""
Get a table, its columns and how far it is.

Also the only way to list the columns of a table.
"""

DELETE_TABLE: Final[Operation[None, models.TableHeader]] = Operation(
    name="extruct.delete_table",
    method="DELETE",
    path="/v1/tables/{table_id}",
    effect=Effect.REPLACE,
    result=models.TableHeader,
    parameters=(Parameter(name="table_id", location="path", required=True),),
    gone_is_done=True,
    source="api-reference/tables/delete-table",
    evidence="documented",
)
"""
Delete a table.

Permanent. A second call answers 404. What happens to child tables is not stated.
"""

GET_TABLE_DATA: Final[Operation[None, models.TableData]] = Operation(
    name="extruct.get_table_data",
    method="GET",
    path="/v1/tables/{table_id}/data",
    effect=Effect.READ,
    result=models.TableData,
    parameters=(
        Parameter(name="table_id", location="path", required=True),
        Parameter(name="offset", location="query"),
        Parameter(name="limit", location="query"),
    ),
    source="api-reference/tables/get-table-data",
    evidence="documented",
)
"""
Get a page of a table's rows, with its columns and status.

Streamed for large tables. A page with fewer rows than `limit` is the last one. That all rows come when no
limit is given is inferred.
"""

RUN_TABLE: Final[Operation[models.TableRunCreate, models.TableRun]] = Operation(
    name="extruct.run_table",
    method="POST",
    path="/v1/tables/{table_id}/run",
    effect=Effect.START,
    body=models.TableRunCreate,
    body_required=True,
    result=models.TableRun,
    parameters=(Parameter(name="table_id", location="path", required=True),),
    source="api-reference/tables/run-table",
    evidence="documented",
)
"""
Start a run, which fills cells.

Starts work and answers at once. No call stops a run or reads it again. With mode `new` only cells without a
value are worked on; what a second call does while cells are being worked on is not documented.
"""

CREATE_COLUMNS: Final[Operation[models.ColumnsCreate, list[models.ColumnOutput]]] = Operation(
    name="extruct.create_columns",
    method="POST",
    path="/v1/tables/{table_id}/columns",
    effect=Effect.CREATE,
    body=models.ColumnsCreate,
    body_required=True,
    result=list[models.ColumnOutput],
    parameters=(Parameter(name="table_id", location="path", required=True),),
    source="api-reference/tables/create-table-columns",
    evidence="documented",
)
"""
Add columns to a table.

Adds columns; does not start a run. A key that is there already is not spoken of. A prompt that names a
missing key, and a column that does not fit the kind of table, are refused; that the status is 422 or 400 is
inferred.
"""

CREATE_ROWS: Final[Operation[models.RowsCreate, list[models.Row]]] = Operation(
    name="extruct.create_rows",
    method="POST",
    path="/v1/tables/{table_id}/rows",
    effect=Effect.CREATE,
    body=models.RowsCreate,
    body_required=True,
    result=list[models.Row],
    parameters=(Parameter(name="table_id", location="path", required=True),),
    source="api-reference/tables/create-table-rows",
    evidence="documented",
)
"""
Append rows to a table.

Appends rows, and starts work on them when `run` is true. Sent again it appends them again; no removal of
duplicates is documented.
"""

GET_USER: Final[Operation[None, models.User]] = Operation(
    name="extruct.get_user",
    method="GET",
    path="/v1/user",
    effect=Effect.READ,
    result=models.User,
    source="api-reference/user",
    evidence="documented",
)
"""
Get the authenticated user and the credits left.

The usual first call, to try a token.
"""


OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    LIST_TABLES,
    CREATE_TABLE,
    GET_TABLE,
    DELETE_TABLE,
    GET_TABLE_DATA,
    RUN_TABLE,
    CREATE_COLUMNS,
    CREATE_ROWS,
    GET_USER,
)
"""All of them, in the order of the fragments."""
