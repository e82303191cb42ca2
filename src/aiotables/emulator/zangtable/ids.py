"""Ids that ZangTable makes."""

from functools import lru_cache

from aiotables.emulator.clock import Clock, utc_of
from aiotables.emulator.ids import Ids


def new_id(prefix: str, clock: Clock, ids: Ids) -> str:
    """An id of the documented form, such as `req_20260602T012345_123456Z_abc123def456`."""
    second, micros = divmod(round(clock.now() * 1e6), 1_000_000)
    return f"{prefix}_{_second(second)}_{micros:06}Z_{ids.digits(12)}"


@lru_cache(maxsize=8)
def _second(moment: int) -> str:
    return f"{utc_of(moment):%Y%m%dT%H%M%S}"
