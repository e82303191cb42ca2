"""Names that become part of statements and paths: tables, columns, indexes, projects."""

import re

from aiotables.emulator.choices import INVALID_IDENTIFIER, LONGEST_IDENTIFIER, LONGEST_SLUG
from aiotables.emulator.zangtable.refusal import Refusal


# SQLite keeps names beginning with `sqlite_` to itself.
_IDENTIFIER = re.compile(rf"(?!(?i:sqlite_))[A-Za-z][A-Za-z0-9_]{{0,{LONGEST_IDENTIFIER - 1}}}")
_SLUG = re.compile(r"[a-z0-9_-]+")
_ID = re.compile(r"[0-9]{1,18}")


def is_identifier(text: str) -> bool:
    """Whether *text* may name a table, column or index."""
    return _IDENTIFIER.fullmatch(text) is not None


def is_slug(text: str) -> bool:
    """Whether *text* may name a project."""
    return bool(len(text) <= LONGEST_SLUG and _SLUG.fullmatch(text))


def id_number(text: str) -> int | None:
    """The id that *text* is; None when it is none that an id could be."""
    return int(text) if _ID.fullmatch(text) else None


def checked_identifier(text: str, field: str) -> str:
    """
    *text*, which may name a table, column or index.

    Raises:
        Refusal: It may not.
    """
    if not is_identifier(text):
        raise Refusal(INVALID_IDENTIFIER.saying(f"{field} is not a valid identifier."))

    return text


def checked_slug(text: str, field: str) -> str:
    """
    *text*, which may name a project.

    Raises:
        Refusal: It may not.
    """
    if not is_slug(text):
        raise Refusal(INVALID_IDENTIFIER.saying(f"{field} is not a valid project slug."))

    return text
