"""What may stand in a header, and what headers of a reply say: pure."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from aiotables.core.errors import RequestError


def check_header(name: str, value: str) -> str:
    """
    The value, when it may stand in a header.

    Raises:
        RequestError: It is empty, begins or ends with a space, or holds a control character or one outside of ASCII.
    """
    if not fits_header(value):
        msg = f"{name} must be printable ASCII, not empty, without spaces around it; got {value!r}"
        raise RequestError(msg)
    return value


def fits_header(value: str) -> bool:
    """Whether a value arrives unchanged when it is sent in a header."""
    return value.isascii() and value.isprintable() and value != "" and value == value.strip()


def parse_retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """
    Seconds that the service asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date.

    Args:
        headers: Of the reply.
        now: Unix time in seconds.
    """
    millis = _number(headers.get("retry-after-ms"))
    if millis is not None:
        return millis / 1000

    text = headers.get("Retry-After")
    seconds = _number(text)
    if seconds is not None or text is None:
        return seconds

    moment = parse_http_date(text)
    return None if moment is None else max(0.0, moment - now)


def parse_http_date(text: str) -> float | None:
    """Unix time in seconds of a date in a header, or `None` when it is none."""
    try:
        moment = parsedate_to_datetime(text)
        # A date without a zone, `-0000`, is in UTC.
        return moment.timestamp() if moment.tzinfo is not None else moment.replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else -1.0
    except ValueError:
        return None
    # NaN and infinity parse as numbers, and neither can be waited for.
    return number if 0 <= number < float("inf") else None
