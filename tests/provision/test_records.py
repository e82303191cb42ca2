"""Tests of `aiotables.provision.records`."""

from collections.abc import Callable

import pytest

from aiotables.provision.problems import Faults
from aiotables.provision.records import Either, Field, Items, Named, Record
from aiotables.provision.shapes import Flag, Number, Shape, Text
from aiotables.provision.tree import Node


POINT = Record(
    fields={
        "x": Field(shape=Number(), says="Where.", required=True),
        "label": Field(shape=Text(), says="What."),
    },
    refused={"secret": "keep it to yourself"},
)
OPEN = Record(fields={"x": Field(shape=Number(), says="Where.")}, others=Flag())


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (Items(item=Number()), "[]"),
        (Items(item=Number(), least=1), "[1, 2]"),
        (Named(item=Number()), "{a: 1, b: 2}"),
        (POINT, "{x: 1}"),
        (POINT, "{x: 1, label: here}"),
        (OPEN, "{x: 1, other: true}"),
        (Either(options=(Number(), Flag())), "true"),
        (Either(options=(Number(), Flag()), choose=lambda _: Flag()), "true"),
    ],
)
def test_fits(tree: Callable[[str], Node], faults: Faults, shape: Shape, text: str) -> None:
    """A value of the shape fits, and nothing is said about it."""
    assert shape.fits(tree(text), faults)
    assert [] == list(faults)


@pytest.mark.parametrize(
    ("shape", "text", "expected"),
    [
        (Items(item=Number()), "x", ['$: expected a list; got "x"']),
        (Items(item=Number(), least=1), "[]", ["$: expected a list of at least one; got an empty list"]),
        (
            Items(item=Number()),
            "[a, 1, b]",
            ['$[0]: expected a number; got "a"', '$[2]: expected a number; got "b"'],
        ),
        (Named(item=Number()), "[]", ["$: expected a mapping; got a list"]),
        (
            Named(item=Number(), least=1),
            "{}",
            ["$: expected a mapping with at least one entry; got an empty one"],
        ),
        (
            Named(item=Number(), key=Text(pattern="[a-z]", rule="a letter")),
            "{ab: x}",
            ['$.ab: expected a letter; got "ab"', '$.ab: expected a number; got "x"'],
        ),
        (POINT, "[]", ["$: expected a mapping; got a list"]),
        (POINT, "{}", ['$: the key "x" is missing']),
        (POINT, "{x: 1, lable: here}", ['$.lable: unknown key "lable" (did you mean label?)']),
        (POINT, "{x: 1, secret: here}", ["$.secret: keep it to yourself"]),
        (
            POINT,
            "{x: a, label: 1}",
            ['$.x: expected a number; got "a"', "$.label: expected text; got 1 (put it in quotes)"],
        ),
        (OPEN, "{other: 1}", ["$.other: expected true or false; got 1"]),
        (
            Either(options=(Number(), Flag()), choose=lambda _: Flag()),
            "x",
            ['$: expected true or false; got "x"'],
        ),
        (
            Either(options=(Record(fields={}), POINT)),
            "{x: 1, label: here, more: 1}",
            ['$.more: unknown key "more"'],
        ),
    ],
)
def test_does_not_fit(
    tree: Callable[[str], Node],
    messages: Callable[[], list[str]],
    faults: Faults,
    shape: Shape,
    text: str,
    expected: list[str],
) -> None:
    """Every fault is told at its path, keys included; of several shapes the one that fits best is meant."""
    assert not shape.fits(tree(text), faults)
    assert expected == messages()


def test_an_unknown_key_is_told_where_the_key_stands(tree: Callable[[str], Node], faults: Faults) -> None:
    """The place of an unknown key is the key's, not its value's."""
    POINT.fits(tree("x: 1\nz:\n  - 1"), faults)

    (fault,) = faults
    assert (2, 1) == (fault.line, fault.column)


@pytest.mark.parametrize(
    ("shape", "schema"),
    [
        (Items(item=Flag()), {"type": "array", "items": {"type": "boolean"}}),
        (Items(item=Flag(), least=1), {"type": "array", "items": {"type": "boolean"}, "minItems": 1}),
        (
            Named(item=Flag(), least=1),
            {
                "type": "object",
                "propertyNames": {"type": "string", "minLength": 1},
                "additionalProperties": {"type": "boolean"},
                "minProperties": 1,
            },
        ),
        (
            POINT,
            {
                "type": "object",
                "properties": {
                    "x": {"description": "Where.", "type": "number"},
                    "label": {"description": "What.", "type": "string", "minLength": 1},
                },
                "additionalProperties": False,
                "required": ["x"],
            },
        ),
        (
            OPEN,
            {
                "type": "object",
                "properties": {"x": {"description": "Where.", "type": "number"}},
                "additionalProperties": {"type": "boolean"},
            },
        ),
        (Either(options=(Number(), Flag())), {"anyOf": [{"type": "number"}, {"type": "boolean"}]}),
    ],
)
def test_schema(shape: Shape, schema: object) -> None:
    """A shape writes itself as JSON Schema."""
    assert schema == shape.schema()


def test_named_without_a_least_count() -> None:
    """An empty mapping is allowed unless a count is asked for."""
    assert "minProperties" not in Named(item=Flag()).schema()
