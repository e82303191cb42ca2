"""Tables of a project."""

from aiotables.core.client import Resource
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    CreatedTable,
    TableCreate,
    TableUpdate,
    TableWithColumns,
    UpdatedTable,
)


class Tables(Resource):
    """Tables of the project."""

    async def create(self, table: TableCreate) -> CreatedTable:
        """
        Create a table with its first columns.

        If the reply is lost, the table is looked up by its name before anything is sent again.

        Args:
            table: Name, display name and columns. Without a primary key the service prepends `id`.

        Raises:
            TableExists: A table with that name was there before the call.
            OutcomeUnknown: The reply was lost and the look-up could not settle it.

        Source: docs page reference/tables/create-table.
        """
        return await self._call(operations.CREATE_TABLE, body=table)

    async def get(self, table: int | str) -> TableWithColumns:
        """
        Get a table with its columns.

        Args:
            table: Its number or its name.

        Raises:
            NotFound: There is none.

        Source: docs page reference/tables/get-table.
        """
        return await self._call(operations.GET_TABLE, path={"table_id_or_name": table})

    async def update(self, table: int | str, changes: TableUpdate) -> UpdatedTable:
        """
        Change the display name; the docs name no call that changes the name itself.

        Args:
            table: Its number or its name.
            changes: A display name of null takes it away.

        Source: docs page reference/tables/update-table.
        """
        return await self._call(operations.UPDATE_TABLE, path={"table_id_or_name": table}, body=changes)
