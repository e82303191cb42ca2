"""Extruct, behind its operations: who may call, what is asked, what is done, how it is answered."""

import hmac
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve

from aiotables.core.operations import Operation
from aiotables.core.sentinels import Unset
from aiotables.emulator.bodies import BodyError, Issue, decode, given, parse
from aiotables.emulator.calls import Incoming, Reply, bearer
from aiotables.emulator.choices import (
    CREDITS,
    DEFAULT_NAME,
    HEALTHY,
    INVALID_AUTHENTICATION,
    NOT_AUTHENTICATED,
    OWNER_EMAIL,
    OWNER_ID,
    PLAN_TIER,
    TASKS_LIMIT,
)
from aiotables.emulator.clock import Clock
from aiotables.emulator.extruct import paging, search
from aiotables.emulator.extruct.clones import clone
from aiotables.emulator.extruct.configs import issues, with_automatic
from aiotables.emulator.extruct.discovery import Discovery
from aiotables.emulator.extruct.refusal import Refusal, invalid_body
from aiotables.emulator.extruct.replies import general_detail, refused, success
from aiotables.emulator.extruct.research import Research
from aiotables.emulator.extruct.rows import Rows
from aiotables.emulator.extruct.tables import Tables
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
        token: The one token that is let in.
    """

    def __init__(
        self,
        catalogue: sqlite3.Connection,
        *,
        tables: Tables,
        rows: Rows,
        discovery: Discovery,
        research: Research,
        clock: Clock,
        token: str,
    ) -> None:
        self._catalogue = catalogue
        self._tables = tables
        self._rows = rows
        self._discovery = discovery
        self._research = research
        self._clock = clock
        self._token = token
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
            operations.FIND_SIMILAR_COMPANIES.name: search.find_similar,
            operations.FIND_SIMILAR_COMPANIES_GET.name: search.find_similar_get,
            operations.GET_BILLING.name: _get_billing,
            operations.GET_COMPANY.name: search.get_company,
            operations.GET_DEEP_RESEARCH_TASK.name: self._get_research,
            operations.GET_DISCOVERY_RESULTS.name: self._get_discovery_results,
            operations.GET_DISCOVERY_TASK.name: self._get_discovery,
            operations.GET_HEALTHCHECK.name: _get_healthcheck,
            operations.GET_ROW.name: self._get_row,
            operations.GET_TABLE.name: self._get_table,
            operations.GET_TABLE_DATA.name: self._get_table_data,
            operations.GET_USER.name: _get_user,
            operations.LIST_DEEP_RESEARCH_TASKS.name: self._list_research,
            operations.LIST_DISCOVERY_TASKS.name: self._list_discoveries,
            operations.LIST_TABLES.name: self._list_tables,
            operations.RESUME_DISCOVERY_TASK.name: self._resume_discovery,
            operations.RUN_TABLE.name: self._run_table,
            operations.SEARCH_COMPANIES.name: search.search_companies,
            operations.SEARCH_COMPANIES_GET.name: search.search_companies_get,
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
        table_id = self._tables.create(
            name=DEFAULT_NAME if isinstance(body.name, Unset) else body.name,
            description=given(body.description),
            tags=given(body.tags),
            kind=kind,
            configs=with_automatic(kind, configs),
        )
        return success(self._tables.header(self._tables.find(table_id)))

    def _list_tables(self, incoming: Incoming) -> Reply:
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
        existing = [column["key"] for column in self._tables.columns(table["pk"])]
        _check(issues(body.column_configs, raw["column_configs"], kind=table["kind"], existing=existing))
        return success(
            self._tables.add_columns(table, raw["column_configs"], insert_after=raw.get("insert_after", True))
        )

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
        copy = clone(self._catalogue, self._find(incoming), self._clock, schema_only=schema_only)
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
        others = [each["key"] for each in self._tables.columns(table["pk"]) if each["pk"] != column["pk"]]
        found = issues([config], [raw], kind=table["kind"], existing=others)
        # The config stands alone here, and not in a list.
        _check([evolve(issue, place=issue.place[2:]) for issue in found])
        return success(self._tables.update_column(column, raw))

    def _delete_column(self, incoming: Incoming) -> Reply:
        column = self._tables.find_column(self._find(incoming), incoming.path["column_id"])
        return success(self._tables.delete_column(column))

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

    def _list_research(self, incoming: Incoming) -> Reply:
        return success(self._research.page(**_tasks_window(incoming)))


def _tasks_window(incoming: Incoming) -> dict[str, int]:
    window = paging.window(incoming.query)
    return {"offset": window["offset"], "limit": TASKS_LIMIT if window["limit"] is None else window["limit"]}


_USER = {
    "user_id": OWNER_ID,
    "email": OWNER_EMAIL,
    "available_credits": CREDITS,
    "organization_id": None,
    "organization_name": None,
    "organization_slug": None,
    "organization_is_active": None,
}


def _get_user(_: Incoming) -> Reply:
    return success(_USER)


def _get_billing(_: Incoming) -> Reply:
    return success({"user": _USER, "subscription": {"requires_subscription": True, "plan_tier": PLAN_TIER}})


def _get_healthcheck(_: Incoming) -> Reply:
    return success({"status": HEALTHY})


def _check(found: Sequence[Issue]) -> None:
    if found:
        raise invalid_body(*found)


def _bytes(token: str) -> bytes:
    # Header bytes that are no UTF-8 arrive as surrogates.
    return token.encode(errors="surrogateescape")
