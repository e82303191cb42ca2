"""Rows of a table."""

import builtins
from collections.abc import Sequence
from typing import Final

from attrs import evolve

from aiotables.core.client import Resource
from aiotables.core.operations import Effect, Operation
from aiotables.core.paging import Listing, Page
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import Row, RowDetail, RowsCreate, RowsDelete, RowsUpdate
from aiotables.extruct.marking import mark_rows, new_mark


PAGE = 500
"""Rows in one request. The docs name no maximum."""

# With an id on every row and no run, sending it again ends in the same state.
_REPLACE_ROWS: Final[Operation[RowsUpdate, list[Row]]] = evolve(operations.UPDATE_ROWS, effect=Effect.REPLACE)


class Rows(Resource):
    """Rows of a table."""

    def list(
        self,
        table_id: str,
        *,
        offset: int = 0,
        page_size: int = PAGE,
        most: int | None = None,
        prefetch: int = 0,
    ) -> Listing[Row]:
        """
        Read the rows and cells of a table as an async iterator, a page at a time.

        Args:
            table_id: Id of the table.
            offset: Rows to pass over.
            page_size: Rows in one request; large cells may call for fewer.
            most: Rows to give at the most.
            prefetch: Pages to read ahead.

        Source: docs page api-reference/tables/get-table-data.
        """

        async def fetch(start: int, limit: int) -> Page[Row]:
            data = await self._call(
                operations.GET_TABLE_DATA,
                path={"table_id": table_id},
                query={"offset": start, "limit": limit},
            )
            # The docs name no maximum, so a page may be cut; then the count of the table says that there is more.
            return Page(items=data.rows, offset=start, limit=limit, total=data.status.num_rows or None)

        return Listing(
            fetch,
            offset=offset,
            page_size=page_size,
            most=most,
            prefetch=prefetch,
            identity=lambda row: row.id,
        )

    async def create(
        self, table_id: str, rows: RowsCreate, *, mark: bool | str = False
    ) -> builtins.list[Row]:
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

    async def get(self, table_id: str, row_id: str) -> RowDetail:
        """
        Get a row with its cells and the columns of its table.

        Args:
            table_id: Id of the table.
            row_id: Id of the row.

        Source: docs page api-reference/tables/get-table-row.
        """
        return await self._call(operations.GET_ROW, path={"table_id": table_id, "row_id": row_id})

    async def update(self, table_id: str, rows: RowsUpdate) -> builtins.list[Row]:
        """
        Update rows, and append those without an id.

        With an id on every row and no run the call may be repeated, and is when a reply is lost.

        Args:
            table_id: Id of the table.
            rows: The rows, and whether work on them starts at once.

        Raises:
            OutcomeUnknown: The reply was lost, rows without an id or a run were asked for, and reading back could not
                settle it.

        Source: docs page api-reference/tables/update-table-rows.
        """
        repeatable = not rows.run and all(row.id for row in rows.rows)
        operation = _REPLACE_ROWS if repeatable else operations.UPDATE_ROWS
        return await self._call(operation, path={"table_id": table_id}, body=rows)

    async def delete(self, table_id: str, rows: Sequence[str]) -> builtins.list[str] | None:
        """
        Delete rows. It cannot be undone.

        Args:
            table_id: Id of the table.
            rows: Ids of the rows.

        Returns:
            Ids of the rows that were deleted, or `None` when they are not told (an answer without a body).

        Source: docs page api-reference/tables/delete-table-rows.
        """
        body = RowsDelete(rows=[*rows])
        return await self._call(operations.DELETE_ROWS, path={"table_id": table_id}, body=body)
