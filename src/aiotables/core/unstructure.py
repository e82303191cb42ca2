"""
Python values into what orjson writes.

orjson writes texts, numbers, members of enums, lists and dicts by itself, and asks for the rest. Two things it writes that
JSON does not have, both as null: numbers that are not finite, and `UNSET`. They are looked for after the
writing, and only where the document holds a null.
"""

import math
import re
from collections.abc import Collection
from datetime import date, datetime
from types import NoneType
from typing import Final

import attrs
import orjson

from aiotables.core.date_times import write_date_time
from aiotables.core.errors import RequestError
from aiotables.core.extension import writer_of
from aiotables.core.memo import memoised
from aiotables.core.model_fields import Json, model_fields
from aiotables.core.sentinels import UNSET, UnknownVariant
from aiotables.core.write_plans import Writer, write_plan


# Many names of fields, such as `is_nullable`, have it inside.
_NULL: Final = rb"null(?!\w)"
_UNWRITABLE: Final = (TypeError, ValueError, OverflowError, RecursionError)
"""What orjson raises, of whatever release: `JSONEncodeError`, which is a TypeError, or what Python says of the value."""

_HARMLESS: Final = frozenset({str, int, bool, NoneType})


class Writers:
    """What writes values that orjson does not: absent fields stay absent, nulls stay nulls. Threads may share it."""

    def __init__(self) -> None:
        self._of_model = memoised(self._make)
        self._met: dict[type, Writer] = {}
        self._find_null = re.compile(_NULL).search

    def document(self, value: object) -> bytes:
        """
        Write *value* as JSON.

        Raises:
            RequestError: It has no form in JSON.
        """
        # From here to a function is a shorter way than through orjson.
        writer = self._met.get(value.__class__)
        try:
            document = orjson.dumps(
                value if writer is None else writer(value), self.write, orjson.OPT_PASSTHROUGH_DATETIME
            )
        except _UNWRITABLE as error:
            raise _encode_error(error) from None

        if self._find_null(document):
            _refuse_what_json_lacks(value, self)
        return document

    def write(self, value: object) -> Json:
        """
        What orjson can write in the place of *value*, at least the outermost part of it.

        Raises:
            RequestError: It has no form in JSON.
        """
        writer = self._met.get(value.__class__) or self.find(value.__class__)
        if writer is None:
            why = f"{value.__class__.__name__} has no form there"
            raise _unwritable(why)
        return writer(value)

    def find(self, cls: type) -> Writer | None:
        """What writes the instances of *cls*; `None` where there is nothing."""
        if attrs.has(cls):
            # To look here first takes a fifth of the time.
            writer = self._met[cls] = self._of_model(cls)
            return writer

        if issubclass(cls, datetime):
            return write_date_time
        return date.isoformat if issubclass(cls, date) else None

    def _make(self, cls: type) -> Writer:
        return (
            _raw if cls is UnknownVariant else writer_of(write_plan(cls, model_fields(cls), self._of_model))
        )


def _refuse_what_json_lacks(value: object, writers: Writers) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        message = "NaN and infinity cannot be sent: JSON has no word for them"
        raise RequestError(message)

    if value is UNSET:
        message = "UNSET cannot be sent inside a list or an object: leave it out"
        raise RequestError(message)

    inside = _inside(value, writers)
    if not _HARMLESS.issuperset(map(type, inside)):
        for each in inside:
            _refuse_what_json_lacks(each, writers)


def _inside(value: object, writers: Writers) -> Collection[object]:
    if isinstance(value, dict):
        return value.values()

    if isinstance(value, list | tuple):
        return value

    return (writers.write(value),) if attrs.has(type(value)) else ()


def _raw(variant: UnknownVariant) -> dict[str, Json]:
    return variant.raw


def _encode_error(error: BaseException) -> RequestError:
    """What orjson was told while it wrote, or else what it says itself."""
    told = error.__cause__ or error
    return told if isinstance(told, RequestError) else _unwritable(told)


def _unwritable(why: object) -> RequestError:
    return RequestError(f"the value cannot be written as JSON: {why}")
