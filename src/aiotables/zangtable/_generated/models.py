# Generated from openapi/zangtable. Do not edit: run `make generate`.
"""Models of zangtable."""

__all__ = [
    "AddedColumn",
    "Bootstrap",
    "BootstrapIndex",
    "BootstrapTable",
    "BootstrapTableIndex",
    "BootstrapToken",
    "BootstrapUser",
    "BootstrappedProject",
    "Column",
    "ColumnCreate",
    "ColumnList",
    "ColumnType",
    "CreatedColumn",
    "CreatedIndex",
    "CreatedTable",
    "CurrentAuth",
    "DeletedProject",
    "Envelope",
    "EnvelopeError",
    "EnvelopeMeta",
    "Index",
    "IndexCreate",
    "ProjectDelete",
    "QueryResult",
    "Scalar",
    "SqlQuery",
    "Table",
    "TableCreate",
    "TableWithColumns",
    "Token",
    "TokenType",
]


from datetime import datetime
from typing import Any, TypeAlias

from attrs import define, field

from aiotables.core.sentinels import UNSET, IntBool, StrEnum, Unset


@define(kw_only=True)
class BootstrapIndex:
    """An index of one of the new tables."""

    table_name: str
    """Table that it belongs to."""

    columns: list[str]
    """Names of the columns, in order."""

    index_name: str | Unset = UNSET
    """Name of the index."""

    unique: bool | Unset = UNSET
    """Whether the indexed values must differ."""


@define(kw_only=True)
class BootstrapTableIndex:
    """An index of the table it is written in. Its keys are inferred from those of a project-level index."""

    columns: list[str]
    """Names of the columns, in order."""

    index_name: str | Unset = UNSET
    """Name of the index."""

    unique: bool | Unset = UNSET
    """Whether the indexed values must differ."""


@define(kw_only=True)
class BootstrapToken:
    """A Project API Token to make with the project."""

    account_user_id: int
    """User of the account that the token belongs to; that it is an integer is seen in the example."""

    token_name: str | Unset = UNSET
    """Name for people."""

    project_username: str | Unset = UNSET
    """User of the project; not explained further."""


@define(kw_only=True)
class BootstrapUser:
    """First user of the new project."""

    username: str
    """Name to log in with."""

    password: str = field(repr=False)
    """Secret to log in with."""


BootstrappedProject: TypeAlias = dict[str, Any]
"""What the bootstrap made. The docs page shows no answer that could be read, so no key is relied on."""


class ColumnType(StrEnum):
    """SQLite type of a column."""

    INTEGER = "INTEGER"
    REAL = "REAL"
    TEXT = "TEXT"
    BLOB = "BLOB"
    ANY = "ANY"


@define(kw_only=True)
class DeletedProject:
    """What was deleted."""

    deleted: bool
    """Whether the project was deleted."""

    project_slug: str
    """The project that was."""


@define(kw_only=True)
class EnvelopeError:
    """Why a call was refused."""

    code: str
    """
    Word to decide by, in snake case. Known are `missing_authorization`, `invalid_token` and `table_exists`;
    there are others that the docs do not list.
    """

    message: str
    """Sentence for people."""


@define(kw_only=True)
class EnvelopeMeta:
    """Facts about an answer; one key was seen."""

    generated_at: datetime | None = None
    """When the answer was made, UTC, whole seconds."""


@define(kw_only=True)
class Index:
    """Metadata of an index. The example is cut after `managed`; more keys may follow."""

    name: str
    """Name of the index."""

    unique: bool
    """Whether the indexed values must differ."""

    origin: str
    """
    How the index came to be. `c` was seen, which in SQLite means made by CREATE INDEX; SQLite's other words
    are `u` and `pk` (inferred).
    """

    partial: bool
    """Whether the index covers only a part of the rows, by its name (inferred)."""

    columns: list[str]
    """Names of the columns, in order."""

    managed: bool | None = None
    """Not explained; the example is cut within its value, which begins `tru`."""


@define(kw_only=True)
class IndexCreate:
    """An index to make."""

    columns: list[str]
    """Names of existing columns, in order; at least one."""

    index_name: str | Unset = UNSET
    """
    Name of the index. When it is left out the service names it; the example suggests `idx_`, the table and
    the columns, joined by underscores.
    """

    unique: bool | Unset = UNSET
    """Whether the indexed values must differ."""


@define(kw_only=True)
class ProjectDelete:
    """The confirmation of a deletion."""

    confirm_project_slug: str
    """Must be equal to the project in the path."""


@define(kw_only=True)
class QueryResult:
    """Rows that a statement found."""

    rows: list[dict[str, Any]]
    """The rows, each a flat object of column name to value. How a BLOB is written is not documented."""

    row_count: int
    """Number of rows answered."""

    limit: int | None = None
    """Limit that was applied; not in every example."""

    duration_ms: int | None = None
    """Time the statement took, milliseconds; not in every example."""


Scalar: TypeAlias = str | int | float | bool | None
"""
A value of a cell, or of a column's default: string, number, boolean or null. Arrays and objects are refused
by the service.
"""


@define(kw_only=True)
class SqlQuery:
    """
    One read-only statement: SELECT, WITH or EXPLAIN QUERY PLAN. Either `sql` or `query` must be given; they
    are two names of the same field.
    """

    sql: str | Unset = UNSET
    """The statement."""

    query: str | Unset = UNSET
    """The statement, by its other name."""

    params: Any | Unset = UNSET
    """Values for the placeholders; an array for `?`, an object for `:name`."""

    limit: int | Unset = UNSET
    """Most rows to answer with; the service forces it into 1 to 1000 and takes 500 when it is left out."""


@define(kw_only=True)
class Table:
    """Metadata of a table."""

    id: int
    """Number of the table in its project."""

    table_name: str
    """Name in the project."""

    display_name: str | None = field(default=None, metadata={"null": True})
    """Name for people. That it may be null follows from the update, which accepts null (inferred)."""

    created_at: datetime
    """When the table was made, UTC, whole seconds."""

    updated_at: datetime
    """When the metadata was last changed, UTC, whole seconds."""


class TokenType(StrEnum):
    """Kind of a credential; the docs know one."""

    PROJECT_API_TOKEN = "project_api_token"


@define(kw_only=True)
class AddedColumn:
    """
    A column just added to a table. The example shows its `id` alone and is cut there; that the rest is that
    of a column is inferred, so nothing else is relied on.
    """

    id: int
    """Number of the column."""

    table_name: str | None = None
    """Table that it belongs to."""

    column_name: str | None = None
    """Name in the table."""

    column_type: ColumnType | None = None
    """SQLite type."""

    is_nullable: IntBool | None = None
    """Whether cells may be null."""

    default_value: Scalar | None = None
    """Value of cells that are not given."""

    is_primary: IntBool | None = None
    """Whether it is the primary key."""

    is_unique: IntBool | None = None
    """Whether values must differ."""

    created_at: datetime | None = None
    """When the column was made, UTC, whole seconds."""

    updated_at: datetime | None = None
    """When the metadata was last changed, UTC, whole seconds."""


@define(kw_only=True)
class Column:
    """Metadata of a column."""

    id: int
    """Number of the column."""

    table_name: str
    """Table that it belongs to."""

    column_name: str
    """Name in the table."""

    column_type: ColumnType
    """SQLite type."""

    is_nullable: IntBool
    """Whether cells may be null."""

    default_value: Scalar | None = field(default=None, metadata={"null": True})
    """Value of cells that are not given."""

    is_primary: IntBool
    """Whether it is the primary key."""

    is_unique: IntBool
    """Whether values must differ."""

    created_at: datetime | None = None
    """When the column was made, UTC, whole seconds."""

    updated_at: datetime | None = None
    """When the metadata was last changed, UTC, whole seconds."""


@define(kw_only=True)
class ColumnCreate:
    """
    A column to make: with its table, in a bootstrap, or added to a table later. An added column cannot be a
    primary key. Bootstrap also takes the short names `name`, `type`, `primary`, `unique`, `nullable` and
    `default`; the long ones work everywhere.
    """

    column_name: str
    """Name in the table; a letter, then letters, digits and underscores."""

    column_type: ColumnType | Unset = UNSET
    """Type; the service takes TEXT when it is left out."""

    is_primary: bool | Unset = UNSET
    """Whether the column is the primary key; refused when true on an added column."""

    is_nullable: bool | Unset = UNSET
    """Whether cells may be null; the service takes true when it is left out."""

    is_unique: bool | Unset = UNSET
    """Whether values must differ; the service takes false when it is left out."""

    default_value: Scalar | Unset = UNSET
    """Value of cells that are not given; null is a value, not an absence."""


@define(kw_only=True)
class ColumnList:
    """All columns of a table."""

    table: str
    """Name of the table."""

    columns: list[Column]
    """Columns, in order."""


@define(kw_only=True)
class CreatedColumn:
    """The column just added."""

    table: str
    """Name of the table."""

    column: AddedColumn


@define(kw_only=True)
class CreatedIndex:
    """The index just made."""

    index: Index


@define(kw_only=True)
class CreatedTable:
    """The table just made and its columns, the prepended `id` included."""

    table: Table
    columns: list[Column]
    """Columns, in order."""


@define(kw_only=True)
class Envelope:
    """The wrapping of every JSON answer, success or error."""

    ok: bool
    """Whether the call succeeded; decides, whatever the HTTP status."""

    data: Any = field(default=None, metadata={"null": True})
    """Payload of the operation; null on error."""

    error: EnvelopeError | None = field(default=None, metadata={"null": True})
    """Null on success."""

    request_id: str
    """Identifies this call for troubleshooting, such as `req_20260602T012345_123456Z_abc123def456`."""

    operation_key: str | None = None
    """Label of the operation the call belongs to; only when operation tracking is trusted."""

    operation_run_id: str | None = None
    """
    Id of the operation's run; may differ from the one that was sent, and then is the one to go on with.
    Only when operation tracking is trusted.
    """

    operation_grouping_status: str | None = None
    """How the grouping went. The only value seen is `accepted_provided_run`."""

    meta: EnvelopeMeta | None = None
    """Facts about the answer itself."""


@define(kw_only=True)
class TableCreate:
    """
    A table to make, with its first columns. Without a primary key among them the service prepends `id
    INTEGER PRIMARY KEY AUTOINCREMENT`.
    """

    table_name: str
    """Name in the project; a letter, then letters, digits and underscores."""

    display_name: str | Unset = UNSET
    """Name for people."""

    columns: list[ColumnCreate] | Unset = UNSET
    """First columns, in order."""


@define(kw_only=True)
class TableWithColumns:
    """A table and its columns."""

    table: Table
    columns: list[Column]
    """Columns, in order."""


@define(kw_only=True)
class Token:
    """A token without its secret."""

    id: int
    """Number of the token."""

    token_type: TokenType
    token_name: str | None = field(default=None, metadata={"null": True})
    """Name for people. That it may be null follows from its being optional on creation (inferred)."""

    expires_at: datetime | None = field(default=None, metadata={"null": True})
    """When it ends; null for never (inferred from the example's null)."""

    revoked_at: datetime | None = field(default=None, metadata={"null": True})
    """When it was revoked; null while it is valid (inferred from the example's null)."""

    last_used_at: datetime | None = field(default=None, metadata={"null": True})
    """When it was last used, UTC, whole seconds. That it may be null is inferred."""

    created_at: datetime
    """When it was made, UTC, whole seconds."""


@define(kw_only=True)
class BootstrapTable:
    """A table of the new project."""

    table_name: str
    """Name in the project; a letter, then letters, digits and underscores."""

    display_name: str | Unset = UNSET
    """Name for people."""

    columns: list[ColumnCreate] | Unset = UNSET
    """First columns, in order."""

    seed: list[dict[str, Scalar]] | Unset = UNSET
    """First rows, each a flat object of column name to value."""

    indexes: list[BootstrapTableIndex] | Unset = UNSET
    """Indexes of this table."""


@define(kw_only=True)
class CurrentAuth:
    """The token that made the call."""

    token: Token


@define(kw_only=True)
class Bootstrap:
    """A project to make, with its tables, indexes, first rows and tokens, in one request."""

    project_slug: str
    """Lower-case letters, digits, hyphens and underscores."""

    project_name: str
    """Name for people."""

    initial_project_user: BootstrapUser
    tables: list[BootstrapTable] | Unset = UNSET
    """Tables to make."""

    indexes: list[BootstrapIndex] | Unset = UNSET
    """Indexes to make, each naming its table."""

    project_api_tokens: list[BootstrapToken] | Unset = UNSET
    """Tokens to make and answer with."""
