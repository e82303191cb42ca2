"""Rows of a table."""

from collections.abc import Mapping
from typing import Any

import orjson

from aiotables.core.client import Resource
from aiotables.core.convert import Converter
from aiotables.core.paging import Listing, Page
from aiotables.core.sentinels import UNSET
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    DeletedRecord,
    DeletedRecords,
    Filters,
    RecordsDelete,
    RecordsUpdate,
    Scalar,
    UpdatedRecord,
    UpdatedRecords,
)


PAGE = 500
"""Most rows in a page (docs page reference/records/list-records)."""


class Records(Resource):
    """Rows of a table. The docs show no call that creates one; see `send_raw`."""

    def list(
        self,
        table: str,
        *,
        filters: Filters | None = None,
        sort: str | None = None,
        order: str | None = None,
        offset: int = 0,
        page_size: int = PAGE,
        most: int | None = None,
        prefetch: int = 0,
        key: str | None = None,
    ) -> Listing[dict[str, Any]]:
        """
        List rows as an async iterator, each a mapping of column name to value.

        Rows that are made or deleted meanwhile move the pages. The service can count all rows (`include_count`), but
        which key of its answer has the count is not documented, so that it is not asked for.

        Args:
            table: Its name.
            filters: Made by `where`, or plain JSON of either documented form.
            sort: Name of the column to sort by; without it the order is not documented.
            order: `asc` or `desc`.
            offset: Rows to pass over.
            page_size: Rows in one request, 1 to 500.
            most: Rows to give at the most.
            prefetch: Pages to read ahead.
            key: Name of a column that tells rows apart, so that one which comes twice is noticed.

        Source: docs page reference/records/list-records.
        """
        query = {"filters": _text(filters), "sort": sort, "order": order}

        async def fetch(start: int, limit: int) -> Page[dict[str, Any]]:
            found = await self._call(
                operations.LIST_RECORDS,
                path={"table": table},
                query={**query, "limit": limit, "offset": start},
            )
            # The service may take a lower limit than was asked for. Its example has a higher one, which says nothing.
            return Page(items=found.rows, offset=start, limit=max(min(found.limit, limit), 1))

        return Listing(
            fetch,
            offset=offset,
            page_size=page_size,
            most=most,
            prefetch=prefetch,
            identity=None if key is None else lambda row: row.get(key),
        )

    async def update(self, table: str, record_id: int | str, values: Mapping[str, Scalar]) -> UpdatedRecord:
        """
        Change values of a row, and return it fresh.

        Args:
            table: Its name.
            record_id: The row's primary key.
            values: New values by column name.

        Source: docs page reference/records/update-record.
        """
        # Of the two documented forms this one also fits a table with a column called `data`.
        body = {"data": {**values}}
        return await self._call(operations.UPDATE_RECORD, path={"table": table, "id": record_id}, body=body)

    async def delete(self, table: str, record_id: int | str) -> DeletedRecord | None:
        """
        Delete a row.

        Args:
            table: Its name.
            record_id: The row's primary key.

        Returns:
            What was deleted, or `None` when it is not told (an answer without a body), or when a reply was lost and
            the repeated call found it gone.

        Source: docs page reference/records/delete-record.
        """
        return await self._call(operations.DELETE_RECORD, path={"table": table, "id": record_id})

    async def bulk_update(
        self, table: str, values: Mapping[str, Scalar], *, where: Filters
    ) -> UpdatedRecords:
        """
        Change values of all rows that fit.

        Args:
            table: Its name.
            values: New values by column name.
            where: Made by `where`, or plain JSON of either documented form.

        Source: docs page filters; the reference page could not be read, so the answer is inferred.
        """
        body = RecordsUpdate(data={**values}, where=_json(where))
        return await self._call(operations.UPDATE_RECORDS, path={"table": table}, body=body)

    async def bulk_delete(
        self, table: str, *, where: Filters | None = None, allow_all: bool = False
    ) -> DeletedRecords | None:
        """
        Delete all rows that fit. It cannot be undone.

        When a reply is lost, the repeated call counts only the rows that were still there.

        Args:
            table: Its name.
            where: Made by `where`, or plain JSON of either documented form.
            allow_all: Delete every row; without it the service refuses an empty filter.

        Returns:
            How many were deleted, or `None` when it is not told (an answer without a body), or when a reply was lost and
            the repeated call found the table gone.

        Source: docs page reference/records/bulk-delete-records.
        """
        body = RecordsDelete(
            where=UNSET if where is None else _json(where), allow_all=True if allow_all else UNSET
        )
        return await self._call(operations.DELETE_RECORDS, path={"table": table}, body=body)


def _json(filters: Filters) -> Any:  # noqa: ANN401 -- any JSON
    return _converter.to_wire(filters)


def _text(filters: Filters | None) -> str | None:
    return None if filters is None else orjson.dumps(_json(filters)).decode()


_converter = Converter()
