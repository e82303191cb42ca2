"""Deleting on Extruct: tables, and columns and rows that were added to tables of others."""

import itertools
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any, Final

from aiotables.core.convert import Converter
from aiotables.core.counting import counted
from aiotables.core.errors import NotFound
from aiotables.core.operations import Operation
from aiotables.extruct import Extruct
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import ColumnOutput, Row
from aiotables.extruct.marking import TAG_PREFIX, mark_of
from aiotables.provision import batches
from aiotables.provision.desired import identity
from aiotables.provision.journal import Made
from aiotables.provision.removing.deletion import Deletion, Gone, Left, Look, Ours, kept, read_deletion
from aiotables.provision.removing.window import made_within
from aiotables.provision.steps import CREATE


PAGE: Final = 500
"""Rows read in one call."""

AT_ONCE: Final = 100
"""Rows deleted in one call. The docs give no limit."""

_OPERATIONS: Final[Mapping[str, Operation[Any, Any]]] = {
    each.name: each for each in (operations.DELETE_TABLE, operations.DELETE_COLUMN, operations.DELETE_ROWS)
}
_converter = Converter()


class ExtructRemover:
    """
    Deletes in one workspace.

    Args:
        client: Of the workspace.
        manifest: The name of the manifest: part of the marks.
        undocumented: Whether tables with children are deleted, though the docs do not say what becomes of those.
    """

    def __init__(self, client: Extruct, *, manifest: str, undocumented: bool) -> None:
        self.client = client
        self._manifest = manifest
        self._undocumented = undocumented

    async def look(self, made: Made) -> Look:
        """A table by its id and its mark, rows by their marks, columns by their keys and the time they were made."""
        try:
            if made.step == CREATE:
                return await self._table(made)
            if made.step == "columns":
                return await self._columns(made)
            if made.step.startswith(batches.PREFIX):
                return await self._rows(made)
        except NotFound:
            return Gone()
        return kept(made.step)

    async def is_gone(self, step: str, table_id: str) -> bool:  # noqa: ARG002 -- the docs say that deleting is for ever
        """What the service says is believed."""
        return True

    def read(self, data: Mapping[str, Any]) -> Deletion:
        """A deletion out of the journal."""
        return read_deletion(data, _OPERATIONS)

    async def _table(self, made: Made) -> Look:
        header = await self.client.tables.get(made.table_id)
        mark = TAG_PREFIX + identity(self._manifest, made.target, made.key)
        if mark not in (header.tags or ()):
            return Left(f"table {header.id} does not carry the mark {mark}, so it is not surely ours")
        children = len(header.child_relationships or ())
        if children and not self._undocumented:
            hanging = counted(children, "table hangs", "tables hang")
            return Left(
                f"{hanging} on it, and the docs do not say what deleting it does to them; "
                "--undocumented deletes it all the same"
            )
        return Ours((Deletion(operation=operations.DELETE_TABLE, path={"table_id": header.id}),))

    async def _columns(self, made: Made) -> Look:
        reply = await self.client.send(operations.GET_TABLE, path={"table_id": made.table_id})
        keys = {config.get("key") for config in made.sent["body"]["column_configs"]}
        ours = [
            column.id
            for column in reply.value.columns
            if _key(column) in keys and made_within(made, reply, column.created_at)
        ]
        if not ours:
            return Gone()
        return Ours(tuple(self._column(made, column_id) for column_id in ours))

    @staticmethod
    def _column(made: Made, column_id: str) -> Deletion:
        path = {"table_id": made.table_id, "column_id": column_id}
        return Deletion(operation=operations.DELETE_COLUMN, path=path)

    async def _rows(self, made: Made) -> Look:
        marks = {mark_of(row.get("metadata")) for row in made.sent["body"]["rows"]} - {None}
        ours = [row.id async for row in self._all_rows(made.table_id) if mark_of(row.metadata) in marks]
        if not ours:
            return Gone("no row carries its mark any more")
        path = {"table_id": made.table_id}
        return Ours(
            tuple(Deletion(operation=operations.DELETE_ROWS, path=path, rows=ids) for ids in _chunks(ours))
        )

    async def _all_rows(self, table_id: str) -> AsyncIterator[Row]:
        offset = 0
        while rows := (await self.client.tables.data(table_id, offset=offset, limit=PAGE)).rows:
            offset += len(rows)
            for row in rows:
                yield row


def _key(column: ColumnOutput) -> object:
    return _converter.to_wire(column.config).get("key")


def _chunks(ids: Iterable[str]) -> Iterator[tuple[str, ...]]:
    stream = iter(ids)
    while chunk := tuple(itertools.islice(stream, AT_ONCE)):
        yield chunk
