"""
Marks that make what a call creates recognisable: Extruct's names repeat, and it has no idempotency key.

A table carries the tag `aiotables:<id>`; a row carries `{"aiotables": "<id>"}` in its metadata. That the service gives
both back unchanged is what its docs show of `tags` and `metadata`.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve


if TYPE_CHECKING:
    from aiotables.extruct._generated.models import RowCreate, RowsCreate, TableCreate


TAG_PREFIX = "aiotables:"
METADATA_KEY = "aiotables"


def new_mark() -> str:
    """An id that no other call has."""
    return secrets.token_hex(8)


def mark_table(table: "TableCreate", mark: str) -> "TableCreate":
    """The same table with the tag `aiotables:<mark>`, in place of any mark that its tags had, as copied ones may have."""
    tags = [tag for tag in table.tags or () if not tag.startswith(TAG_PREFIX)]
    return evolve(table, tags=[*tags, TAG_PREFIX + mark])


def mark_rows(rows: "RowsCreate", mark: str) -> "RowsCreate":
    """The same rows, each with the mark in its metadata."""
    return evolve(rows, rows=[_marked(row, mark) for row in rows.rows])


def _marked(row: "RowCreate", mark: str) -> "RowCreate":
    metadata = row.metadata or {}
    return evolve(row, metadata={**metadata, METADATA_KEY: mark})


def tag_of(tags: Sequence[str] | None) -> str | None:
    """The last mark among a table's tags, with its prefix: marking puts it at the end."""
    return next((tag for tag in reversed(tags or ()) if tag.startswith(TAG_PREFIX)), None)


def mark_of(metadata: Mapping[str, Any] | None) -> str | None:
    """The mark in a row's metadata."""
    mark = (metadata or {}).get(METADATA_KEY)
    return mark if isinstance(mark, str) else None
