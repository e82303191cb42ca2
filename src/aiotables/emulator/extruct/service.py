"""Extruct, behind its operations: who may call, what is asked, what is done, how it is answered."""

import hmac
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiotables.core.operations import Operation
from aiotables.core.sentinels import Unset
from aiotables.emulator.bodies import BodyError, Issue, decode, given, parse
from aiotables.emulator.calls import Incoming, Reply, bearer
from aiotables.emulator.choices import (
    CREDITS,
    DEFAULT_NAME,
    INVALID_AUTHENTICATION,
    NOT_AUTHENTICATED,
    OWNER_EMAIL,
    OWNER_ID,
)
from aiotables.emulator.extruct import paging
from aiotables.emulator.extruct.configs import issues, with_automatic
from aiotables.emulator.extruct.refusal import Refusal, invalid_body
from aiotables.emulator.extruct.replies import general_detail, refused, success
from aiotables.emulator.extruct.rows import Rows
from aiotables.emulator.extruct.tables import Tables
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import ColumnsCreate, RowsCreate, TableCreate, TableRunCreate


RUN_MODES = ("new", "all", "failed")


class ExtructService:
    """
    Answers the operations of Extruct.

    Args:
        tables: The tables.
        rows: Their rows and runs.
        token: The one token that is let in.
    """

    def __init__(self, tables: Tables, rows: Rows, token: str) -> None:
        self._tables = tables
        self._rows = rows
        self._token = token
        self._handlers: Mapping[str, Callable[[Incoming], Reply]] = {
            operations.CREATE_COLUMNS.name: self._create_columns,
            operations.CREATE_ROWS.name: self._create_rows,
            operations.CREATE_TABLE.name: self._create_table,
            operations.DELETE_TABLE.name: self._delete_table,
            operations.GET_TABLE.name: self._get_table,
            operations.GET_TABLE_DATA.name: self._get_table_data,
            operations.GET_USER.name: self._get_user,
            operations.LIST_TABLES.name: self._list_tables,
            operations.RUN_TABLE.name: self._run_table,
        }

    @property
    def operations(self) -> tuple[Operation[Any, Any], ...]:
        """The operations that exist here."""
        return tuple(operation for operation in operations.OPERATIONS if operation.name in self._handlers)

    def answer(self, incoming: Incoming) -> Reply:
        """Do what was called; a refusal is an answer, too."""
        try:
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
        return self._tables.find(incoming.path["table_id"])

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
                "discovery_tasks": None,
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

    def _get_user(self, _: Incoming) -> Reply:
        return success(
            {
                "user_id": OWNER_ID,
                "email": OWNER_EMAIL,
                "available_credits": CREDITS,
                "organization_id": None,
                "organization_name": None,
                "organization_slug": None,
                "organization_is_active": None,
            }
        )


def _check(found: Sequence[Issue]) -> None:
    if found:
        raise invalid_body(*found)


def _bytes(token: str) -> bytes:
    # Header bytes that are no UTF-8 arrive as surrogates.
    return token.encode(errors="surrogateescape")
