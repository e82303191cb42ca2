"""Query parameters of ZangTable's lists."""

import re

from multidict import MultiMapping

from aiotables.emulator.choices import INVALID_REQUEST, RECORDS_LIMITS
from aiotables.emulator.zangtable.refusal import Refusal


_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


def window(query: MultiMapping[str], default: int) -> tuple[int, int]:
    """
    Limit and offset of a page.

    Args:
        query: The parameters that came.
        default: The limit when none came.

    Raises:
        Refusal: One of them is no integer, or out of its bounds.
    """
    low, high = RECORDS_LIMITS
    limit, offset = _integer(query, "limit", default), _integer(query, "offset", 0)
    if not low <= limit <= high:
        raise Refusal(INVALID_REQUEST.saying(f"limit: must lie between {low} and {high}"))

    if offset < 0:
        raise Refusal(INVALID_REQUEST.saying("offset: must not be negative"))

    return limit, offset


def one_of(query: MultiMapping[str], name: str, allowed: tuple[str, ...]) -> str:
    """
    A parameter that is one of *allowed*; the first when it did not come.

    Raises:
        Refusal: It is none of them.
    """
    value = query.get(name, allowed[0])
    if value not in allowed:
        raise Refusal(INVALID_REQUEST.saying(f"{name}: must be one of {', '.join(allowed)}"))

    return value


def _integer(query: MultiMapping[str], name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default

    if not _INTEGER.fullmatch(text):
        raise Refusal(INVALID_REQUEST.saying(f"{name}: must be an integer"))

    return int(text)
