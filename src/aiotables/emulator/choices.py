"""
What the emulator had to choose because the services' documentation is silent: codes, statuses, limits, words.

Each name stands in the table of `docs/emulator.md` with its reason and its evidence. What users may need otherwise is a
field of `Choices`.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, Self

import attrs
from attrs import evolve, validators

from aiotables.core.classes import field, frozen
from aiotables.core.slips import did_you_mean
from aiotables.emulator.extruct.failures import CellFailure


@frozen
class Problem:
    """A refusal in ZangTable's words."""

    status: int
    code: str
    message: str

    def saying(self, message: str) -> "Problem":
        """The same refusal with a message about this very case."""
        return evolve(self, message=message)

    def at(self, status: int) -> "Problem":
        """The same refusal under another status."""
        return evolve(self, status=status)


# Both services
PROJECT_TOKEN: Final = "pat_emulator"  # noqa: S105 - opens nothing but the emulator
PROJECTS: Final[Mapping[str, str]] = MappingProxyType({"acme": PROJECT_TOKEN})
"""ZangTable projects that are there when no others are asked for, each with its token."""
EXTRUCT_TOKEN: Final = "extruct-emulator"  # noqa: S105 - opens nothing but the emulator
LARGEST_BODY: Final = 1024 * 1024
"""Bytes of a request body."""

# ZangTable's successes
CREATED: Final = 201
"""Status of a call that made something; every other success is 200."""

# ZangTable's refusals. The first two are documented with their status, the third with its code and message.
MISSING_AUTHORIZATION: Final = Problem(401, "missing_authorization", "A bearer token is required.")
INVALID_TOKEN: Final = Problem(401, "invalid_token", "The token is expired, revoked, inactive or unknown.")
TABLE_EXISTS: Final = Problem(409, "table_exists", "A table with that name already exists.")
PATH_NOT_FOUND: Final = Problem(404, "not_found", "There is no such endpoint.")
METHOD_NOT_ALLOWED: Final = Problem(405, "method_not_allowed", "The endpoint does not take this method.")
PROJECT_NOT_FOUND: Final = Problem(404, "project_not_found", "There is no such project.")
PROJECT_EXISTS: Final = Problem(409, "project_exists", "A project with that slug already exists.")
TABLE_NOT_FOUND: Final = Problem(404, "table_not_found", "There is no such table.")
COLUMN_NOT_FOUND: Final = Problem(400, "column_not_found", "There is no such column.")
RECORD_NOT_FOUND: Final = Problem(404, "record_not_found", "There is no such record.")
TOKEN_NOT_FOUND: Final = Problem(404, "token_not_found", "There is no such token.")
EXPORT_NOT_FOUND: Final = Problem(404, "export_not_found", "There is no such export.")
COLUMN_EXISTS: Final = Problem(409, "column_exists", "A column with that name already exists.")
INDEX_EXISTS: Final = Problem(409, "index_exists", "An index with that name already exists.")
INVALID_REQUEST: Final = Problem(400, "invalid_request", "The request body is not valid.")
INVALID_IDENTIFIER: Final = Problem(400, "invalid_identifier", "The name is not a valid identifier.")
INVALID_COLUMN: Final = Problem(400, "invalid_column", "The column is not valid.")
COLUMN_HAS_VALUES: Final = Problem(
    409, "column_has_values", "The type of a column can be changed only before it has values."
)
INVALID_FILTER: Final = Problem(400, "invalid_filter", "The filters are not valid.")
WHERE_REQUIRED: Final = Problem(400, "where_required", "Without filters allow_all must be true.")
SCHEMA_REFUSED: Final = Problem(400, "schema_refused", "The database refused the change.")
CONSTRAINT_VIOLATED: Final = Problem(409, "constraint_violated", "The data breaks a constraint.")
CONFIRMATION_MISMATCH: Final = Problem(
    400, "confirmation_mismatch", "confirm_project_slug is not the slug of the project."
)
QUERY_NOT_ALLOWED: Final = Problem(
    400, "query_not_allowed", "Only one SELECT, WITH or EXPLAIN QUERY PLAN statement is accepted."
)
QUERY_FAILED: Final = Problem(400, "query_failed", "The statement failed.")
QUERY_TIMEOUT: Final = Problem(400, "query_timeout", "The statement took too long.")
BODY_TOO_LARGE: Final = Problem(413, "payload_too_large", "The request body is too large.")
RATE_LIMITED: Final = Problem(429, "rate_limited", "Too many requests.")
STORAGE_UNAVAILABLE: Final = Problem(503, "storage_unavailable", "The database cannot be used at the moment.")

# ZangTable's data
LONGEST_IDENTIFIER: Final = 128
"""Characters of a table, column or index name."""
LONGEST_SLUG: Final = 64
"""Characters of a project slug, which names a file."""
AUTOMATIC_KEY: Final = "id"
QUERY_SECONDS: Final = 1.0
"""How long one statement may run."""
QUERY_LIMIT: Final = 500
"""Rows of a query that names no limit; documented."""
QUERY_LIMITS: Final = (1, 1000)
"""What a query's limit is clamped to; documented."""
LARGEST_RESULT: Final = 16 * 1024 * 1024
"""Letters and bytes in the values of a query's result."""

FIRST_ACCOUNT_USER: Final = 1
"""The account user of the tokens that the emulator is given."""
TOKEN_TYPE: Final = "project_api_token"  # noqa: S105 - a word, documented
TEMPORARY_TOKEN: Final = "temporary-access-test"  # noqa: S105 - a name, documented
RECORDS_LIMIT: Final = 100
"""Records of a page when no limit is asked for; documented."""
RECORDS_LIMITS: Final = (1, 500)
"""What a page's limit must lie in; documented, that others are refused is not."""
MOST_CONDITIONS: Final = 100
"""Conditions of a filter."""
MOST_VALUES: Final = 1000
"""Values of an `in`."""
LONGEST_PATTERN: Final = 1000
"""Characters of a `like`."""
EXPORTS_LIMIT: Final = 50
"""Exports of a page when no limit is asked for; documented."""
STORAGE_BACKEND: Final = "local"
DATABASE_EXPORT: Final = None
"""Kind of a database export, whose word could not be read."""
LONGEST_FILE_NAME: Final = 100
"""Characters of an export's file name."""

# ZangTable's operation runs
IDLE_SECONDS: Final = 420.0
"""After so long without a call a run is over; documented."""
ACCEPTED_RUN: Final = "accepted_provided_run"
"""The caller's run id was taken; the one status that the docs show."""
GENERATED_RUN: Final = "generated_run"
"""The run id was made by the server."""
LONGEST_GROUPING_HEADER: Final = 200
MOST_RUNS: Final = 10_000
"""Runs that are remembered."""

# Extruct
NOT_AUTHENTICATED: Final = "Not authenticated"
INVALID_AUTHENTICATION: Final = "Invalid authentication credentials"
TABLE_UNKNOWN: Final = "Table not found"
ROW_UNKNOWN: Final = "Row not found"
COLUMN_UNKNOWN: Final = "Column not found"
TASK_UNKNOWN: Final = "Task not found"
COMPANY_UNKNOWN: Final = "Company not found"
LIMIT_TOO_HIGH: Final = "limit must be at most 100"
LIST_LIMIT: Final = 50
"""Tables of a page when no limit is asked for; documented."""
LIST_LIMIT_MOST: Final = 100
"""Documented, with status 400 above it."""
LIST_SORT: Final = "-created_at"
DEFAULT_NAME: Final = "Untitled Table"
"""Documented."""
RUN_SECONDS: Final = 1.0
"""How long a requested cell takes, and each stage of a task."""
CELL_CREDITS: Final = 1
"""Credits of a requested cell."""
RESULT_CREDITS: Final = 1
"""Credits of a result that a discovery task is asked for."""
PLAN_REQUIRED: Final = "plan_required"
"""Word of a 402; documented by the vendor."""
PAYMENT_FAILED: Final = "payment_failed"
"""Likewise."""
PAID_TIERS: Final = ("pro", "legacy")
"""Plans that may change tables; documented by the vendor."""
FREE_TIER: Final = "free"
SEARCH_DEPTH: Final = 2000
"""Results of a query over all of its pages; documented."""
SEARCH_DEPTH_FREE: Final = 25
"""The same in the free tier; documented."""
ORGANIZATION_ID: Final = "org_emulator"
PEOPLE_SUFFIX: Final = " - People"
"""What is put after the name of a table to name its table of people."""
PEOPLE_FOUND: Final = 3
"""People of a company when no number is asked for."""
PEOPLE_MOST: Final = 25
"""More are not found."""
LONGEST_SUBJECT: Final = 200
"""Characters of a row's input that answers are made of."""
CLONE_SUFFIX: Final = " (copy)"
"""What is put after the name of a cloned table."""
TASKS_LIMIT: Final = 50
"""Tasks of a page when no limit is asked for; documented for deep research."""
SEARCH_LIMIT: Final = 100
"""Companies of a page when no limit is asked for."""
SEARCH_LIMIT_MOST: Final = 250
"""Documented."""
MOST_DOMAINS: Final = 1000
"""Domains that can be excluded; documented."""
DISCOVERY_DEFAULT: Final = 100
"""Results of a task that asks for no number; documented."""
DISCOVERY_MOST: Final = 250
"""Documented."""
DISCOVERY_RESUME: Final = 25
"""Results that a task is resumed for when no number is asked for; documented."""
DISCOVERY_MOST_EXCLUDED_TASKS: Final = 100
"""Documented."""
DISCOVERY_STAGES: Final = 5
"""How many times `run_seconds` a task takes: waiting, discovering, enriching, evaluating, and one more."""
DISCOVERY_EXHAUSTED: Final = "The task is exhausted"
GOOD_GRADE: Final = 4
"""A criterion is met from this grade on; documented."""
GOOD_SHARE: Final = 0.75
"""A result counts when so many of its criteria are met; documented."""
LONGEST_BRIEF: Final = 20_000
"""Documented."""
RESEARCH_AGENTS: Final = MappingProxyType({"medium": 25, "high": 50, "xhigh": 75})
"""Workers by depth; documented, and contradicted by the vendor."""
RESEARCH_STAGES: Final = 10
"""How many times `run_seconds` a research takes."""
RESEARCH_ITERATIONS: Final = 5
RESEARCH_SOURCES: Final = 3
RESEARCH_LEVELS: Final = 5
RESEARCH_PROPERTIES: Final = 50
RESEARCH_FAILURE: Final = "The brief cannot be researched."
PLAN_TIER: Final = "pro"
HEALTHY: Final = "ok"
OWNER_ID: Final = "user_emulator"
OWNER_EMAIL: Final = "emulator@example.com"
CREDITS: Final = 1_000_000
OUT_OF_CREDITS: Final = "insufficient_credits"
"""Word of a 402; documented by the vendor."""


def _one_of(*allowed: object) -> Any:  # noqa: ANN401 - attrs types validators loosely
    def check(_: "Choices", attribute: "attrs.Attribute[Any]", value: object) -> None:
        if value not in allowed:
            msg = f"{attribute.name} is one of {', '.join(map(str, allowed))}, not {value!r}"
            raise ValueError(msg)

    return check


def _failures(rules: str | Iterable[str | CellFailure]) -> tuple[CellFailure, ...]:
    listed = rules.split(",") if isinstance(rules, str) else rules
    return tuple(CellFailure.parse(rule) if isinstance(rule, str) else rule for rule in listed)


def _optional_int(value: str | int | None) -> int | None:
    return None if value is None else int(value)


def _to_bool(value: str | bool) -> bool:  # noqa: FBT001 - what a choice is
    return attrs.converters.to_bool(value)


_not_negative = validators.ge(0)


@frozen(kw_only=True)
class Choices:
    """
    What users may need otherwise than it was chosen. Each value may also be written as a text.

    Raises:
        ValueError: A value is none of those that can be chosen.
    """

    created_status: int = field(default=CREATED, converter=int, validator=_one_of(200, CREATED))
    """Status of ZangTable's creates."""

    exists_status: int = field(default=TABLE_EXISTS.status, converter=int, validator=_one_of(400, 409, 422))
    """Status of ZangTable's `table_exists`, whose code alone is documented."""

    plan_tier: str = PLAN_TIER
    """Extruct's plan; those but `pro` and `legacy` may not change tables, and `free` sees 25 results of a search."""

    requires_subscription: bool = field(default=True, converter=_to_bool)
    """Whether the plan matters at all."""

    organization: str | None = None
    """Name of an active organization that the user is in; it stands in for a plan."""

    payment_failed: bool = field(default=False, converter=_to_bool)
    """Whether everything that needs a plan is refused until a payment is made up for."""

    credits: int = field(default=CREDITS, converter=int, validator=_not_negative)
    """Credits at the start."""

    cell_credits: int = field(default=CELL_CREDITS, converter=int, validator=_not_negative)
    """Credits of a requested cell."""

    result_credits: int = field(default=RESULT_CREDITS, converter=int, validator=_not_negative)
    """Credits of a result that a discovery task is asked for."""

    quota: int | None = field(
        default=None, converter=_optional_int, validator=validators.optional(_not_negative)
    )
    """Runs and tasks that may be started on a day, UTC; another is refused with 429, without `Retry-After`."""

    failing_cells: tuple[CellFailure, ...] = field(default=(), converter=_failures)
    """Cells that fail; as a text the rules are separated by commas."""

    failure_seed: int = field(default=0, converter=int)
    """Seed of their draws."""

    after_failure: str = field(default="fail", validator=_one_of("fail", "wait"))
    """What cells do that need a cell that failed: `fail`, too, or `wait` until it is done."""

    people_table: str = field(default="run", validator=_one_of("run", "add"))
    """When a people finder makes the table of people: with the first people that a `run` finds, or as it is `add`ed."""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """
        The choices named in *values*.

        Raises:
            ValueError: There is no choice of a name, or a value is none of those that can be chosen.
        """
        known = [field.name for field in attrs.fields(cls)]
        for name, value in values.items():
            if name not in known:
                msg = f"{name} is no choice of the emulator{did_you_mean(name, known)}; there are {', '.join(known)}"
                raise ValueError(msg)

            try:
                cls(**{name: value})
            except (ValueError, TypeError) as error:
                # A file may hold a value of any kind.
                msg = f"the choice {name} cannot be {value!r}: {error}"
                raise ValueError(msg) from None
        return cls(**values)
