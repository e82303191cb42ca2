"""Ids that ZangTable makes."""

import os

from aiotables.emulator.clock import Clock, utc


def new_id(prefix: str, clock: Clock) -> str:
    """An id of the documented form, such as `req_20260602T012345_123456Z_abc123def456`."""
    return f"{prefix}_{utc(clock):%Y%m%dT%H%M%S_%f}Z_{os.urandom(6).hex()}"
