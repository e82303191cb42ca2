"""The Extruct client: what the docs name, grouped as the docs group it."""

from collections.abc import AsyncIterator, Sequence
from typing import Unpack

from yarl import URL

from aiotables.core.client import ApiClient, Options, Resource
from aiotables.core.convert import Converter
from aiotables.core.sentinels import UNSET
from aiotables.extruct import settling
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import (
    ColumnOutput,
    ColumnsCreate,
    Row,
    RowsCreate,
    RunMode,
    TableCreate,
    TableData,
    TableHeader,
    TableHeaderWithStatus,
    TableListItem,
    TableRun,
    TableRunCreate,
    User,
)
from aiotables.extruct.dialect import Detail
from aiotables.extruct.marking import mark_rows, mark_table, new_mark


class Tables(Resource):
    """Tables of the workspace."""

    async def create(self, table: TableCreate, *, mark: bool | str = False) -> TableHeader:
        """
        Create a table.

        Names repeat in Extruct. If the reply is lost, the table is looked for by its mark, or else by name, owner and
        time, before anything is sent again.

        Args:
            table: Name, kind and columns; the service takes `company` as the kind when it is left out.
            mark: Put the tag `aiotables:<id>` on the table, so that it can be told from all others. A text is taken as
                the id.

        Raises:
            OutcomeUnknown: The reply was lost and looking could not settle it.
            ValidationFailed: Mostly a column config of a wrong shape.

        Source: docs page api-reference/tables/create-table.
        """
        if mark:
            table = mark_table(table, mark if isinstance(mark, str) else new_mark())
        return await self._call(operations.CREATE_TABLE, body=table)

    async def list(
        self,
        *,
        kind: str | None = None,
        scope: str | None = None,
        search: str | None = None,
        tags: Sequence[str] | None = None,
        sort: str | None = None,
        offset: int = 0,
        page_size: int = 100,
    ) -> AsyncIterator[TableListItem]:
        """
        List root tables; child tables are left out by the service.

        Args:
            kind: `generic`, `company` or `people`.
            scope: `personal` for one's own, `organization` for all that are visible.
            search: Text in names and descriptions, whatever the case.
            tags: Tables with any of these.
            sort: `created_at`, `name` or `num_rows`, with `-` in front for descending.
            offset: Tables to pass over.
            page_size: Tables in one request, 1 to 100.

        Source: docs page api-reference/tables/list-tables.
        """
        query = {"kind": kind, "scope": scope, "search": search, "tags": tags, "sort": sort}
        while True:
            page = await self._call(
                operations.LIST_TABLES, query={**query, "offset": offset, "limit": page_size}
            )
            for table in page:
                yield table
            if not page or len(page) < page_size:
                return
            offset += page_size

    async def get(self, table_id: str) -> TableHeaderWithStatus:
        """
        Get a table with its columns and the status of its work.

        Args:
            table_id: Id of the table.

        Raises:
            NotFound: There is none, or it is not visible.

        Source: docs page api-reference/tables/get-table.
        """
        return await self._call(operations.GET_TABLE, path={"table_id": table_id})

    async def delete(self, table_id: str) -> TableHeader | None:
        """
        Delete a table. It cannot be undone.

        Args:
            table_id: Id of the table.

        Returns:
            The table that was, or `None` when a reply was lost and the repeated call found it gone.

        Source: docs page api-reference/tables/delete-table.
        """
        return await self._call(operations.DELETE_TABLE, path={"table_id": table_id})

    async def data(self, table_id: str, *, offset: int | None = None, limit: int | None = None) -> TableData:
        """
        Get a table with its rows and cells.

        Args:
            table_id: Id of the table.
            offset: Rows to pass over.
            limit: Most rows to answer with; the docs name no default and no maximum.

        Source: docs page api-reference/tables/get-table-data.
        """
        return await self._call(
            operations.GET_TABLE_DATA,
            path={"table_id": table_id},
            query={"offset": offset, "limit": limit},
        )

    async def run(
        self,
        table_id: str,
        *,
        mode: str = "new",
        rows: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
    ) -> TableRun:
        """
        Start work on cells, and return at once.

        Args:
            table_id: Id of the table.
            mode: `new` for cells without a value, `all`, or `failed`.
            rows: Ids of the rows; all when left out.
            columns: Ids (not keys) of the columns; all when left out.

        Raises:
            OutcomeUnknown: The reply was lost. No documented call reads a run, so look at the table's status.

        Source: docs page api-reference/tables/run-table.
        """
        body = TableRunCreate(
            mode=RunMode(mode),
            rows=UNSET if rows is None else [*rows],
            columns=UNSET if columns is None else [*columns],
        )
        return await self._call(operations.RUN_TABLE, path={"table_id": table_id}, body=body)


class Columns(Resource):
    """Columns of a table."""

    async def create(self, table_id: str, columns: ColumnsCreate) -> list[ColumnOutput]:
        """
        Add columns. This starts no work.

        If the reply is lost, the table's columns are read before anything is sent again.

        Args:
            table_id: Id of the table.
            columns: Their configs, and where to put them.

        Raises:
            OutcomeUnknown: The reply was lost and reading the table could not settle it.

        Source: docs page api-reference/tables/create-table-columns.
        """
        return await self._call(operations.CREATE_COLUMNS, path={"table_id": table_id}, body=columns)


class Rows(Resource):
    """Rows of a table."""

    async def create(self, table_id: str, rows: RowsCreate, *, mark: bool | str = False) -> list[Row]:
        """
        Append rows. The vendor advises at most 50 in a call.

        If the reply is lost, the rows are read back before anything is sent again.

        Args:
            table_id: Id of the table.
            rows: The rows, and whether work on them starts at once.
            mark: Put `{"aiotables": "<id>"}` in each row's metadata, so that they can be told from equal ones. A text
                is taken as the id.

        Raises:
            OutcomeUnknown: The reply was lost and reading back could not settle it.

        Source: docs page api-reference/tables/create-table-rows.
        """
        if mark:
            rows = mark_rows(rows, mark if isinstance(mark, str) else new_mark())
        return await self._call(operations.CREATE_ROWS, path={"table_id": table_id}, body=rows)


class Extruct(ApiClient):
    """
    A client of one Extruct workspace.

    ```python
    async with Extruct(token="…") as extruct:
        table = await extruct.tables.create(TableCreate(name="Accounts"), mark=True)
    ```

    Args:
        token: API token; else `EXTRUCT_API_TOKEN` of the environment.
        options: See `Options`. The base URL, with or without `/v1`, may come from `EXTRUCT_BASE_URL`.

    Raises:
        SettingsError: A setting is missing or wrong.
    """

    _token_variable = "EXTRUCT_API_TOKEN"  # noqa: S105 -- the variable's name
    _base_url_variable = "EXTRUCT_BASE_URL"
    _default_base_url = "https://api.extruct.ai"

    def __init__(self, *, token: str | None = None, **options: Unpack[Options]) -> None:
        super().__init__(token=token, dialect=Detail(), rules=settling.RULES, converter=_CONVERTER, **options)
        self._calls.base = _without_version(self._calls.base)
        self.tables = Tables(self)
        self.columns = Columns(self)
        self.rows = Rows(self)

    async def user(self) -> User:
        """
        Say whose token the calls are made with, and the credits left.

        Source: docs page api-reference/user.
        """
        return (await self.send(operations.GET_USER)).value


def _without_version(base: URL) -> URL:
    # The vendor writes its base URL with `/v1` and without; the operations' paths begin with it.
    return base.with_path(base.raw_path.removesuffix("/").removesuffix("/v1") or "/", encoded=True)


_CONVERTER = Converter()
