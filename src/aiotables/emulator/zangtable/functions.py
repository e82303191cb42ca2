"""SQL functions that SQLite could spend long on within one step, where no time limit reaches."""

import sqlite3
from math import isinf


Value = str | bytes | int | float | None

REFUSED = frozenset({"printf", "format", "load_extension", "fts3_tokenizer"})
"""These write as many characters as they are told to, or reach outside of the database."""


def replace_functions(connection: sqlite3.Connection) -> None:
    """Let searches in long texts take a time that grows with the text alone."""
    connection.create_function("instr", 2, instr, deterministic=True)
    connection.create_function("replace", 3, replace, deterministic=True)


def instr(value: Value, part: Value) -> int | None:
    """Where *part* begins in *value*, counted from 1, in bytes where both are blobs; 0 when it does not."""
    if value is None or part is None:
        return None

    if isinstance(value, bytes) and isinstance(part, bytes):
        return value.find(part) + 1

    return _text(value).find(_text(part)) + 1


def replace(value: Value, part: Value, other: Value) -> Value:
    """*value* with *other* wherever it has *part*."""
    if value is None or part is None:
        return None

    if not _text(part):
        return value

    return None if other is None else _text(value).replace(_text(part), _text(other))


def _text(value: str | bytes | float) -> str:
    match value:
        case bytes():
            return value.decode("utf-8", "replace")
        case float():
            return _number(value)
        case _:
            return str(value)


def _number(value: float) -> str:
    """As SQLite writes it: 15 digits, always a point, no negative zero."""
    if isinf(value):
        return "Inf" if value > 0 else "-Inf"

    digits, letter, exponent = f"{value or 0.0:.15g}".partition("e")
    return (digits if "." in digits else f"{digits}.0") + letter + exponent
