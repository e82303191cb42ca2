"""Cells that fill themselves: their states over time, and the answers that the emulator makes up. Pure."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from aiotables.emulator.bodies import Json


@frozen
class Work:
    """When one cell is worked on, in Unix seconds."""

    starts: float
    done: float

    def status(self, now: float) -> str:
        """`requested`, then `pending`, then `done`: the words that the vendor's software knows."""
        if now >= self.done:
            return "done"

        return "pending" if now >= self.starts else "requested"


_ANSWERS: Mapping[str, Any] = {
    "text": "Not found",
    "url": "https://example.com/",
    "email": "someone@example.com",
    "phone": "+15550100",
    "numeric": 42,
    "number": 42,
    "money": {"amount": 42, "currency": "USD"},
    "date": "2026-06-02",
    "grade": 3,
    "json": {},
    "people": [],
}


def cell(config: Mapping[str, Any], work: Work, now: float) -> dict[str, Any]:
    """
    The cell of a column at a time.

    Args:
        config: The column's config.
        work: When the cell is worked on.
        now: The time.
    """
    status = work.status(now)
    return {"status": status, "value": _value(config) if status == "done" else None}


def _value(config: Mapping[str, Any]) -> dict[str, Any]:
    if config["kind"] == "company_profile":
        return {"context": {"short_description": "Not found", "sources": []}}

    return {"answer": _answer(config), "explanation": "Made up by the emulator.", "sources": []}


def _answer(config: Mapping[str, Any]) -> Json:
    if config["kind"] == "criterion_grade":
        return _ANSWERS["grade"]

    value = config.get("value") or {}
    match value.get("output_format", "text"):
        case "select" | "label":
            return value["labels"][0]
        case "multiselect":
            return value["labels"][:1]
        case output_format:
            return _ANSWERS[output_format]
