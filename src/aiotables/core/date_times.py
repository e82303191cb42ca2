"""Date-times as JSON has them: RFC 3339, and UTC where no zone is given."""

import re
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from aiotables.core.errors import RequestError
from aiotables.core.faults import mismatch, other_value


# What `datetime.fromisoformat` takes beyond this, such as week dates, is no date-time of JSON Schema.
# The pattern is a text, since `re` compiles that but once, too, and not before.
_DATE_TIME: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)

LATEST: Final = [("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC))]
"""
The text that a model had last and what it says. What a reply tells of was mostly made in one moment, so the next text is
often the same. A pair, so that threads see both or neither.
"""


def read_date_time(value: Any) -> datetime:  # noqa: ANN401 -- JSON of any shape
    """
    Read a date-time.

    Raises:
        Fault: It is none.
    """
    if value.__class__ is not str:
        raise mismatch(value, "date-time")

    if not re.fullmatch(_DATE_TIME, value):
        raise other_value(value, "date-time")

    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        raise other_value(value, "date-time") from None

    # Neither service documents local times, and a server written in Python easily leaves the zone of UTC out.
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def write_date_time(value: datetime) -> str | orjson.Fragment:
    """
    What orjson is to write for a date-time: in UTC, it ends in Z.

    Raises:
        RequestError: It has no time zone.
    """
    if value.tzinfo is UTC:
        # In a sixth of the time that Python takes.
        return orjson.Fragment(orjson.dumps(value, None, orjson.OPT_UTC_Z))

    offset = value.utcoffset()
    if offset is None:
        message = "a date-time without a time zone cannot be sent: give it one, such as datetime.UTC"
        raise RequestError(message)

    return value.isoformat() if offset else value.isoformat()[: -len("+00:00")] + "Z"
