"""Exports: files of tables, databases and schemas."""

from aiotables.core.client import Resource
from aiotables.core.paging import Listing, Page
from aiotables.core.streaming import Stream
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    CreatedExport,
    DatabaseExportCreate,
    ExportManifest,
    SchemaExportCreate,
)


PAGE = 500
"""Most manifests in a page (docs page reference/exports/list-exports)."""


class Exports(Resource):
    """Files of tables, databases and schemas."""

    def list(
        self,
        *,
        status: str | None = None,
        offset: int = 0,
        page_size: int = PAGE,
        most: int | None = None,
        prefetch: int = 0,
    ) -> Listing[ExportManifest]:
        """
        List exports, as an async iterator.

        Args:
            status: `ready`, `not_found` or `all`; the service takes `all` when it is left out.
            offset: Exports to pass over.
            page_size: Exports in one request, 1 to 500.
            most: Exports to give at the most.
            prefetch: Pages to read ahead.

        Source: docs page reference/exports/list-exports.
        """

        async def fetch(start: int, limit: int) -> Page[ExportManifest]:
            query = {"status": status, "limit": limit, "offset": start}
            found = await self._call(operations.LIST_EXPORTS, query=query)
            # Of a page that is asked for too large it is not stated whether it is refused or cut.
            return Page(items=found.exports, offset=start, limit=min(limit, PAGE))

        return Listing(
            fetch,
            offset=offset,
            page_size=page_size,
            most=most,
            prefetch=prefetch,
            identity=lambda export: export.id,
        )

    async def create_database(self, export: DatabaseExportCreate | None = None) -> CreatedExport:
        """
        Export tables to one file.

        If the reply is lost, the exports made since are looked at before anything is sent again. Give a file name: without
        one the export cannot be told from others.

        Args:
            export: Form of the file, and which tables and rows; all when left out.

        Raises:
            OutcomeUnknown: The reply was lost, and which export is this one's cannot be told.

        Source: docs page reference/exports/create-database-export.
        """
        return await self._call(operations.CREATE_DATABASE_EXPORT, body=export or DatabaseExportCreate())

    async def create_schema(self, export: SchemaExportCreate | None = None) -> CreatedExport:
        """
        Export the schema.

        If the reply is lost, the exports made since are looked at before anything is sent again.

        Args:
            export: Form and name of the file; the service takes JSON when left out.

        Raises:
            OutcomeUnknown: The reply was lost, and which export is this one's cannot be told.

        Source: docs page reference/exports/create-schema-export.
        """
        return await self._call(operations.CREATE_SCHEMA_EXPORT, body=export or SchemaExportCreate())

    async def download(self, export_id: str) -> Stream:
        """
        Begin the download of an export; nothing is held whole in memory.

        ```python
        async with await zang.exports.download(export.id) as download:
            saved = await download.save(Path("contacts.csv"))
        ```

        Args:
            export_id: Id of the export.

        Returns:
            The bytes, to be read once, with size, name and checksum.

        Raises:
            NotFound: There is no such export.

        Source: docs page reference/exports/download-export.
        """
        return await self._client.stream(operations.DOWNLOAD_EXPORT, path={"export_id": export_id})
