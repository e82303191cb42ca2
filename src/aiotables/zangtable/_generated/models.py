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
    "ColumnPatch",
    "ColumnType",
    "ColumnUpdate",
    "ColumnsUpdate",
    "Condition",
    "ConditionOperator",
    "CreatedColumn",
    "CreatedExport",
    "CreatedIndex",
    "CreatedTable",
    "CreatedToken",
    "CurrentAuth",
    "DatabaseExportCreate",
    "DatabaseExportFormat",
    "DeletedColumn",
    "DeletedProject",
    "DeletedRecord",
    "DeletedRecords",
    "Envelope",
    "EnvelopeError",
    "EnvelopeMeta",
    "ExportKind",
    "ExportList",
    "ExportManifest",
    "ExportStatus",
    "Filters",
    "Index",
    "IndexCreate",
    "NewToken",
    "Project",
    "ProjectDelete",
    "ProjectUpdate",
    "QueryResult",
    "RecordList",
    "RecordUpdate",
    "RecordsDelete",
    "RecordsUpdate",
    "RevokedToken",
    "Scalar",
    "SchemaExportCreate",
    "SchemaExportFormat",
    "SortOrder",
    "SqlQuery",
    "Table",
    "TableCreate",
    "TableExportOptions",
    "TableUpdate",
    "TableWithColumns",
    "Token",
    "TokenAccess",
    "TokenCreate",
    "TokenTest",
    "TokenTestResult",
    "TokenType",
    "UpdatedColumn",
    "UpdatedColumns",
    "UpdatedProject",
    "UpdatedRecord",
    "UpdatedRecords",
    "UpdatedTable",
]


from datetime import datetime
from typing import Any, TypeAlias

from aiotables.core.classes import define, field
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


class ConditionOperator(StrEnum):
    """How a value is compared. The rules of `like` are not stated; SQLite's are likely."""

    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    LIKE = "like"
    IN = "in"
    IS_NULL = "is_null"
    NOT_NULL = "not_null"


class DatabaseExportFormat(StrEnum):
    """Form of a database export, a ZIP file of CSV files or JSON."""

    ZIP = "zip"
    ZIP_CSV = "zip-csv"
    JSON = "json"


@define(kw_only=True)
class DeletedColumn:
    """What was dropped."""

    deleted: bool
    """Whether the column was dropped."""

    column_name: str
    """Name of the column that was."""


@define(kw_only=True)
class DeletedProject:
    """What was deleted."""

    deleted: bool
    """Whether the project was deleted."""

    project_slug: str
    """The project that was."""


@define(kw_only=True)
class DeletedRecord:
    """What was deleted."""

    deleted: bool
    """Whether the row was deleted."""

    table: str
    """Name of the table."""

    id: str
    """Primary key of the row, as text, as it was in the path."""


@define(kw_only=True)
class DeletedRecords:
    """How many rows were deleted."""

    table: str
    """Name of the table."""

    affected_rows: int
    """Number of rows that were deleted."""


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


class ExportKind(StrEnum):
    """What was exported. These two were seen; that of a database export could not be read."""

    TABLE_EXPORT = "table_export"
    SCHEMA_EXPORT = "schema_export"


@define(kw_only=True)
class ExportManifest:
    """
    What an export is and where it is found. All examples are cut, and that of a database export shows the
    `id` alone: so nothing else is relied on, and what else there is is kept.
    """

    id: str
    """Id of the export, such as `exp_20260601_182345_a1b2c3d4e5`."""

    kind: ExportKind | None = None
    """What was exported."""

    scope: str | None = None
    """Not explained; `project` was seen."""

    project: str | None = None
    """Slug of the project."""

    table: str | None = None
    """Name of the table, in the export of one."""

    format: str | None = None
    """Form of the file, such as csv or json."""

    download_name: str | None = None
    """Name of the file."""

    download_url: str | None = None
    """Path of the file, to be put after the base URL."""

    storage_backend: str | None = None
    """Where the service keeps the file; `local` was seen."""

    content_type: str | None = None
    """Type of the file, such as `text/csv; charset=utf-8`."""

    row_count: int | None = None
    """Rows in the file."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


class ExportStatus(StrEnum):
    """
    Which exports are listed. What `not_found` means is not stated, presumably exports whose file is gone.
    """

    READY = "ready"
    NOT_FOUND = "not_found"
    ALL = "all"


Filters: TypeAlias = Any
"""
Which rows: an object of column name to the value that it must have, or an array of conditions, which are
presented as all having to hold. Both are taken as they are.
"""


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
class Project:
    """Metadata of a project."""

    id: int
    """Number of the project."""

    project_slug: str
    """Slug, which serves as its id in paths."""

    project_name: str
    """Name for people."""

    created_at: datetime
    """When the project was made, UTC, whole seconds."""

    updated_at: datetime
    """When the metadata was last changed, UTC, whole seconds."""


@define(kw_only=True)
class ProjectDelete:
    """The confirmation of a deletion."""

    confirm_project_slug: str
    """Must be equal to the project in the path."""


@define(kw_only=True)
class ProjectUpdate:
    """What to change of a project."""

    project_name: str
    """Name for people; not empty."""


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


@define(kw_only=True)
class RecordList:
    """
    A page of rows. The example is cut after `returned`, in a key that begins with h; the rest, the count of
    all rows among it, is kept.
    """

    table: str
    """Name of the table."""

    rows: list[dict[str, Any]]
    """The rows, each a flat object of column name to value. How a BLOB is written is not documented."""

    limit: int
    """Rows in a page."""

    offset: int
    """Rows passed over."""

    returned: int
    """Rows in this page."""

    has_more: Any = None
    """
    Whether more rows follow. Name and meaning are inferred from its first letter, so it is not relied on.
    """

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


RecordUpdate: TypeAlias = dict[str, Any]
"""
What to change of a row: an object with `data`, which holds values by column name, or the values themselves.
"""


@define(kw_only=True)
class RecordsDelete:
    """Which rows to delete. Without filters `allow_all` must be true."""

    where: Filters | Unset = UNSET
    """Which rows."""

    allow_all: bool | Unset = UNSET
    """Whether empty filters may delete all rows."""


@define(kw_only=True)
class RevokedToken:
    """What was revoked."""

    revoked: bool
    """Whether the token was revoked."""

    token_id: int
    """Number of the token that was."""


Scalar: TypeAlias = str | int | float | bool | None
"""
A value of a cell, or of a column's default: string, number, boolean or null. Arrays and objects are refused
by the service.
"""


class SchemaExportFormat(StrEnum):
    """Form of a schema export."""

    JSON = "json"
    SQL = "sql"


class SortOrder(StrEnum):
    """Direction of an order."""

    ASC = "asc"
    DESC = "desc"


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


@define(kw_only=True)
class TableExportOptions:
    """What to export of a table. Every field may be left out."""

    columns: list[str] | Unset = UNSET
    """Names of the columns to export."""

    filters: Filters | Unset = UNSET
    """Which rows."""

    sort: str | Unset = UNSET
    """Name of the column to sort by."""

    order: SortOrder | Unset = UNSET
    """Direction of the order."""

    limit: int | Unset = UNSET
    """Most rows; the example has more than a list of records may."""

    offset: int | Unset = UNSET
    """Rows to pass over."""


@define(kw_only=True)
class TableUpdate:
    """What to change of a table."""

    display_name: str | None | Unset = UNSET
    """Name for people. That null takes it away is inferred; the page says that it is taken."""


@define(kw_only=True)
class TokenAccess:
    """What a token could read."""

    project: str
    """Slug of the project."""

    table: str | None = None
    """Name of the table. That it may be missing follows from its being optional in the request (inferred)."""

    sample_row: dict[str, Any] | None = None
    """A row of the table, of column name to value. That there may be none is inferred."""


@define(kw_only=True)
class TokenTest:
    """What to try. Every field may be left out."""

    table_name: str | Unset = UNSET
    """Table to read a row of."""

    token_name: str | Unset = UNSET
    """Name of the temporary token; the service takes `temporary-access-test` when it is left out."""


class TokenType(StrEnum):
    """Kind of a credential; the docs know one."""

    PROJECT_API_TOKEN = "project_api_token"


UpdatedColumn: TypeAlias = dict[str, Any]
"""A column just changed. The docs page shows no answer that could be read, so no key is relied on."""


@define(kw_only=True)
class UpdatedColumns:
    """How many columns were changed."""

    updated_count: int
    """Number of columns that were changed."""


@define(kw_only=True)
class UpdatedProject:
    """The project just changed."""

    project: Project


@define(kw_only=True)
class UpdatedRecord:
    """The row just changed."""

    table: str
    """Name of the table."""

    row: dict[str, Any]
    """The row, of column name to value."""


@define(kw_only=True)
class UpdatedRecords:
    """
    What was changed. No answer could be read: `affected_rows` is inferred from delete_records and not
    relied on, and what else there is is kept.
    """

    affected_rows: Any = None
    """Number of rows that were changed."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


@define(kw_only=True)
class UpdatedTable:
    """The table just changed."""

    table: Table


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
class ColumnUpdate:
    """What to change of a column. Every field may be left out."""

    new_column_name: str | Unset = UNSET
    """New name in the table; a letter, then letters, digits and underscores."""

    column_type: ColumnType | Unset = UNSET
    """New type; refused once the column has values."""

    is_nullable: bool | Unset = UNSET
    """Whether cells may be null."""

    default_value: Scalar | Unset = UNSET
    """Value of cells that are not given; null is a value, not an absence."""

    is_unique: bool | Unset = UNSET
    """Whether values must differ; a primary key's always must."""


@define(kw_only=True)
class Condition:
    """
    What the value of a column must be. What the service takes for an operator that is left out is not
    stated.
    """

    column: str
    """Name of the column."""

    op: ConditionOperator
    value: Any | Unset = UNSET
    """A scalar; an array of scalars for `in`, text for `like`, and nothing for `is_null` and `not_null`."""


@define(kw_only=True)
class CreatedColumn:
    """The column just added."""

    table: str
    """Name of the table."""

    column: AddedColumn


@define(kw_only=True)
class CreatedExport:
    """The export just made."""

    export: ExportManifest


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
class DatabaseExportCreate:
    """A database export to make. Every field may be left out."""

    format: DatabaseExportFormat | Unset = UNSET
    """Form of the file; the service takes zip when it is left out."""

    include_tables: list[str] | Unset = UNSET
    """Names of the tables to export."""

    exclude_tables: list[str] | Unset = UNSET
    """Names of the tables not to export."""

    table_options: dict[str, TableExportOptions] | Unset = UNSET
    """What to export of single tables, by their names."""

    file_name: str | Unset = UNSET
    """Name of the file, in the example without its ending."""


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
class ExportList:
    """A page of exports. The example is cut within the first; what else there is is kept."""

    exports: list[ExportManifest]
    """The exports."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


@define(kw_only=True)
class NewToken:
    """
    A token just made, with its secret. Its number is called `token_id` here, and `id` in get_current_auth.
    The examples are cut or shortened, so more keys may follow.
    """

    token: str = field(repr=False)
    """The secret, to be sent as the bearer token."""

    token_id: int
    """Number of the token."""

    token_type: TokenType
    token_name: str | None = None
    """Name for people; absent from the temporary token of test_token."""

    expires_at: datetime | None = None
    """When it ends; null for never (inferred from the example's null)."""


@define(kw_only=True)
class RecordsUpdate:
    """New values, and which rows get them."""

    data: dict[str, Scalar]
    """New values by column name."""

    where: Filters
    """Which rows."""

    allow_all: bool | Unset = UNSET
    """Whether empty filters may change all rows. Inferred from delete_records."""


@define(kw_only=True)
class SchemaExportCreate:
    """A schema export to make. Every field may be left out."""

    format: SchemaExportFormat | Unset = UNSET
    """Form of the file; the service takes json when it is left out."""

    file_name: str | Unset = UNSET
    """Name of the file."""


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
class TokenCreate:
    """A token to make. Every field may be left out."""

    token_name: str | Unset = UNSET
    """Name for people."""

    token_type: TokenType | Unset = UNSET
    """Kind of the token; nothing but project_api_token is taken."""


@define(kw_only=True)
class TokenTestResult:
    """A temporary token and what it could read. The example is cut after `test`; more keys may follow."""

    token: NewToken
    test: TokenAccess


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
class ColumnPatch(ColumnUpdate):
    """
    One column and what to change of it. The page says that an id or a name under another key is understood,
    too, without telling the key.
    """

    column_name: str
    """Name that the column has now."""


@define(kw_only=True)
class ColumnsUpdate:
    """Columns to change."""

    columns: list[ColumnPatch]
    """The columns, each named."""


@define(kw_only=True)
class CreatedToken:
    """The token just made."""

    token: NewToken


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
