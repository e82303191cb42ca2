"""Errors that ZangTable tells apart."""

from aiotables.core.errors import Conflict
from aiotables.zangtable.errors import TableExists


def test_table_exists_is_a_conflict() -> None:
    """Who catches conflicts of any service catches this one."""
    assert issubclass(TableExists, Conflict)
