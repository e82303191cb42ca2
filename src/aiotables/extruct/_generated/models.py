# Generated from openapi/extruct. Do not edit: run `make generate`.
"""Models of extruct."""

__all__ = [
    "AgentColumnConfig",
    "AgentColumnValue",
    "AgentType",
    "Billing",
    "BillingUser",
    "ColumnConfig",
    "ColumnOutput",
    "ColumnsCreate",
    "CompanyChoiceEcho",
    "CompanyExclusion",
    "CompanyInclusion",
    "CompanyNameColumnConfig",
    "CompanyProfile",
    "CompanyProfileColumnConfig",
    "CompanyRanges",
    "CompanyRangesEcho",
    "CompanySearch",
    "CompanySearchResult",
    "CompanySearchResults",
    "CompanySize",
    "CompanyWebsiteColumnConfig",
    "CriterionGradeColumnConfig",
    "CriterionGradeColumnValue",
    "DataSource",
    "DeepResearchMarkdownReport",
    "DeepResearchReport",
    "DeepResearchSchemaReport",
    "DeepResearchTask",
    "DeepResearchTaskCreate",
    "DiscoveryCriterion",
    "DiscoveryResult",
    "DiscoveryScore",
    "DiscoveryScores",
    "DiscoveryScoresColumnConfig",
    "DiscoveryTarget",
    "DiscoveryTask",
    "DiscoveryTaskCreate",
    "DiscoveryTaskResults",
    "DiscoveryTaskResume",
    "EmailFinderColumnConfig",
    "FiltersEcho",
    "Health",
    "HttpError",
    "HttpValidationError",
    "InputColumnConfig",
    "OutputFormat",
    "OwnerInfo",
    "Pagination",
    "PaymentError",
    "PaymentErrorCode",
    "PaymentErrorDetail",
    "PeopleFinderColumnConfig",
    "PeopleFinderColumnValue",
    "PhoneFinderColumnConfig",
    "PlanTier",
    "RelationshipType",
    "ResearchDepth",
    "ResearchSource",
    "ReverseEmailLookupColumnConfig",
    "Row",
    "RowCreate",
    "RowDetail",
    "RowUpdate",
    "RowsCreate",
    "RowsDelete",
    "RowsUpdate",
    "RunMode",
    "RunStatus",
    "SearchEcho",
    "SearchFilters",
    "SimilarCompanies",
    "SimilarCompaniesSearch",
    "Subscription",
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
    "TableUpdate",
    "TaskStatus",
    "User",
    "ValidationIssue",
    "WebsiteAuthority",
    "YearRange",
    "YearRangeEcho",
]


from datetime import datetime
from typing import Any, Literal, TypeAlias

from aiotables.core.classes import define, field
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
class BillingUser:
    """The user, as far as the vendor's public command line reads it; what else there is is kept."""

    organization_id: str | None = None
    """Organization of the user."""

    organization_is_active: bool | None = None
    """Whether the organization may use what it has paid for."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


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
class CompanyProfile:
    """
    The profile of a company. Its page could not be read: the three fields are those that third-party code
    takes from the answer, none is relied on, and what else there is is kept.
    """

    company_name: Any = None
    """Name for people, seen as text."""

    domain: Any = None
    """Domain of the website, seen as text."""

    context: Any = None
    """
    Facts about the company, seen as an object with `employee_count`; probably those of a company_profile
    cell, `short_description`, `founding_year`, `hq_country` and the like.
    """

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


class CompanySize(StrEnum):
    """How many people work for a company."""

    FROM_1_TO_10 = "1-10"
    FROM_11_TO_50 = "11-50"
    FROM_51_TO_200 = "51-200"
    FROM_201_TO_500 = "201-500"
    FROM_501_TO_1000 = "501-1000"
    FROM_1001_TO_5000 = "1001-5000"
    FROM_5001_TO_10000 = "5001-10000"
    FROM_10001 = "10001+"


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
class DiscoveryScore:
    """How a company was graded by one criterion. Which fields are always there is not stated."""

    grade: int | None = None
    """The grade, 1 to 5."""

    explanation: str | None = None
    """Why."""

    sources: list[str] | None = None
    """URLs that support it."""


DiscoveryScores: TypeAlias = dict[str, DiscoveryScore | None]
"""Grades by key of the criterion. The page shows none; their form is that of the vendor's public skills."""


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
class DiscoveryTarget:
    """
    A table that a Deep Search sends its results to. That the id must be given, and that both flags are
    false when they are left out, is inferred.
    """

    id: str
    """Id of the table."""

    run: bool | Unset = UNSET
    """Whether work on the new rows starts at once."""

    columns: list[str] | Unset = UNSET
    """Ids of the columns to work on."""

    auto_import: bool | Unset = UNSET
    """Whether results become rows as they are found, by its name (inferred)."""


@define(kw_only=True)
class DiscoveryTaskCreate:
    """
    A Deep Search to start. The domains that it excludes, by themselves and by the results of other tasks,
    are worked out once and are 1000 at most.
    """

    query: str
    """Description of the ideal company; not empty, as the vendor's public skills say."""

    desired_num_results: int | Unset = UNSET
    """Results asked for, 1 to 250; the service takes 100 when it is left out."""

    table: DiscoveryTarget | Unset = UNSET
    """A table that the results are sent to."""

    auto_data_sources: bool | Unset = UNSET
    """Whether the service chooses where to look; it takes true when this is left out."""

    data_sources: list[DataSource] | Unset = UNSET
    """
    Where to look; ignored while the service chooses. The vendor's public skills say that it is needed
    otherwise.
    """

    criteria: list[DiscoveryCriterion] | Unset = UNSET
    """
    What results are graded by, 1 to 5 each; made of the query when it is left out. At most 5 are advised.
    """

    exclude_domains: list[str] | Unset = UNSET
    """Domains or URLs to leave out; the service reduces them to registered domains."""

    exclude_task_ids: list[str] | Unset = UNSET
    """
    Tasks whose visible results are left out; at most 100 that are done, the caller's own or the
    organization's.
    """


@define(kw_only=True)
class DiscoveryTaskResume:
    """How many more results to ask for. Every field may be left out."""

    desired_new_results: int | Unset = UNSET
    """More results, 0 to 250; the service takes 25 when it is left out."""


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
class Health:
    """Whether the service is well. The page could not be read; what else there is is kept."""

    status: str | None = None
    """State of the service; third-party code names the field, and its values are not known."""

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


@define(kw_only=True)
class Pagination:
    """Which page of a search's results."""

    offset: int | Unset = UNSET
    """Results to pass over; the default is not documented."""

    limit: int | Unset = UNSET
    """Results in a page, at most 250; the default is not documented."""


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


class PlanTier(StrEnum):
    """A plan. These two open all that is gated; there are others, which are not known."""

    PRO = "pro"
    LEGACY = "legacy"


class RelationshipType(StrEnum):
    """How two tables are linked. One value was seen; there may be others."""

    COMPANY_PEOPLE = "company_people"


class ResearchDepth(StrEnum):
    """
    How far a research goes. The budgets of workers differ between the docs (25, 50 and 75) and the vendor's
    public skills (10, 25 and 50).
    """

    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"


@define(kw_only=True)
class ResearchSource:
    """A source of a report."""

    id: int
    """Number that citations refer to."""

    url: str
    """Address of the source."""


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
class RowUpdate:
    """A row to update, or to append when it has no id."""

    data: dict[str, Any]
    """Values by column key. What becomes of keys that are not listed is not stated."""

    id: str | Unset = UNSET
    """Id of the row to update; without it a row is created."""

    metadata: dict[str, Any] | Unset = UNSET
    """Free facts about the row."""


@define(kw_only=True)
class RowsCreate:
    """Rows to append. The vendor advises at most 50 in a call, and half a second between calls."""

    rows: list[RowCreate]
    """The rows, in order."""

    run: bool | Unset = UNSET
    """Whether work on the new rows starts at once; the service takes false when it is left out."""


@define(kw_only=True)
class RowsDelete:
    """Rows to delete."""

    rows: list[str]
    """Ids of the rows."""


@define(kw_only=True)
class RowsUpdate:
    """Rows to update or to append."""

    rows: list[RowUpdate]
    """The rows."""

    run: bool | Unset = UNSET
    """Whether work on the rows starts at once; the service takes false when it is left out."""


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


@define(kw_only=True)
class Subscription:
    """What is paid for, as far as the vendor's public command line reads it; what else there is is kept."""

    requires_subscription: bool | None = None
    """Whether a plan is needed for what is gated."""

    plan_tier: PlanTier | None = None
    """The plan."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


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


@define(kw_only=True)
class TableUpdate:
    """
    What to change of a table. Every field may be left out and stays as it is then; that null clears a field
    is not stated.
    """

    name: str | Unset = UNSET
    """Name for people."""

    description: str | Unset = UNSET
    """What the table is for."""

    tags: list[str] | Unset = UNSET
    """Words to find the table by."""

    columns_order: list[str] | Unset = UNSET
    """
    Columns in their new order, and the way to move one. That they are ids, not keys, is told by third-party
    code alone; the page says strings.
    """


class TaskStatus(StrEnum):
    """State of a run, of a Deep Search or of a Deep Research."""

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
class WebsiteAuthority:
    """
    How much weight a company's website has. Which fields must be there could not be read; `percentile` is
    in older forms of the page only.
    """

    score: float | None = None
    """The weight."""

    percentile: float | None = None
    """Share of websites with less weight, by its name (inferred)."""

    tier: str | None = None
    """Class of the weight."""

    tier_label: str | None = None
    """Class of the weight, for people."""


@define(kw_only=True)
class YearRange:
    """Years between bounds, the bounds included."""

    min: int | Unset = UNSET
    """First year."""

    max: int | Unset = UNSET
    """Last year."""


@define(kw_only=True)
class YearRangeEcho:
    """Years between bounds, as the service took them. Which may be null could not be read."""

    min: int | None = None
    """First year."""

    max: int | None = None
    """Last year."""


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
class Billing:
    """
    The caller and the subscription. No docs page was found: the fields are those that the vendor's public
    command line reads, none is relied on, and what else there is is kept.
    """

    user: BillingUser | None = None
    """The user, probably with more of the fields of get_user."""

    subscription: Subscription | None = None
    """What is paid for."""

    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})
    """Keys that the spec does not name; they are sent back as they came."""


@define(kw_only=True)
class CompanyChoiceEcho:
    """Sizes, places and domains as the service took them. Which parts may be null could not be read."""

    size: list[CompanySize] | None = None
    """Sizes."""

    country: list[str] | None = None
    """Countries."""

    city: list[str] | None = None
    """Cities."""

    domains: list[str] | None = None
    """Domains; in what is excluded only, and absent from the page's example (inferred)."""


@define(kw_only=True)
class CompanyExclusion:
    """Sizes, places and domains that companies must not be of."""

    size: list[CompanySize] | Unset = UNSET
    """None of these sizes."""

    country: list[str] | Unset = UNSET
    """None of these countries, by their full names, such as United States."""

    city: list[str] | Unset = UNSET
    """None of these cities."""

    domains: list[str] | Unset = UNSET
    """
    None of these domains or URLs, which the service reduces to registered domains and their aliases; at
    most 1000 after that, and an invalid one is refused with 422.
    """


@define(kw_only=True)
class CompanyInclusion:
    """Sizes and places that companies must be of."""

    size: list[CompanySize] | Unset = UNSET
    """Any of these sizes."""

    country: list[str] | Unset = UNSET
    """Any of these countries, by their full names, such as United States."""

    city: list[str] | Unset = UNSET
    """Any of these cities."""


@define(kw_only=True)
class CompanyRanges:
    """Numbers of companies that must lie between bounds."""

    founded: YearRange | Unset = UNSET
    """Year of foundation."""


@define(kw_only=True)
class CompanyRangesEcho:
    """Bounds as the service took them. Which may be null could not be read."""

    founded: YearRangeEcho | None = None
    """Year of foundation."""


@define(kw_only=True)
class CompanySearchResult:
    """
    A company that a search found. Which fields may be null could not be read; all but `id` are taken to be,
    and the guide says so of `domain`.
    """

    id: str
    """Id of the company; a UUID in practice."""

    domain: str | None = None
    """Domain of the website."""

    name: str | None = None
    """Name for people."""

    short_description: str | None = None
    """What the company is, in short."""

    full_description: str | None = None
    """What the company is."""

    products_services: str | None = None
    """What it sells."""

    use_cases: str | None = None
    """What that is used for."""

    target_audience: str | None = None
    """Whom it sells to."""

    other_considerations: str | None = None
    """What else there is to say."""

    founding_year: int | None = None
    """Year of foundation."""

    employee_count: str | None = None
    """How many people work there, as text."""

    hq_country: str | None = None
    """Country of the headquarters."""

    hq_state_province: str | None = None
    """State or province of the headquarters."""

    hq_city: str | None = None
    """City of the headquarters."""

    hq_full_address: str | None = None
    """Address of the headquarters."""

    social_profiles: dict[str, Any] | None = None
    """Profiles on other sites; the keys are not documented."""

    website_authority: WebsiteAuthority | None = None
    """How much weight the website has."""

    relevance_score: float | None = None
    """How well the company fits the search."""


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
class DeepResearchMarkdownReport:
    """A report in markdown, with citations such as `[1]`."""

    kind: Literal["markdown"] = "markdown"
    """Form of the report."""

    markdown: str
    """The text."""

    sources: list[ResearchSource] | None = None
    """What the citations refer to."""

    degradation_reasons: list[str] | None = None
    """Why the report is less than asked for; empty when it is not. The vendor's public skills saw null."""


@define(kw_only=True)
class DeepResearchSchemaReport:
    """A report that follows the asked-for JSON Schema. Told in words only; no example could be read."""

    kind: Literal["schema"] = "schema"
    """Form of the report."""

    fields: Any = None
    """The answer, an object that fits `output_schema`."""

    basis: Any = None
    """For each field the ids of the sources that support it; the type is not shown."""

    sources: list[ResearchSource] | None = None
    """What the ids refer to."""

    degradation_reasons: list[str] | None = None
    """Why the report is less than asked for; empty when it is not. The vendor's public skills saw null."""


@define(kw_only=True)
class DeepResearchTaskCreate:
    """A research to start."""

    brief: str
    """The task, 1 to 20,000 characters."""

    depth: ResearchDepth | Unset = UNSET
    """
    How far it goes; the docs say that the service takes medium when it is left out, the vendor's public
    skills say high.
    """

    output_schema: dict[str, Any] | Unset = UNSET
    """
    JSON Schema of the answer, with the type object; the report follows it then, and is markdown without it.
    The vendor's public skills allow at most 5 levels and 50 properties.
    """


@define(kw_only=True)
class DiscoveryResult:
    """
    A company that a Deep Search found. Which fields may be null could not be read; all but `id`, `task_id`,
    `company_name` and `created_at` are taken to be.
    """

    id: str
    """Id of the result."""

    task_id: str
    """The task that found it."""

    company_name: str
    """Name for people."""

    created_at: datetime
    """When the company was found."""

    company_description: str | None = None
    """What the company is, in short."""

    company_website: str | None = None
    """Domain or URL of the website."""

    relevance: int | None = None
    """How well the company fits, 0 to 100 as the vendor's public skills say."""

    company_profile_id: str | None = None
    """Company profile that is linked to the result."""

    source: DataSource | None = None
    """Where the company was found."""

    scores: DiscoveryScores | None = None
    """Grades by key of the criterion."""

    founding_year: int | None = None
    """Year of foundation."""

    employee_count: CompanySize | None = None
    """How many people work there."""

    hq_country: str | None = None
    """Country of the headquarters."""

    hq_state_province: str | None = None
    """State or province of the headquarters."""

    hq_city: str | None = None
    """City of the headquarters."""

    company_full_description: str | None = None
    """What the company is."""


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
class DiscoveryTaskResults(DiscoveryTask):
    """A Deep Search and a page of its results."""

    results: list[DiscoveryResult]
    """The companies, most relevant first. The example is an excerpt in the vendor's public skills."""


@define(kw_only=True)
class FiltersEcho:
    """SearchFilters as the service took them. Which parts may be null could not be read."""

    include: CompanyChoiceEcho | None = None
    """Companies of these only."""

    exclude: CompanyChoiceEcho | None = None
    """No companies of these."""

    range: CompanyRangesEcho | None = None
    """Numbers that must lie between bounds."""


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
class SearchEcho:
    """A search, as the service took it. Which fields may be null could not be read."""

    offset: int | None = None
    """Results passed over."""

    limit: int | None = None
    """Results in a page."""

    query: str | None = None
    """What was looked for, in words."""

    filters: FiltersEcho | None = None
    """What the companies had to be."""

    reference_company_id: str | None = None
    """Company that the results are like; in lookalike searches only."""


@define(kw_only=True)
class SearchFilters:
    """What companies must be. Every part may be left out; a key that is not known is refused."""

    include: CompanyInclusion | Unset = UNSET
    """Companies of these only."""

    exclude: CompanyExclusion | Unset = UNSET
    """No companies of these."""

    range: CompanyRanges | Unset = UNSET
    """Numbers that must lie between bounds."""


@define(kw_only=True)
class SimilarCompanies:
    """A page of companies like a given one."""

    results: list[CompanySearchResult]
    """The companies, most alike first; the given one is not among them."""

    reference_company: CompanySearchResult | None = None
    """The given one; its fields are those of a result as far as the page's example could be read."""

    request: SearchEcho | None = None
    """What was searched for, as the service took it."""


@define(kw_only=True)
class SimilarCompaniesSearch:
    """Which companies to take of those like a given one. Every field may be left out."""

    filters: SearchFilters | Unset = UNSET
    """What the companies must be."""

    pagination: Pagination | Unset = UNSET
    """Which page of the results."""


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
class CompanySearch:
    """What to look for."""

    q: str
    """What to look for, in words."""

    filters: SearchFilters | Unset = UNSET
    """What the companies must be."""

    pagination: Pagination | Unset = UNSET
    """Which page of the results."""


@define(kw_only=True)
class CompanySearchResults:
    """A page of companies that a search found."""

    results: list[CompanySearchResult]
    """The companies, best first."""

    request: SearchEcho | None = None
    """What was searched for, as the service took it."""


DeepResearchReport: TypeAlias = DeepResearchMarkdownReport | DeepResearchSchemaReport | UnknownVariant
"""What a research found; `kind` tells the form."""


@define(kw_only=True)
class DeepResearchTask:
    """
    A research, how far it is, and its report. The page lists status and depth as always there, but its
    example leaves them out; which other fields are always there could not be read.
    """

    id: str
    """Id of the task."""

    created_at: datetime
    """When the task was made."""

    updated_at: datetime
    """When the task was last changed."""

    brief: str
    """The task."""

    status: TaskStatus | None = None
    """How far it is; done and failed end it."""

    depth: ResearchDepth | None = None
    """How far it goes."""

    iterations: int | None = None
    """Steps of analysis so far."""

    agents: int | None = None
    """Workers that have finished; each costs a credit."""

    sources: int | None = None
    """Different sources so far."""

    owner: OwnerInfo | None = None
    """The user that the task belongs to."""

    output_schema: dict[str, Any] | None = None
    """JSON Schema that was asked for."""

    failure_reason: str | None = None
    """Why the task failed."""

    report: DeepResearchReport | None = None
    """The report; null until the task is done."""


@define(kw_only=True)
class RowDetail(Row):
    """A row, its cells, whether work on it goes on, and the columns of its table."""

    status: RunStatus
    columns: list[ColumnOutput]
    """Columns of the table."""


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
