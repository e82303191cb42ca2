"""Errors that ZangTable tells apart by `error.code`, whatever the HTTP status."""

from aiotables.core.errors import Conflict


class TableExists(Conflict):
    """A table of that name was in the project before the call. Source: docs page reference/tables/create-table."""
