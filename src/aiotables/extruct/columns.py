"""Columns of a table."""

import builtins

from aiotables.core.client import Resource
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import ColumnConfig, ColumnOutput, ColumnsCreate


class Columns(Resource):
    """Columns of a table."""

    async def create(self, table_id: str, columns: ColumnsCreate) -> builtins.list[ColumnOutput]:
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

    async def update(self, table_id: str, column_id: str, config: ColumnConfig) -> ColumnOutput:
        """
        Replace the config of a column, whole.

        Args:
            table_id: Id of the table.
            column_id: Id (not key) of the column.
            config: The whole new config: what it leaves out is gone.

        Source: docs page api-reference/tables/update-table-column.
        """
        path = {"table_id": table_id, "column_id": column_id}
        return await self._call(operations.UPDATE_COLUMN, path=path, body=config)

    async def delete(self, table_id: str, column_id: str) -> ColumnOutput | None:
        """
        Delete a column.

        Args:
            table_id: Id of the table.
            column_id: Id (not key) of the column.

        Returns:
            The column that was, or `None` when it is not told (an answer without a body), or when a reply was lost and
            the repeated call found it gone.

        Source: docs page api-reference/tables/delete-table-column.
        """
        path = {"table_id": table_id, "column_id": column_id}
        return await self._call(operations.DELETE_COLUMN, path=path)
