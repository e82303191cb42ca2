"""Why a value is not what its type says: one fault as an exception, all of them as lines with wire paths."""

import re
from collections.abc import Iterator
from itertools import islice
from types import NoneType


Path = tuple[str | int, ...]

LONGEST_KEY = 60
MOST_PROBLEMS = 20

WRONG_VALUE = (KeyError, TypeError, ValueError, AttributeError)
"""What reading raises when the value is wrong; anything else is a fault of the program."""

_JSON_NAMES = {NoneType: "null", dict: "object", list: "array", float: "number"}
_PLAIN_KEY = r"[A-Za-z_$@][A-Za-z0-9_$@-]*"


class Fault(ValueError):
    """
    A value is not what was expected. The message tells types, never the value.

    Attributes:
        at: The key below the place where it was raised that the fault is about, if any.
    """

    def __init__(self, message: str, *, at: str | None = None) -> None:
        super().__init__(message)
        self.at = at


def mismatch(value: object, expected: str, *, at: str | None = None) -> Fault:
    """The fault of *value* being of another JSON type than *expected*."""
    return Fault(f"expected {expected}, got {json_type_name(type(value))}", at=at)


def other_value(value: object, expected: str, *, at: str | None = None) -> Fault:
    """The fault of *value* having the right JSON type and not being *expected* all the same."""
    return Fault(f"expected {expected}, got another {json_type_name(type(value))}", at=at)


def missing(key: str) -> Fault:
    """The fault of an object without its *key*."""
    return Fault("required field missing", at=key)


def json_type_name(type_: type) -> str:
    """What messages call the JSON that *type_* is read from."""
    return _JSON_NAMES.get(type_, type_.__name__)


def problem_lines(faults: Iterator[tuple[Path, str]]) -> tuple[str, ...]:
    """*faults* as `$.path: message` lines, capped: nobody reads one for each of 10,000 bad rows."""
    lines = [f"{path_text(path)}: {message}" for path, message in islice(faults, MOST_PROBLEMS)]
    more = sum(1 for _ in faults)
    return (*lines, f"and {more} more") if more else tuple(lines)


def path_text(path: Path) -> str:
    """`$.columns[1].config`; keys that are no plain words are quoted and shortened."""
    return "$" + "".join(map(_step, path))


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"

    if re.fullmatch(_PLAIN_KEY, key) and len(key) <= LONGEST_KEY:
        return f".{key}"

    return f"[{key[:LONGEST_KEY]!a}]"
