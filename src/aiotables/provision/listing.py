"""All tables that there are at a target, whoever made them, as a stream."""

from collections.abc import AsyncIterator
from typing import Final

from aiotables.core.classes import frozen
from aiotables.core.client import ApiClient
from aiotables.core.errors import BadRequest, NotFound, PermissionDenied, ValidationFailed
from aiotables.extruct import Extruct
from aiotables.extruct.marking import tag_of
from aiotables.zangtable import ZangTable
from aiotables.zangtable._generated.models import SqlQuery


PAGE: Final = 1000
"""Most rows that one read-only query answers with (docs page reference/query/query-records)."""

_TABLES: Final = r"""
    SELECT name FROM sqlite_master
    WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name > ? ORDER BY name LIMIT 1000
"""


@frozen(kw_only=True)
class There:
    """A table that there is."""

    name: str

    table_id: str | None = None
    """The service's id; a list of ZangTable tables has none."""

    mark: str | None = None
    """The tag by which it is some manifest's."""


class NotListed(Exception):
    """The service does not let its tables be listed."""


async def listed(client: ApiClient) -> AsyncIterator[There]:
    """
    The tables at a target.

    Raises:
        NotListed: ZangTable documents no list of tables, and the project's catalogue may not be read.
        CallError: The service cannot be read.
    """
    if isinstance(client, Extruct):
        async for table in client.tables.list(sort="created_at"):
            yield There(name=table.name, table_id=table.id, mark=tag_of(table.tags))
    if isinstance(client, ZangTable):
        async for name in _names(client):
            yield There(name=name)


async def _names(client: ZangTable) -> AsyncIterator[str]:
    last = ""
    while True:
        try:
            rows = (await client.query(SqlQuery(sql=_TABLES, params=[last], limit=PAGE))).rows
        except (BadRequest, NotFound, PermissionDenied, ValidationFailed) as error:
            raise NotListed(str(error)) from error
        if not rows:
            return
        last = str(rows[-1]["name"])
        for row in rows:
            yield str(row["name"])
