"""Extruct, behind its operations: who may call, what is asked, what is done, how it is answered."""

import hmac
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import evolve

from aiotables.core.operations import Operation
from aiotables.core.sentinels import Unset
from aiotables.emulator.bodies import BodyError, Issue, Place, decode, given, parse
from aiotables.emulator.calls import Incoming, Reply, bearer
from aiotables.emulator.choices import (
    DEFAULT_NAME,
    HEALTHY,
    INVALID_AUTHENTICATION,
    NOT_AUTHENTICATED,
    TASKS_LIMIT,
)
from aiotables.emulator.clock import Clock
from aiotables.emulator.extruct import paging, search
from aiotables.emulator.extruct.account import Account
from aiotables.emulator.extruct.clones import clone
from aiotables.emulator.extruct.configs import issues, with_automatic
from aiotables.emulator.extruct.dependencies import Config, circle
from aiotables.emulator.extruct.discovery import Discovery
from aiotables.emulator.extruct.findings import Findings
from aiotables.emulator.extruct.refusal import Refusal, invalid_body
from aiotables.emulator.extruct.replies import general_detail, refused, success
from aiotables.emulator.extruct.research import Research
from aiotables.emulator.extruct.rows import Rows
from aiotables.emulator.extruct.runs import PEOPLE_FINDER, Runs
from aiotables.emulator.extruct.tables import Tables
from aiotables.emulator.sqlite import transaction
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import (
    ColumnConfig,
    ColumnsCreate,
    RowsCreate,
    RowsDelete,
    RowsUpdate,
    TableCreate,
    TableRunCreate,
    TableUpdate,
)


RUN_MODES = ("new", "all", "failed")

# All that changes a table, and the start of tasks (vendor's skills).
_NEED_A_PLAN = frozenset(
    operation.name
    for operation in (
        operations.CLONE_TABLE,
        operations.CREATE_COLUMNS,
        operations.CREATE_DEEP_RESEARCH_TASK,
        operations.CREATE_DISCOVERY_TASK,
        operations.CREATE_ROWS,
        operations.CREATE_TABLE,
        operations.DELETE_COLUMN,
        operations.DELETE_ROWS,
        operations.DELETE_TABLE,
        operations.RESUME_DISCOVERY_TASK,
        operations.RUN_TABLE,
        operations.UPDATE_COLUMN,
        operations.UPDATE_ROWS,
        operations.UPDATE_TABLE,
    )
)


class ExtructService:
    """
    Answers the operations of Extruct.

    Args:
        catalogue: The open catalogue.
        tables: The tables.
        rows: Their rows and runs.
        discovery: The discovery tasks.
        research: The deep research tasks.
        clock: Time of what is made.
        findings: The people whom finders have found.
        runs: The runs of the rows.
        account: The account that the token belongs to.
        token: The one token that is let in.
        people_at_once: Whether a people finder makes the table of people as it is added.
    """

    def __init__(
        self,
        catalogue: sqlite3.Connection,
        *,
        tables: Tables,
        rows: Rows,
        discovery: Discovery,
        research: Research,
        findings: Findings,
        runs: Runs,
        account: Account,
        clock: Clock,
        token: str,
        people_at_once: bool,
    ) -> None:
        self._catalogue = catalogue
        self._tables = tables
        self._rows = rows
        self._discovery = discovery
        self._research = research
        self._findings = findings
        self._runs = runs
        self._account = account
        self._clock = clock
        self._token = token
        self._people_at_once = people_at_once
        self._handlers: Mapping[str, Callable[[Incoming], Reply]] = {
            operations.CLONE_TABLE.name: self._clone_table,
            operations.CREATE_COLUMNS.name: self._create_columns,
            operations.CREATE_DEEP_RESEARCH_TASK.name: self._create_research,
            operations.CREATE_DISCOVERY_TASK.name: self._create_discovery,
            operations.CREATE_ROWS.name: self._create_rows,
            operations.CREATE_TABLE.name: self._create_table,
            operations.DELETE_COLUMN.name: self._delete_column,
            operations.DELETE_ROWS.name: self._delete_rows,
            operations.DELETE_TABLE.name: self._delete_table,
            operations.FIND_SIMILAR_COMPANIES.name: partial(search.find_similar, depth=account.search_depth),
            operations.FIND_SIMILAR_COMPANIES_GET.name: partial(
                search.find_similar_get, depth=account.search_depth
            ),
            operations.GET_BILLING.name: self._get_billing,
            operations.GET_COMPANY.name: search.get_company,
            operations.GET_DEEP_RESEARCH_TASK.name: self._get_research,
            operations.GET_DISCOVERY_RESULTS.name: self._get_discovery_results,
            operations.GET_DISCOVERY_TASK.name: self._get_discovery,
            operations.GET_HEALTHCHECK.name: _get_healthcheck,
            operations.GET_ROW.name: self._get_row,
            operations.GET_TABLE.name: self._get_table,
            operations.GET_TABLE_DATA.name: self._get_table_data,
            operations.GET_USER.name: self._get_user,
            operations.LIST_DEEP_RESEARCH_TASKS.name: self._list_research,
            operations.LIST_DISCOVERY_TASKS.name: self._list_discoveries,
            operations.LIST_TABLES.name: self._list_tables,
            operations.RESUME_DISCOVERY_TASK.name: self._resume_discovery,
            operations.RUN_TABLE.name: self._run_table,
            operations.SEARCH_COMPANIES.name: partial(search.search_companies, depth=account.search_depth),
            operations.SEARCH_COMPANIES_GET.name: partial(
                search.search_companies_get, depth=account.search_depth
            ),
            operations.UPDATE_COLUMN.name: self._update_column,
            operations.UPDATE_ROWS.name: self._update_rows,
            operations.UPDATE_TABLE.name: self._update_table,
        }

    @property
    def operations(self) -> tuple[Operation[Any, Any], ...]:
        """The operations that exist here."""
        return tuple(operation for operation in operations.OPERATIONS if operation.name in self._handlers)

    def answer(self, incoming: Incoming) -> Reply:
        """Do what was called; a refusal is an answer, too."""
        try:
            if incoming.operation is not operations.GET_HEALTHCHECK:
                self._admit(bearer(incoming.headers))
            if incoming.operation.name in _NEED_A_PLAN:
                self._account.check_plan()
            return self._handlers[incoming.operation.name](incoming)
        except Refusal as refusal:
            return refused(refusal.status, refusal.detail)
        except BodyError as error:
            wrong = invalid_body(*error.issues)
            return refused(wrong.status, wrong.detail)
        except sqlite3.Error:
            return self.failure(503)

    def failure(self, status: int) -> Reply:
        """A `detail` for an error of *status*."""
        return refused(status, general_detail(status))

    def _admit(self, token: str | None) -> None:
        if token is None:
            raise Refusal(401, NOT_AUTHENTICATED)

        if not hmac.compare_digest(_bytes(token), _bytes(self._token)):
            raise Refusal(401, INVALID_AUTHENTICATION)

    def _find(self, incoming: Incoming) -> sqlite3.Row:
        self._findings.gather()
        table = self._tables.find(incoming.path["table_id"])
        # What a task has found by now is put into its table when somebody looks.
        return self._tables.find(table["id"]) if self._discovery.import_into(table) else table

    def _create_table(self, incoming: Incoming) -> Reply:
        raw = parse(incoming.body, incoming.operation)
        body = decode(raw, TableCreate)
        kind = raw.get("kind", "company")
        if kind not in paging.KINDS:
            raise invalid_body(Issue(("kind",), "Input should be generic, company or people", "enum"))

        configs = raw.get("column_configs") or []
        own = [config["key"] for config in with_automatic(kind, [])]
        # A key of the service's own may be asked for, once: it takes that place.
        _check(issues(body.column_configs or [], configs, kind=kind, own=own))
        _check_circle(with_automatic(kind, configs), ("column_configs",))
        table_id = self._tables.create(
            name=DEFAULT_NAME if isinstance(body.name, Unset) else body.name,
            description=given(body.description),
            tags=given(body.tags),
            kind=kind,
            configs=with_automatic(kind, configs),
        )
        self._prepare_people(self._tables.find(table_id))
        return success(self._tables.header(self._tables.find(table_id)))

    def _prepare_people(self, table: sqlite3.Row) -> None:
        if self._people_at_once and any(
            column["kind"] == PEOPLE_FINDER for column in self._tables.columns(table["pk"])
        ):
            with transaction(self._catalogue):
                self._tables.people_of(table)

    def _list_tables(self, incoming: Incoming) -> Reply:
        self._findings.gather()
        asked = paging.listing(incoming.query)
        total, items = self._tables.search(asked)
        return success(items, paging.headers(asked, total))

    def _get_table(self, incoming: Incoming) -> Reply:
        table = self._find(incoming)
        return success(self._tables.header(table) | {"status": self._rows.status(table)})

    def _delete_table(self, incoming: Incoming) -> Reply:
        table = self._find(incoming)
        header = self._tables.header(table)
        self._tables.delete(table)
        return success(header)

    def _get_table_data(self, incoming: Incoming) -> Reply:
        window = paging.window(incoming.query)
        table = self._find(incoming)
        return success(
            self._tables.header(table)
            | {
                "status": self._rows.status(table),
                "rows": self._rows.page(table, **window),
                "discovery_tasks": self._discovery.of_table(table["pk"]),
            }
        )

    def _create_columns(self, incoming: Incoming) -> Reply:
        raw = parse(incoming.body, incoming.operation)
        body = decode(raw, ColumnsCreate)
        table = self._find(incoming)
        columns, configs = self._tables.configs(table["pk"]), raw["column_configs"]
        existing = [config["key"] for config in columns]
        _check(issues(body.column_configs, configs, kind=table["kind"], existing=existing))
        _check_circle([*columns, *configs], ("column_configs",))
        made = self._tables.add_columns(table, configs, insert_after=raw.get("insert_after", True))
        self._prepare_people(table)
        return success(made)

    def _create_rows(self, incoming: Incoming) -> Reply:
        raw = parse(incoming.body, incoming.operation)
        decode(raw, RowsCreate)
        table = self._find(incoming)
        return success(self._rows.add(table, raw["rows"], run=raw.get("run", False)))

    def _run_table(self, incoming: Incoming) -> Reply:
        raw = parse(incoming.body, incoming.operation)
        body = decode(raw, TableRunCreate)
        mode = raw.get("mode", "new")
        if mode not in RUN_MODES:
            raise invalid_body(Issue(("mode",), "Input should be new, all or failed", "enum"))

        table = self._find(incoming)
        return success(
            self._rows.run(table, mode=mode, row_ids=given(body.rows), column_ids=given(body.columns))
        )

    def _clone_table(self, incoming: Incoming) -> Reply:
        schema_only = paging.flag(incoming.query, "schema_only")
        copy = clone(
            self._catalogue, self._find(incoming), self._clock, self._tables.ids, schema_only=schema_only
        )
        return success(self._tables.header(self._tables.find(copy)))

    def _update_table(self, incoming: Incoming) -> Reply:
        raw = parse(incoming.body, incoming.operation)
        decode(raw, TableUpdate)
        table = self._find(incoming)
        self._tables.update(table, raw)
        return success(self._tables.header(self._tables.find(table["id"])))

    def _update_column(self, incoming: Incoming) -> Reply:
        raw = parse(incoming.body, incoming.operation)
        config: object = decode(raw, ColumnConfig)  # type: ignore[arg-type] # a union is a form, not a class
        table = self._find(incoming)
        column = self._tables.find_column(table, incoming.path["column_id"])
        others = [each for each in self._tables.configs(table["pk"]) if each["key"] != column["key"]]
        existing = [each["key"] for each in others]
        found = issues([config], [raw], kind=table["kind"], existing=existing)
        # The config stands alone here, and not in a list.
        _check([evolve(issue, place=issue.place[2:]) for issue in found])
        _check_circle([*others, raw], ())
        changed = self._tables.update_column(column, raw)
        self._prepare_people(table)
        self._reschedule(table)
        return success(changed)

    def _delete_column(self, incoming: Incoming) -> Reply:
        table = self._find(incoming)
        gone = self._tables.delete_column(self._tables.find_column(table, incoming.path["column_id"]))
        self._reschedule(table)
        return success(gone)

    def _reschedule(self, table: sqlite3.Row) -> None:
        # What cells waited for may not be there any more.
        with transaction(self._catalogue):
            self._runs.schedule(table)

    def _update_rows(self, incoming: Incoming) -> Reply:
        raw = parse(incoming.body, incoming.operation)
        decode(raw, RowsUpdate)
        table = self._find(incoming)
        return success(self._rows.change(table, raw["rows"], run=raw.get("run", False)))

    def _delete_rows(self, incoming: Incoming) -> Reply:
        body = decode(parse(incoming.body, incoming.operation), RowsDelete)
        return success(self._rows.delete(self._find(incoming), body.rows))

    def _get_row(self, incoming: Incoming) -> Reply:
        table = self._find(incoming)
        row = self._rows.get(table, incoming.path["row_id"])
        return success(row | {"columns": self._tables.header(table)["columns"]})

    def _create_discovery(self, incoming: Incoming) -> Reply:
        return success(self._discovery.create(parse(incoming.body, incoming.operation)))

    def _get_discovery(self, incoming: Incoming) -> Reply:
        return success(self._discovery.get(incoming.path["task_id"]))

    def _list_discoveries(self, incoming: Incoming) -> Reply:
        return success(self._discovery.page(**_tasks_window(incoming)))

    def _get_discovery_results(self, incoming: Incoming) -> Reply:
        window = paging.window(incoming.query)
        return success(self._discovery.results(incoming.path["task_id"], **window))

    def _resume_discovery(self, incoming: Incoming) -> Reply:
        raw = parse(incoming.body, incoming.operation)
        return success(self._discovery.resume(incoming.path["task_id"], raw))

    def _create_research(self, incoming: Incoming) -> Reply:
        return success(self._research.create(parse(incoming.body, incoming.operation)))

    def _get_research(self, incoming: Incoming) -> Reply:
        return success(self._research.get(incoming.path["task_id"]))

    def _get_user(self, _: Incoming) -> Reply:
        return success(self._account.user())

    def _get_billing(self, _: Incoming) -> Reply:
        return success(self._account.billing())

    def _list_research(self, incoming: Incoming) -> Reply:
        return success(self._research.page(**_tasks_window(incoming)))


def _tasks_window(incoming: Incoming) -> dict[str, int]:
    window = paging.window(incoming.query)
    return {"offset": window["offset"], "limit": TASKS_LIMIT if window["limit"] is None else window["limit"]}


def _get_healthcheck(_: Incoming) -> Reply:
    return success({"status": HEALTHY})


def _check(found: Sequence[Issue]) -> None:
    if found:
        raise invalid_body(*found)


def _check_circle(configs: Sequence[Config], place: Place) -> None:
    if keys := circle(configs):
        raise invalid_body(Issue(place, f"Circular column references: {', '.join(keys)}"))


def _bytes(token: str) -> bytes:
    # Header bytes that are no UTF-8 arrive as surrogates.
    return token.encode(errors="surrogateescape")
