"""Tables of a workspace."""

from collections.abc import Callable, Sequence

from aiotables.core.client import Resource
from aiotables.core.paging import Listing, Page
from aiotables.core.polling import WaitPolicy, wait_for
from aiotables.core.sentinels import UNSET
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import (
    RunMode,
    TableCreate,
    TableData,
    TableHeader,
    TableHeaderWithStatus,
    TableListItem,
    TableRun,
    TableRunCreate,
    TableUpdate,
)
from aiotables.extruct.marking import mark_table, new_mark
from aiotables.extruct.runs import Finished, IdleRule


PAGE = 100
"""Most tables in a page (docs page api-reference/tables/list-tables)."""

TOTAL_HEADER = "x-extruct-pagination-total"
LIMIT_HEADER = "x-extruct-pagination-limit"


class Tables(Resource):
    """Tables of the workspace."""

    def list(
        self,
        *,
        kind: str | None = None,
        scope: str | None = None,
        search: str | None = None,
        tags: Sequence[str] | None = None,
        sort: str | None = None,
        offset: int = 0,
        page_size: int = PAGE,
        most: int | None = None,
        prefetch: int = 0,
    ) -> Listing[TableListItem]:
        """
        List root tables, as an async iterator; child tables are left out by the service.

        Args:
            kind: `generic`, `company` or `people`.
            scope: `personal` for one's own, `organization` for all that are visible.
            search: Text in names and descriptions, whatever the case.
            tags: Tables with any of these.
            sort: `created_at`, `name` or `num_rows`, with `-` in front for descending.
            offset: Tables to pass over.
            page_size: Tables in one request, 1 to 100.
            most: Tables to give at the most.
            prefetch: Pages to read ahead.

        Source: docs page api-reference/tables/list-tables.
        """
        query = {"kind": kind, "scope": scope, "search": search, "tags": tags, "sort": sort}

        async def fetch(start: int, limit: int) -> Page[TableListItem]:
            reply = await self._client.send(
                operations.LIST_TABLES, query={**query, "offset": start, "limit": limit}
            )
            return Page(
                items=reply.value,
                offset=start,
                limit=_count(reply.headers.get(LIMIT_HEADER)) or min(limit, PAGE),
                total=_count(reply.headers.get(TOTAL_HEADER)),
            )

        return Listing(
            fetch,
            offset=offset,
            page_size=page_size,
            most=most,
            prefetch=prefetch,
            identity=lambda table: table.id,
        )

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

    async def update(self, table_id: str, changes: TableUpdate) -> TableHeader:
        """
        Change name, description or tags, or move columns.

        Args:
            table_id: Id of the table.
            changes: What is left out stays as it is.

        Source: docs page api-reference/tables/update-table.
        """
        return await self._call(operations.UPDATE_TABLE, path={"table_id": table_id}, body=changes)

    async def delete(self, table_id: str) -> TableHeader | None:
        """
        Delete a table. It cannot be undone.

        Args:
            table_id: Id of the table.

        Returns:
            The table that was, or `None` when it is not told (an answer without a body), or when a reply was lost and
            the repeated call found it gone.

        Source: docs page api-reference/tables/delete-table.
        """
        return await self._call(operations.DELETE_TABLE, path={"table_id": table_id})

    async def clone(self, table_id: str, *, schema_only: bool = False) -> TableHeader:
        """
        Clone a table with its parents and children.

        Args:
            table_id: Id of the table.
            schema_only: Copy the columns alone, and no rows.

        Raises:
            OutcomeUnknown: The reply was lost, and no one table could be told to be the clone: it carries no mark.

        Source: docs page api-reference/tables/clone-table.
        """
        query = {"schema_only": schema_only}
        return await self._call(operations.CLONE_TABLE, path={"table_id": table_id}, query=query)

    async def data(self, table_id: str, *, offset: int | None = None, limit: int | None = None) -> TableData:
        """
        Get a table with its rows and cells, in one request. For many rows use `rows.list`.

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
            OutcomeUnknown: The reply was lost. No documented call reads a run, so the error says how the table is.

        Source: docs page api-reference/tables/run-table.
        """
        body = TableRunCreate(
            mode=RunMode(mode),
            rows=UNSET if rows is None else [*rows],
            columns=UNSET if columns is None else [*columns],
        )
        return await self._call(operations.RUN_TABLE, path={"table_id": table_id}, body=body)

    async def wait_until_idle(
        self,
        table_id: str,
        *,
        after: TableRun | None = None,
        expecting: bool = False,
        patience: float = 30.0,
        policy: WaitPolicy | None = None,
        progress: Callable[[TableHeaderWithStatus], None] | None = None,
    ) -> Finished:
        """
        Wait until no work goes on in a table: its status is idle, and no cell is in progress.

        Args:
            table_id: Id of the table.
            after: The run to wait for. Just after it was accepted the table may still read idle, so a first idle is only
                trusted when there was work to see, or after the patience.
            expecting: Whether work was started in another way, such as by rows that were sent with `run=True`; then
                a first idle is not trusted either.
            patience: Seconds after which idle is believed although no work was seen.
            policy: How often to look, and for how long.
            progress: Called with each state seen.

        Raises:
            WaitTimedOut: It was not idle by the policy's deadline.

        Source: docs page api-guides/ai-tables/ai-table-basics.
        """
        clock = self._client.clock
        rule = IdleRule(
            expecting=expecting or (after is not None and after.num_requested_cells > 0),
            refills=after is not None and after.mode is RunMode.ALL,
            patience=patience,
            now=clock.monotonic,
        )
        table = await wait_for(
            lambda: self.get(table_id),
            done=lambda state: rule.is_idle(state.status),
            what=f"the work on table {table_id}",
            policy=policy or WaitPolicy(),
            clock=clock,
            progress=progress,
        )
        return Finished.of(table)


def _count(text: str | None) -> int | None:
    # The docs name the headers and not their form; that they are whole numbers is inferred.
    return int(text) if text is not None and text.isdecimal() else None
