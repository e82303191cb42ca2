"""What happens while things are deleted, as a typed stream."""

import enum
from collections.abc import Mapping
from typing import ClassVar, TypeAlias

from aiotables.core.classes import frozen


class Fate(enum.StrEnum):
    """What became of one thing."""

    DELETED = "deleted"
    GONE = "gone"
    """It was not there any more."""

    LEFT = "left"
    """Not touched: it is protected, or not surely ours, or the service cannot delete it."""

    FAILED = "failed"
    """The service refused."""

    UNKNOWN = "unknown"
    """The reply was lost, and so were those of its repetitions; doing it again is safe."""


@frozen(kw_only=True)
class RemovalStarted:
    """Deleting began."""

    event: ClassVar = "removal_started"

    run_id: str
    command: str
    """`destroy` or `rollback`."""


@frozen(kw_only=True)
class Removed:
    """One thing is dealt with."""

    event: ClassVar = "removed"

    target: str
    key: str
    step: str
    """What it is: `create` is the table itself, and `columns` or `rows:0` what was added to it."""

    fate: Fate
    table_id: str
    reason: str = ""


@frozen(kw_only=True)
class RemovalEnded:
    """Deleting is over."""

    event: ClassVar = "removal_ended"

    run_id: str
    ending: str
    """`done`, `failed`, `unknown` or `interrupted`; what was left counts as failed."""

    counts: Mapping[str, int]
    """Things by their fate."""

    seconds: float


RemovalEvent: TypeAlias = RemovalStarted | Removed | RemovalEnded
"""Each has its name in JSON as `event`."""
