"""Query parameters of Extruct's lists, and the five headers that tell where a page is (docs page list-tables)."""

import re
from typing import Any

from multidict import MultiMapping

from aiotables.emulator.bodies import Issue
from aiotables.emulator.choices import LIMIT_TOO_HIGH, LIST_LIMIT, LIST_LIMIT_MOST, LIST_SORT
from aiotables.emulator.extruct.refusal import Refusal, invalid_query
from aiotables.emulator.extruct.tables import SORTS, Listing


KINDS = ("generic", "company", "people")
SCOPES = ("personal", "organization")

_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
_FALSE = frozenset({"0", "false", "f", "no", "n", "off"})

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


def listing(query: MultiMapping[str]) -> Listing:
    """
    What a list of tables is asked for.

    Raises:
        Refusal: A parameter is not valid.
    """
    issues: list[Issue] = []
    kind = _one_of("kind", query, KINDS, issues)
    _one_of("scope", query, SCOPES, issues)
    sort = _one_of("sort", query, SORTS, issues)
    offset = _integer("offset", query, 0, issues)
    limit = _integer("limit", query, 1, issues)
    if issues:
        raise invalid_query(*issues)

    if limit is not None and limit > LIST_LIMIT_MOST:
        raise Refusal(400, LIMIT_TOO_HIGH)

    return Listing(
        kind=kind,
        search=query.get("search"),
        tags=query.getall("tags", []),
        sort=sort or LIST_SORT,
        offset=offset or 0,
        limit=LIST_LIMIT if limit is None else limit,
    )


def window(query: MultiMapping[str]) -> dict[str, Any]:
    """
    Offset and limit of a table's rows.

    Raises:
        Refusal: One of them is not valid.
    """
    issues: list[Issue] = []
    offset = _integer("offset", query, 0, issues)
    limit = _integer("limit", query, 0, issues)
    if issues:
        raise invalid_query(*issues)

    return {"offset": offset or 0, "limit": limit}


def flag(query: MultiMapping[str], name: str) -> bool:
    """
    A boolean as FastAPI reads it; false when it did not come.

    Raises:
        Refusal: It is none.
    """
    text = query.get(name, "false").lower()
    if text not in _TRUE | _FALSE:
        raise invalid_query(Issue((name,), "Input should be a valid boolean", "bool_parsing"))

    return text in _TRUE


def headers(asked: Listing, total: int) -> dict[str, str]:
    """The headers of a page of *total* tables."""
    return {
        "x-extruct-pagination-total": str(total),
        "x-extruct-pagination-total-pages": str(-(-total // asked.limit)),
        "x-extruct-pagination-limit": str(asked.limit),
        "x-extruct-pagination-offset": str(asked.offset),
        "x-extruct-pagination-page": str(asked.offset // asked.limit + 1),
    }


def _one_of(name: str, query: MultiMapping[str], allowed: tuple[str, ...], issues: list[Issue]) -> str | None:
    value = query.get(name)
    if value is not None and value not in allowed:
        listed = ", ".join(repr(word) for word in allowed)
        issues.append(Issue((name,), f"Input should be one of {listed}", "enum"))
    return value


def _integer(name: str, query: MultiMapping[str], least: int, issues: list[Issue]) -> int | None:
    text = query.get(name)
    if text is None:
        return None

    if not _INTEGER.fullmatch(text):
        issues.append(Issue((name,), "Input should be a valid integer", "int_parsing"))
        return None

    value = int(text)
    if value < least:
        issues.append(
            Issue((name,), f"Input should be greater than or equal to {least}", "greater_than_equal")
        )
    return value
