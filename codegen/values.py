"""What a schema lets a value be: a set of alternatives that can be compared and told."""

import re
from collections.abc import Iterator
from typing import Any, Final

from attrs import frozen

from codegen.shapes import as_taken, name_in
from codegen.spec import mapping


ANY: Final = "any JSON"
NULL: Final = "null"
ABSENT: Final = "absent"
_FORMATS: Final = frozenset({"date-time", "date"})
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.${}/@-]+")


@frozen
class Alternative:
    """One thing that a value may be."""

    name: str
    """`string`, `null`, the name of a schema, a constant, `list` or `object`."""

    inside: "frozenset[Alternative] | None" = None
    """What the items of a list or the values of an object may be."""

    is_constant: bool = False

    def __str__(self) -> str:
        if self.inside is not None:
            return f"{self.name} of {told(self.inside)}"

        return ascii(self.name) if self.is_constant else shown(self.name)


Values = frozenset[Alternative]


def values(schema: dict[str, Any]) -> Values:
    """What *schema*, of a bundle, lets a value be. A named schema is an alternative of its own, whatever is in it."""
    return frozenset(_alternatives(as_taken(schema)))


def _alternatives(schema: dict[str, Any]) -> Iterator[Alternative]:
    if "$ref" in schema:
        yield Alternative(name_in(schema["$ref"]))
    elif "const" in schema:
        yield Alternative(str(schema["const"]), is_constant=True)
    elif choices := [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]:
        for choice in choices:
            yield from _alternatives(choice)
    elif "type" in schema:
        for kind in schema["type"] if isinstance(schema["type"], list) else [schema["type"]]:
            yield _of_type(kind, schema)
    else:
        yield Alternative(ANY)


def _of_type(kind: str, schema: dict[str, Any]) -> Alternative:
    if kind == "array":
        return Alternative("list", values(mapping(schema.get("items"))))

    if kind == "object":
        return Alternative("object", values(mapping(schema.get("additionalProperties"))))

    return Alternative(str(schema["format"]) if schema.get("format") in _FORMATS else kind)


def also(name: str, alternatives: Values) -> Values:
    """*alternatives*, and the one of that name."""
    return alternatives | {Alternative(name)}


def fits(narrow: Values, wide: Values) -> bool:
    """Whether everything that *narrow* allows is allowed by *wide*."""
    return all(any(_fits(each, other) for other in wide) for each in narrow)


def _fits(each: Alternative, other: Alternative) -> bool:
    if other.name == ANY:
        return each.name != ABSENT

    if (each.name, other.name) == ("integer", "number"):
        return True

    if (each.name, each.is_constant) != (other.name, other.is_constant):
        return each.is_constant and other.name == "string"

    return each.inside is None or other.inside is None or fits(each.inside, other.inside)


def told(alternatives: Values) -> str:
    """*alternatives* in words, null last."""
    return " or ".join(map(str, sorted(alternatives, key=lambda each: (each.name == NULL, str(each)))))


def shown(text: str) -> str:
    """*text* of a spec, in quotes and escaped unless it is a plain word: it is never taken for words of ours."""
    return text if _PLAIN.fullmatch(text) or text == ANY else ascii(text)
