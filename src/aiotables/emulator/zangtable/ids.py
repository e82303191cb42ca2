"""Ids that ZangTable makes."""

from aiotables.emulator.clock import Clock, utc
from aiotables.emulator.ids import Ids


def new_id(prefix: str, clock: Clock, ids: Ids) -> str:
    """An id of the documented form, such as `req_20260602T012345_123456Z_abc123def456`."""
    return f"{prefix}_{utc(clock):%Y%m%dT%H%M%S_%f}Z_{ids.digits(12)}"
