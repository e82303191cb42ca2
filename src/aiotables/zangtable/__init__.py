"""The ZangTable client, its models and its operations."""

from aiotables.zangtable.client import ZangTable
from aiotables.zangtable.errors import TableExists
from aiotables.zangtable.grouping import OperationRun


__all__ = ["OperationRun", "TableExists", "ZangTable"]
