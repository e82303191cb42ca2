"""Deleting on ZangTable: tables by a call that the docs do not name, and columns that were added to tables of others."""

from collections.abc import Mapping
from typing import Any, Final, cast

from aiotables.core.errors import NotFound
from aiotables.core.operations import Effect, Operation, Parameter
from aiotables.provision.journal import Made
from aiotables.provision.removing.deletion import Deletion, Gone, Left, Look, Ours, kept, read_deletion
from aiotables.provision.removing.window import made_within
from aiotables.provision.steps import CREATE, PROJECT
from aiotables.zangtable import ZangTable
from aiotables.zangtable._generated import operations


DELETE_TABLE: Final[Operation[None, Any]] = Operation(
    name="zangtable.delete_table",
    method="DELETE",
    path="/projects/{project}/table/{table_id_or_name}",
    effect=Effect.REPLACE,
    result=cast("type[Any]", Any),
    parameters=(
        Parameter(name="project", location="path", required=True),
        Parameter(name="table_id_or_name", location="path", required=True),
    ),
    gone_is_done=True,
    evidence="inferred",
)
"""No docs page names it: the path is that of reading a table, the method that of deleting a column (inferred)."""

UNDOCUMENTED: Final = (
    "ZangTable documents no call that deletes a table; "
    "--undocumented tries the likely one, and looks whether the table is gone"
)
_OPERATIONS: Final[Mapping[str, Operation[Any, Any]]] = {
    each.name: each for each in (DELETE_TABLE, operations.DELETE_COLUMN, operations.DELETE_PROJECT)
}


class ZangTableRemover:
    """
    Deletes in one project.

    Args:
        client: Of the project.
        undocumented: Whether to delete tables by the call that no docs page names.
    """

    def __init__(self, client: ZangTable, *, undocumented: bool) -> None:
        self.client = client
        self._undocumented = undocumented

    async def look(self, made: Made) -> Look:
        """
        A table by its number, name and the time it was made, a column by its name and time.

        A project by its token alone: no documented call tells when one was made, so that the journal has to.
        """
        kind, _, name = made.step.partition(":")
        try:
            if made.step == CREATE:
                return await self._table(made)
            if made.step == PROJECT:
                return await self._project()
            if kind == "column":
                return await self._column(made, name)
        except NotFound:
            return Gone()
        return kept(made.step)

    async def is_gone(self, step: str, table_id: str) -> bool:
        """Whether a table can no longer be read; what is documented is believed."""
        if step != CREATE:
            return True
        try:
            await self.client.tables.get(table_id)
        except NotFound:
            return True
        return False

    def read(self, data: Mapping[str, Any]) -> Deletion:
        """A deletion out of the journal."""
        return read_deletion(data, _OPERATIONS)

    async def _project(self) -> Look:
        await self.client.auth.me()
        return Ours((Deletion(operation=operations.DELETE_PROJECT, path={}, project=self.client.project),))

    async def _table(self, made: Made) -> Look:
        reply = await self.client.send(operations.GET_TABLE, path={"table_id_or_name": made.table_id})
        table, name = reply.value.table, made.sent["body"]["table_name"]
        if table.table_name != name or not made_within(made, reply, table.created_at):
            return Left(
                f"table {table.id} is {table.table_name} of {table.created_at}, not the one that was made"
            )
        if not self._undocumented:
            return Left(UNDOCUMENTED)
        return Ours((Deletion(operation=DELETE_TABLE, path={"table_id_or_name": str(table.id)}),))

    async def _column(self, made: Made, name: str) -> Look:
        reply = await self.client.send(operations.GET_TABLE, path={"table_id_or_name": made.table_id})
        for column in reply.value.columns:
            if column.column_name == name and made_within(made, reply, column.created_at):
                path = {"table": reply.value.table.table_name, "column_id_or_name": str(column.id)}
                return Ours((Deletion(operation=operations.DELETE_COLUMN, path=path),))
        return Gone()
