"""Columns of a table."""

from aiotables.core.client import Resource
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    ColumnCreate,
    ColumnList,
    ColumnsUpdate,
    ColumnUpdate,
    CreatedColumn,
    DeletedColumn,
    UpdatedColumn,
    UpdatedColumns,
)


class Columns(Resource):
    """Columns of a table."""

    async def list(self, table: str) -> ColumnList:
        """
        List all columns of a table.

        Args:
            table: Its name.

        Source: docs page reference/columns/list-columns.
        """
        return await self._call(operations.LIST_COLUMNS, path={"table": table})

    async def create(self, table: str, column: ColumnCreate) -> CreatedColumn:
        """
        Add a column that is no primary key.

        If the reply is lost, the table's columns are listed before anything is sent again.

        Args:
            table: Its name.
            column: Name, type and rules of the new column.

        Raises:
            Conflict: A column with that name was there before the call.
            OutcomeUnknown: The reply was lost and the listing could not settle it.

        Source: docs page reference/columns/create-column.
        """
        return await self._call(operations.CREATE_COLUMN, path={"table": table}, body=column)

    async def update(self, table: str, column: int | str, changes: ColumnUpdate) -> UpdatedColumn:
        """
        Rename or change a column.

        When the reply to a renaming is lost, the repeated call may raise `NotFound`, as the old name is gone.

        Args:
            table: Its name.
            column: Number or name of the column.
            changes: The type can only be changed before the column has values.

        Source: docs page reference/columns/update-column.
        """
        path = {"table": table, "column_id_or_name": column}
        return await self._call(operations.UPDATE_COLUMN, path=path, body=changes)

    async def update_many(self, table: str, changes: ColumnsUpdate) -> UpdatedColumns:
        """
        Change several columns in one call; whether it is all or nothing is not documented.

        Args:
            table: Its name.
            changes: Each names its column, and what to change of it.

        Source: docs page reference/columns/bulk-update-columns.
        """
        return await self._call(operations.UPDATE_COLUMNS, path={"table": table}, body=changes)

    async def delete(self, table: str, column: int | str) -> DeletedColumn | None:
        """
        Drop a column that is no primary key, with its values. It cannot be undone.

        Args:
            table: Its name.
            column: Number or name of the column.

        Returns:
            What was dropped, or `None` when it is not told (an answer without a body), or when a reply was lost and
            the repeated call found it gone.

        Source: docs page reference/columns/delete-column.
        """
        path = {"table": table, "column_id_or_name": column}
        return await self._call(operations.DELETE_COLUMN, path=path)
