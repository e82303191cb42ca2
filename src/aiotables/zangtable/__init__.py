"""The ZangTable client; its models are in `aiotables.zangtable.models`, its operations in `.operations`."""

from typing import TYPE_CHECKING

from aiotables._lazy import lazy


if TYPE_CHECKING:
    from aiotables.zangtable.client import ZangTable
    from aiotables.zangtable.errors import TableExists
    from aiotables.zangtable.grouping import OperationRun

__all__ = ["OperationRun", "TableExists", "ZangTable"]

__getattr__ = lazy(
    __name__,
    {
        "OperationRun": "aiotables.zangtable.grouping",
        "TableExists": "aiotables.zangtable.errors",
        "ZangTable": "aiotables.zangtable.client",
    },
)
