"""Indexes of a table."""

from attrs import evolve

from aiotables.core.client import Resource
from aiotables.core.sentinels import UNSET
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    CreatedIndex,
    IndexCreate,
)


class Indexes(Resource):
    """Indexes of a table."""

    async def create(self, table: str, index: IndexCreate) -> CreatedIndex:
        """
        Create an index.

        An index that is not named is named here, `idx_<table>_<columns>` as the service's example has it: without a
        name a lost reply could not be settled.

        Args:
            table: Name of the table.
            index: Columns, and name and uniqueness if wanted.

        Raises:
            Conflict: An index with that name and another definition was there before the call.
            OutcomeUnknown: The reply was lost and reading the catalogue could not settle it.

        Source: docs page reference/query/create-index.
        """
        if index.index_name is UNSET:
            index = evolve(index, index_name="_".join(("idx", table, *index.columns)))
        return await self._call(operations.CREATE_INDEX, path={"table": table}, body=index)
