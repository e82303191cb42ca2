"""Values made up to fit a JSON Schema, as far as plain schemas go. Pure."""

from collections.abc import Iterator
from typing import Any

from aiotables.emulator.bodies import Json


# Whatever is nested deeper is left empty: combinations do not count as levels.
_DEEPEST = 20

_TEXTS = {
    "date": "2026-06-02",
    "date-time": "2026-06-02T01:23:45Z",
    "email": "someone@example.com",
    "uri": "https://example.com/",
}
_LONGEST = 1000
_NUMBER = 42


def measure(schema: dict[str, Any]) -> tuple[int, int]:
    """How many levels of objects and arrays *schema* has, and how many properties in all."""
    levels = properties = 0
    waiting: list[tuple[dict[str, Any], int]] = [(schema, 1)]
    while waiting:
        part, level = waiting.pop()
        levels = max(levels, level)
        properties += len(_properties(part))
        waiting += ((child, level + 1) for child in _children(part))
    return levels, properties


def _children(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (child for child in _properties(schema).values() if _nests(child))
    if _nests(schema.get("items")):
        yield schema["items"]


def _nests(schema: Json) -> bool:
    return isinstance(schema, dict) and ("properties" in schema or "items" in schema)


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def sample(schema: Json, depth: int = 0) -> Any:  # noqa: ANN401 - JSON
    """A value that fits *schema*: all properties, one item of an array, the least number, the first of a choice."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None

    if "const" in schema:
        return schema["const"]

    for name in ("enum", "anyOf", "oneOf", "allOf"):
        choice = schema.get(name)
        if isinstance(choice, list) and choice:
            return choice[0] if name == "enum" else sample(choice[0], depth + 1)

    return _of_type(schema, depth)


def _of_type(schema: dict[str, Any], depth: int) -> Json:
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) and kind else kind:
        case "object":
            return {name: sample(part, depth + 1) for name, part in _properties(schema).items()}
        case "array":
            return [sample(schema["items"], depth + 1)] if "items" in schema else []
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _text(schema)


def _number(schema: dict[str, Any]) -> Json:
    least, most = schema.get("minimum"), schema.get("maximum")
    if isinstance(least, int | float):
        return least

    return most if isinstance(most, int | float) and most < _NUMBER else _NUMBER


def _text(schema: dict[str, Any]) -> str:
    form, least, most = (schema.get(name) for name in ("format", "minLength", "maxLength"))
    text = _TEXTS.get(form, "Not found") if isinstance(form, str) else "Not found"
    if isinstance(least, int):
        text = text.ljust(min(least, _LONGEST), ".")
    return text[: max(most, 0)] if isinstance(most, int) else text
