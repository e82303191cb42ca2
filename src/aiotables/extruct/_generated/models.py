# Generated from openapi/extruct. Do not edit: run `make generate`.
"""Models of extruct."""

__all__ = [
    "AgentColumnConfig",
    "AgentColumnValue",
    "AgentType",
    "ColumnConfig",
    "ColumnOutput",
    "ColumnsCreate",
    "CompanyNameColumnConfig",
    "CompanyProfileColumnConfig",
    "CompanyWebsiteColumnConfig",
    "CriterionGradeColumnConfig",
    "CriterionGradeColumnValue",
    "DataSource",
    "DiscoveryCriterion",
    "DiscoveryScoresColumnConfig",
    "DiscoveryTask",
    "EmailFinderColumnConfig",
    "HttpError",
    "HttpValidationError",
    "InputColumnConfig",
    "OutputFormat",
    "OwnerInfo",
    "PaymentError",
    "PaymentErrorCode",
    "PaymentErrorDetail",
    "PeopleFinderColumnConfig",
    "PeopleFinderColumnValue",
    "PhoneFinderColumnConfig",
    "RelationshipType",
    "ReverseEmailLookupColumnConfig",
    "Row",
    "RowCreate",
    "RowsCreate",
    "RunMode",
    "RunStatus",
    "TableCreate",
    "TableData",
    "TableHeader",
    "TableHeaderWithStatus",
    "TableKind",
    "TableListItem",
    "TableRelationship",
    "TableRun",
    "TableRunCreate",
    "TableScope",
    "TableSettings",
    "TableSort",
    "TableStatus",
    "TaskStatus",
    "User",
    "ValidationIssue",
]


from datetime import datetime
from typing import Any, Literal, TypeAlias

from attrs import define, field

from aiotables.core.sentinels import UNSET, StrEnum, UnknownVariant, Unset


class AgentType(StrEnum):
    """
    Which agent fills a column. `research_pro` researches with company context, and is refused on people
    tables; `research_reasoning` judges; `llm` works on the row alone; `linkedin` reads a known LinkedIn
    URL. `research` is an older word for lighter research, absent from the current guide.
    """

    RESEARCH_PRO = "research_pro"
    RESEARCH_REASONING = "research_reasoning"
    LLM = "llm"
    LINKEDIN = "linkedin"
    RESEARCH = "research"


@define(kw_only=True)
class CompanyNameColumnConfig:
    """
    The column of the company's name, made by the service on company tables and not meant to be made by
    callers. Listed in the docs but never shown; its kind and its fields are inferred, and what else it
    holds is kept.
    """

    name: str
    """Name for people."""

    key: str
    """Key in the rows' data; prompts refer to it as `{key}`."""

    kind: Literal["company_name"] = "company_name"
    """Kind of the column."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


@define(kw_only=True)
class CompanyProfileColumnConfig:
    """
    The column of the company's profile, made by the service on company tables and not meant to be made by
    callers. Listed in the docs but never shown; its kind and its fields are inferred, and what else it
    holds is kept.
    """

    name: str
    """Name for people."""

    key: str
    """Key in the rows' data; prompts refer to it as `{key}`."""

    kind: Literal["company_profile"] = "company_profile"
    """Kind of the column."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


@define(kw_only=True)
class CompanyWebsiteColumnConfig:
    """
    The column of the company's website, made by the service on company tables and not meant to be made by
    callers. Listed in the docs but never shown; its kind and its fields are inferred, and what else it
    holds is kept.
    """

    name: str
    """Name for people."""

    key: str
    """Key in the rows' data; prompts refer to it as `{key}`."""

    kind: Literal["company_website"] = "company_website"
    """Kind of the column."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


@define(kw_only=True)
class CriterionGradeColumnValue:
    """What is graded. Other keys are not known."""

    criterion: str
    """The question."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


class DataSource(StrEnum):
    """Where a Deep Search looks. `extruct_db` is named by the vendor's public skills only."""

    WEB_SEARCH = "web_search"
    LINKEDIN = "linkedin"
    MAPS = "maps"
    EXTRUCT_DB = "extruct_db"


@define(kw_only=True)
class DiscoveryCriterion:
    """What each result of a Deep Search is graded by, 1 to 5."""

    key: str
    """Key of its score; letters, digits and underscores, a letter first."""

    name: str
    """Name for people, 1 to 100 characters."""

    criterion: str
    """The question, 10 to 500 characters."""


@define(kw_only=True)
class DiscoveryScoresColumnConfig:
    """
    The column of the scores, made by the service on tables that a Deep Search fills and not meant to be
    made by callers. Listed in the docs but never shown; its kind and its fields are inferred, and what else
    it holds is kept.
    """

    name: str
    """Name for people."""

    key: str
    """Key in the rows' data; prompts refer to it as `{key}`."""

    kind: Literal["discovery_scores"] = "discovery_scores"
    """Kind of the column."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


@define(kw_only=True)
class EmailFinderColumnConfig:
    """
    A column that looks up work emails on people tables. Needs full_name, profile_url and company_website,
    the last from the parent company's row or from an input column of that key.
    """

    name: str
    """Name for people."""

    key: str
    """Key in the rows' data; prompts refer to it as `{key}`."""

    kind: Literal["email_finder"] = "email_finder"
    """Kind of the column."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


@define(kw_only=True)
class HttpError:
    """A refusal. The body is not documented; `detail` is inferred from the framework of the service."""

    detail: Any = None
    """What is wrong; a string, an object or an array."""


@define(kw_only=True)
class InputColumnConfig:
    """A column that the caller fills."""

    name: str
    """Name for people."""

    key: str
    """Key in the rows' data; prompts refer to it as `{key}`."""

    kind: Literal["input"] = "input"
    """Kind of the column."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


class OutputFormat(StrEnum):
    """
    Form of an agent's answer. `select` and `multiselect` need `labels`, `json` needs `output_schema`;
    `grade` is 1 to 5 with an explanation. `number`, `label` and `people` are older words, absent from the
    current guide.
    """

    TEXT = "text"
    URL = "url"
    EMAIL = "email"
    PHONE = "phone"
    SELECT = "select"
    MULTISELECT = "multiselect"
    NUMERIC = "numeric"
    MONEY = "money"
    DATE = "date"
    GRADE = "grade"
    JSON = "json"
    NUMBER = "number"
    LABEL = "label"
    PEOPLE = "people"


@define(kw_only=True)
class OwnerInfo:
    """The user that a table belongs to."""

    id: str
    """Id of the user; no UUID."""

    email: str
    """Email of the user."""


class PaymentErrorCode(StrEnum):
    """
    Why the call is not paid for: it needs the Pro plan; a payment failed and must be recovered; credits or
    quota are used up.
    """

    PLAN_REQUIRED = "plan_required"
    PAYMENT_FAILED = "payment_failed"
    INSUFFICIENT_CREDITS = "insufficient_credits"


@define(kw_only=True)
class PaymentErrorDetail:
    """Why the call is not paid for. Other keys are not known."""

    error: PaymentErrorCode | None = None


@define(kw_only=True)
class PeopleFinderColumnValue:
    """Whom to find."""

    roles: list[str]
    """Broad families (sales leadership) or exact titles (VP Sales)."""

    provider: str | None | Unset = UNSET
    """Seen once, as `research_pro`, in the vendor's public skills; absent from current examples."""

    max_results: int | None | Unset = UNSET
    """People per company; 3 to 5 are advised. Default and maximum are not known."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


@define(kw_only=True)
class PhoneFinderColumnConfig:
    """
    A column that looks up phone numbers on people tables. Needs full_name, profile_url and company_website,
    the last from the parent company's row or from an input column of that key.
    """

    name: str
    """Name for people."""

    key: str
    """Key in the rows' data; prompts refer to it as `{key}`."""

    kind: Literal["phone_finder"] = "phone_finder"
    """Kind of the column."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


class RelationshipType(StrEnum):
    """How two tables are linked. One value was seen; there may be others."""

    COMPANY_PEOPLE = "company_people"


@define(kw_only=True)
class ReverseEmailLookupColumnConfig:
    """A column that finds the profile of an email."""

    name: str
    """Name for people."""

    key: str
    """Key in the rows' data; prompts refer to it as `{key}`."""

    kind: Literal["reverse_email_lookup"] = "reverse_email_lookup"
    """Kind of the column."""

    email_column_key: str
    """Key of the column that holds the email."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


@define(kw_only=True)
class Row:
    """A row and its cells."""

    id: str
    """Id of the row; a UUID in practice."""

    created_at: datetime
    """When the row was made."""

    parent_row_id: str | None = None
    """Row of the parent table, in a child table."""

    company_profile_id: str | None = None
    """Company profile that is linked to the row."""

    data: dict[str, Any] | None = None
    """
    Cells by column key. Their shape is on no docs page: a filled cell is an object with `value`, which
    holds `answer`, `explanation` and a list of source URLs (`source` or `sources`), and in newer forms
    `status`.
    """

    metadata: dict[str, Any] | None = None
    """Free facts about the row."""

    parent_data: dict[str, Any] | None = None
    """Cells of the parent row, if asked for and there; how to ask is not documented."""


@define(kw_only=True)
class RowCreate:
    """A row to append."""

    data: dict[str, Any]
    """Values by column key."""

    metadata: dict[str, Any] | Unset = UNSET
    """Free facts about the row."""


@define(kw_only=True)
class RowsCreate:
    """Rows to append. The vendor advises at most 50 in a call, and half a second between calls."""

    rows: list[RowCreate]
    """The rows, in order."""

    run: bool | Unset = UNSET
    """Whether work on the new rows starts at once; the service takes false when it is left out."""


class RunMode(StrEnum):
    """
    Which cells a run works on: `new` those without a value, `all` every eligible one in scope, `failed`
    those that failed. `stuck_failed_new` is an older word, absent from the current page.
    """

    NEW = "new"
    ALL = "all"
    FAILED = "failed"
    STUCK_FAILED_NEW = "stuck_failed_new"


class RunStatus(StrEnum):
    """Whether a table has work going on."""

    RUNNING = "running"
    IDLE = "idle"


class TableKind(StrEnum):
    """
    What the rows are. On company tables the service makes columns of its own: company_profile, company_name
    and company_website; on people tables full_name, role and profile_url.
    """

    GENERIC = "generic"
    COMPANY = "company"
    PEOPLE = "people"


@define(kw_only=True)
class TableRelationship:
    """A link to another table. The service calls it TableRelationshipOutput."""

    table_id: str
    """The other table."""

    relationship_type: RelationshipType


@define(kw_only=True)
class TableRunCreate:
    """A run to start. Without any field it works on all cells without a value."""

    mode: RunMode | Unset = UNSET
    """Which cells; the service takes new when it is left out."""

    rows: list[str] | None | Unset = UNSET
    """Ids of the rows in scope; null means all."""

    columns: list[str] | None | Unset = UNSET
    """Ids (not keys) of the columns in scope; null means all."""


class TableScope(StrEnum):
    """
    Whose tables: the caller's own, or all that are visible in the organization, the caller's own included.
    """

    PERSONAL = "personal"
    ORGANIZATION = "organization"


@define(kw_only=True)
class TableSettings:
    """Settings of a table."""

    exclude_from_search: bool = False
    """Whether searches leave the table out."""


class TableSort(StrEnum):
    """Order of a list of tables; a minus turns it around."""

    NEWEST_FIRST = "-created_at"
    OLDEST_FIRST = "created_at"
    NAME = "name"
    NAME_DESCENDING = "-name"
    FEWEST_ROWS_FIRST = "num_rows"
    MOST_ROWS_FIRST = "-num_rows"


@define(kw_only=True)
class TableStatus:
    """
    How far a table is. Finished means that `run_status` is idle and `num_cells_in_progress` is 0, both.
    Which fields must be there is inferred from their order in the examples.
    """

    num_columns: int
    """Columns of all sorts."""

    run_status: RunStatus
    num_rows: int = 0
    """Rows."""

    num_output_columns: int = 0
    """Columns that are not inputs."""

    num_input_columns: int = 0
    """Columns that the caller fills."""

    num_cells_completed: int = 0
    """Cells done, inputs left out."""

    num_cells_in_progress: int = 0
    """Cells being worked on, inputs left out."""


class TaskStatus(StrEnum):
    """State of a run or of a Deep Search."""

    CREATED = "created"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    FAILED = "failed"


@define(kw_only=True)
class User:
    """
    The user that the token belongs to. That the three organization fields are always there is seen in the
    example, which shows them as null; `organization_is_active` is in the newest form of the page only.
    """

    user_id: str
    """Id of the user; no UUID."""

    email: str
    """Email of the user."""

    available_credits: int
    """Credits left."""

    organization_id: str | None = field(default=None, metadata={"null": True})
    """Organization of the user."""

    organization_name: str | None = field(default=None, metadata={"null": True})
    """Its name."""

    organization_slug: str | None = field(default=None, metadata={"null": True})
    """Its name in URLs."""

    organization_is_active: bool | None = None
    """Whether the organization may use what it has paid for."""


@define(kw_only=True)
class ValidationIssue:
    """One fault of a request. The wording of `msg` may change."""

    loc: list[str | int] | None = None
    """Where the fault is; names and positions."""

    msg: str | None = None
    """Sentence for people."""

    type: str | None = None
    """Kind of fault."""

    input: Any = None
    """What was sent there; may be left out."""

    ctx: dict[str, Any] | None = None
    """Facts about the fault; may be left out."""

    url: str | None = None
    """Page that explains this kind of fault; may be left out."""


@define(kw_only=True)
class AgentColumnValue:
    """
    What an agent is asked. That agent and prompt must be given is inferred, and configs made by the service
    itself were never shown, so nothing is required here.
    """

    agent_type: AgentType | None | Unset = UNSET
    """Which agent works."""

    prompt: str | None | Unset = UNSET
    """The task; refers to other columns as `{column_key}`, and a key that is not there is refused."""

    output_format: OutputFormat | None | Unset = UNSET
    """Form of the answer."""

    labels: list[str] | None | Unset = UNSET
    """Allowed options; for the formats select and multiselect, and the older label."""

    output_schema: dict[str, Any] | None | Unset = UNSET
    """JSON Schema of the answer; for the format json."""

    extra_dependencies: list[str] | None | Unset = UNSET
    """
    Keys of columns that must be filled first, beside those the prompt names. The guide names the field; its
    place and type are inferred.
    """

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


@define(kw_only=True)
class CriterionGradeColumnConfig:
    """A column that grades each row by a criterion, 1 to 5, with an explanation."""

    name: str
    """Name for people."""

    key: str
    """Key in the rows' data; prompts refer to it as `{key}`."""

    kind: Literal["criterion_grade"] = "criterion_grade"
    """Kind of the column."""

    value: CriterionGradeColumnValue
    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


@define(kw_only=True)
class DiscoveryTask:
    """A Deep Search and how far it is. Only the states done and failed end it."""

    id: str
    """Id of the task; a UUID in practice."""

    created_at: datetime
    """When the task was made."""

    status: TaskStatus
    query: str
    """Description of the ideal company."""

    desired_num_results: int
    """Results asked for, at most 250."""

    is_exhausted: bool = False
    """Whether the pool of candidates is used up; scoring may still go on."""

    num_results_discovered: int = 0
    """Candidates gathered."""

    num_results_enriched: int = 0
    """Candidates that passed the first filter and got profiles."""

    num_results_evaluated: int = 0
    """Candidates scored on all criteria."""

    num_results: int = 0
    """Candidates that fit, with at least 75 % of the criteria graded 4 or 5."""

    table_id: str | None = None
    """Table that the results go to."""

    auto_data_sources: bool | None = None
    """Whether the service chooses where to look."""

    data_sources: list[DataSource] | None = None
    """Where it looks."""

    criteria: list[DiscoveryCriterion] | None = None
    """What results are graded by."""

    exclude_domains: list[str] | None = None
    """Domains left out, sorted, at most 1000; in the newest form of the page only."""


@define(kw_only=True)
class HttpValidationError:
    """A request that does not fit, in the framework's standard form."""

    detail: list[ValidationIssue] | None = None
    """Every fault found."""


@define(kw_only=True)
class PaymentError:
    """A refusal by plan or billing."""

    detail: PaymentErrorDetail | None = None


@define(kw_only=True)
class PeopleFinderColumnConfig:
    """
    A column that finds people of each company, and makes or updates a linked child table of kind people. On
    company tables only.
    """

    name: str
    """Name for people."""

    key: str
    """Key in the rows' data; prompts refer to it as `{key}`."""

    kind: Literal["company_people_finder"] = "company_people_finder"
    """Kind of the column."""

    value: PeopleFinderColumnValue
    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


@define(kw_only=True)
class TableListItem:
    """A table in a list; no columns and no status."""

    id: str
    """Id of the table; a UUID in practice."""

    created_at: datetime
    """When the table was made."""

    updated_at: datetime
    """When the table was last changed."""

    name: str
    """Name for people."""

    kind: TableKind
    scope: TableScope
    owner: OwnerInfo
    num_rows: int
    """Rows."""

    description: str | None = None
    """What the table is for. That it may be null is inferred."""

    tags: list[str] | None = None
    """Words to find the table by. That it may be null is inferred."""

    settings: TableSettings | None = None
    """Settings of the table. That it may be null is inferred."""


@define(kw_only=True)
class TableRun:
    """A run just started. It cannot be read again; progress is read from the table's status."""

    id: str
    """Id of the run."""

    created_at: datetime
    """When the run was made."""

    status: TaskStatus
    rows: list[str] | None = field(default=None, metadata={"null": True})
    """Ids of the rows in scope; null means all."""

    columns: list[str] | None = field(default=None, metadata={"null": True})
    """Ids of the columns in scope; null means all."""

    num_requested_cells: int
    """Cells that the run will work on."""

    mode: RunMode


@define(kw_only=True)
class AgentColumnConfig:
    """A column that an agent fills, from a prompt."""

    name: str
    """Name for people."""

    key: str
    """Key in the rows' data; prompts refer to it as `{key}`."""

    kind: Literal["agent"] = "agent"
    """Kind of the column."""

    value: AgentColumnValue
    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


ColumnConfig: TypeAlias = (
    InputColumnConfig
    | AgentColumnConfig
    | CriterionGradeColumnConfig
    | PeopleFinderColumnConfig
    | EmailFinderColumnConfig
    | PhoneFinderColumnConfig
    | ReverseEmailLookupColumnConfig
    | CompanyProfileColumnConfig
    | CompanyNameColumnConfig
    | CompanyWebsiteColumnConfig
    | DiscoveryScoresColumnConfig
    | UnknownVariant
)
"""Config of a column; `kind` tells which."""


@define(kw_only=True)
class ColumnOutput:
    """A column of a table. The service calls it ColumnOutputSchema."""

    id: str
    """Id, used in paths and in the scope of a run; a UUID in practice."""

    created_at: datetime
    """When the column was made."""

    config: ColumnConfig


@define(kw_only=True)
class ColumnsCreate:
    """Columns to add to a table."""

    column_configs: list[ColumnConfig]
    """Configs of the columns, in order."""

    insert_after: bool | str | Unset = UNSET
    """
    Where to put them: true at the end, which the service takes when it is left out; false at the beginning;
    a column's id after that column.
    """


@define(kw_only=True)
class TableCreate:
    """A table to make. Every field may be left out."""

    name: str | Unset = UNSET
    """Name for people; the service takes `Untitled Table` when it is left out."""

    description: str | None | Unset = UNSET
    """What the table is for."""

    tags: list[str] | None | Unset = UNSET
    """Words to find the table by."""

    kind: TableKind | Unset = UNSET
    """What the rows are; the service takes company when it is left out."""

    column_configs: list[ColumnConfig] | None | Unset = UNSET
    """First columns, beside those the service makes."""


@define(kw_only=True)
class TableHeader:
    """A table and its columns, without rows."""

    id: str
    """Id of the table; a UUID in practice."""

    created_at: datetime
    """When the table was made."""

    name: str
    """Name for people."""

    kind: TableKind
    columns: list[ColumnOutput]
    """Columns, those the service made included."""

    owner: OwnerInfo
    description: str | None = None
    """What the table is for."""

    tags: list[str] | None = None
    """Words to find the table by."""

    child_relationships: list[TableRelationship] | None = None
    """Tables that hang on this one."""

    parent_relationships: list[TableRelationship] | None = None
    """Tables that this one hangs on."""


@define(kw_only=True)
class TableHeaderWithStatus(TableHeader):
    """A table, its columns, and how far it is. The service calls it TableHeaderWithStatusOutput."""

    status: TableStatus


@define(kw_only=True)
class TableData(TableHeader):
    """A table, its columns, how far it is, and a page of its rows."""

    status: TableStatus
    rows: list[Row]
    """The page of rows."""

    notify: bool | None = None
    """Whether the end of a run is told by email. In an older form of the page only."""

    settings: TableSettings | None = None
    """Settings. In an older form of the page only."""

    discovery_tasks: list[DiscoveryTask] | None = None
    """Deep Searches that fill this table."""
