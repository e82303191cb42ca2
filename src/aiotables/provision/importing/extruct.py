"""Tables from a workspace of Extruct."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from aiotables.core.convert import Converter
from aiotables.core.counting import counted
from aiotables.extruct import Extruct
from aiotables.extruct._generated.models import ColumnOutput, TableHeaderWithStatus, TableKind
from aiotables.provision.desired import MARKER
from aiotables.provision.importing.found import Entry, escaped


AT_ONCE: Final = 8
"""Tables that are read at once."""

MADE_BY_SERVICE: Final = frozenset({"company_profile", "company_name", "company_website", "discovery_scores"})
"""Kinds of columns that clients do not create (docs page api-guides/ai-tables/column-library)."""

MADE_FOR_PEOPLE: Final = frozenset({"full_name", "role", "profile_url"})
"""Keys of the columns that the service puts into each table of people."""

_converter = Converter()


async def in_extruct(client: Extruct, target: str) -> AsyncIterator[list[Entry]]:
    """
    The tables of a workspace, as entries that name them by their ids, some at a time. It is only read.

    Args:
        client: Of the workspace.
        target: Name of the target.

    Raises:
        CallError: The workspace cannot be read.
    """
    ids = [table.id async for table in client.tables.list(sort="created_at")]
    stream = iter(ids)
    while batch := list(itertools.islice(stream, AT_ONCE)):
        headers = await asyncio.gather(*(client.tables.get(each) for each in batch))
        yield [entry_of(header, target) for header in headers]


def entry_of(table: TableHeaderWithStatus, target: str) -> Entry:
    """What a manifest says of a table that is there."""
    if table.parent_relationships:
        parent = table.parent_relationships[0]
        why = f"{parent.relationship_type} of the table {parent.table_id}; the service makes it by itself"
        return Entry(notes=(f"the table {table.name!r} ({table.id}), {why}",))

    fields: dict[str, Any] = {
        "target": target,
        "id": table.id,
        "name": escaped(table.name),
        "kind": str(table.kind),
    }
    fields["key"] = table.id
    if table.description:
        fields["description"] = escaped(table.description)
    tags = [escaped(tag) for tag in table.tags or [] if not tag.startswith(MARKER)]
    if tags:
        fields["tags"] = tags
    columns = [_config(column) for column in table.columns if not _is_automatic(column, table.kind)]
    if columns:
        fields["columns"] = columns
    return Entry(fields=fields, notes=tuple(_notes(table)))


def _config(column: ColumnOutput) -> dict[str, Any]:
    config: dict[str, Any] = escaped(_converter.to_wire(column.config))
    return config


def _is_automatic(column: ColumnOutput, kind: TableKind) -> bool:
    config = _converter.to_wire(column.config)
    of_people = kind is TableKind.PEOPLE and config.get("key") in MADE_FOR_PEOPLE
    return config.get("kind") in MADE_BY_SERVICE or of_people


def _notes(table: TableHeaderWithStatus) -> Iterator[str]:
    automatic = [
        _converter.to_wire(column.config).get("key")
        for column in table.columns
        if _is_automatic(column, table.kind)
    ]
    if automatic:
        yield f"the columns that the service makes by itself: {', '.join(map(str, automatic))}"
    if table.status.num_rows:
        yield f"its {counted(table.status.num_rows, 'row')}"
