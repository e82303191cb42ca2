"""Tests of `aiotables.provision.shapes`."""

from collections.abc import Callable

import pytest

from aiotables.provision.problems import Faults, Place
from aiotables.provision.shapes import Flag, Json, Number, Scalar, Shape, Text, every, shown
from aiotables.provision.tree import BROKEN, Node


WORD = Text(pattern="[a-z]+", rule="a word")


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (Text(), "x"),
        (Text(empty=True), "''"),
        (WORD, "word"),
        (Text(choices=("A", "B")), "B"),
        (Text(known=("A",)), "other"),
        (Number(), "-1.5"),
        (Number(whole=True, least=1), "1"),
        (Number(whole=True), "2.0"),
        (Number(above=0), "0.1"),
        (Flag(), "true"),
        (Scalar(text=WORD), "word"),
        (Scalar(text=WORD), "1"),
        (Scalar(text=WORD), "null"),
        (Json(text=WORD, reference="json"), "{a: [word, 1, null, {b: true}]}"),
    ],
)
def test_fits(tree: Callable[[str], Node], faults: Faults, shape: Shape, text: str) -> None:
    """A value of the shape fits, and nothing is said about it."""
    assert shape.fits(tree(text), faults)
    assert [] == list(faults)


@pytest.mark.parametrize(
    ("shape", "text", "message"),
    [
        (Text(), "5", "expected text; got 5 (put it in quotes)"),
        (Text(), "true", "expected text; got true (put it in quotes)"),
        (Text(), "null", "expected text; got null"),
        (Text(), "[]", "expected text; got a list"),
        (Text(), "{}", "expected text; got a mapping"),
        (Text(), "''", 'expected text; got ""'),
        (WORD, "UP", 'expected a word; got "UP"'),
        (WORD, '"word\\n"', 'expected a word; got "word\\n"'),
        (WORD, "1" + "x" * 99, f'expected a word; got "1{"x" * 58}…'),
        (Text(choices=("A",)), "B", 'expected A; got "B"'),
        (
            Text(choices=("INTEGER", "REAL")),
            "INTEGR",
            'expected one of INTEGER, REAL; got "INTEGR" (did you mean INTEGER?)',
        ),
        (Number(), "x", 'expected a number; got "x"'),
        (Number(), "true", "expected a number; got true"),
        (Number(whole=True, least=1), "0", "expected a whole number of 1 or more; got 0"),
        (Number(whole=True), "1.5", "expected a whole number; got 1.5"),
        (Number(above=0), "0", "expected a number above 0; got 0"),
        (Flag(), "yes", 'expected true or false; got "yes"'),
        (Flag(), "1", "expected true or false; got 1"),
        (Scalar(text=WORD), "[]", "expected text, a number, true, false or null; got a list"),
        (Scalar(text=WORD), "UP", 'expected a word; got "UP"'),
    ],
)
def test_does_not_fit(
    tree: Callable[[str], Node],
    messages: Callable[[], list[str]],
    faults: Faults,
    shape: Shape,
    text: str,
    message: str,
) -> None:
    """What does not fit is told with what was expected and what was found."""
    assert not shape.fits(tree(text), faults)
    assert [f"$: {message}"] == messages()


@pytest.mark.parametrize("text", ["pat_aaaa", "5", "[pat_aaaa]"])
def test_secrets_are_not_shown(tree: Callable[[str], Node], faults: Faults, text: str) -> None:
    """A value that may be a token by mistake never gets into a message."""
    assert not Text(pattern="[A-Z]+", rule="a NAME", secret=True).fits(tree(text), faults)

    (fault,) = faults
    assert fault.message.endswith("got something else")


@pytest.mark.parametrize(
    "shape", [Text(), Number(), Flag(), Scalar(text=WORD), Json(text=WORD, reference="json")]
)
def test_broken_values_are_passed_over(faults: Faults, shape: Shape) -> None:
    """What was reported as unreadable does not fit, and is not reported again."""
    assert not shape.fits(Node(BROKEN, Place("m.yaml", 1), "$"), faults)
    assert [] == list(faults)


def test_json_finds_every_fault(
    tree: Callable[[str], Node], messages: Callable[[], list[str]], faults: Faults
) -> None:
    """Texts that do not fit are told wherever they are in a nested value."""
    assert not Json(text=WORD, reference="json").fits(tree("{a: [UP, ok, {b: UP}], c: UP}"), faults)
    assert ["$.a[0]", "$.a[2].b", "$.c"] == [message.split(":")[0] for message in messages()]


@pytest.mark.parametrize(
    ("shape", "schema"),
    [
        (Text(), {"type": "string", "minLength": 1}),
        (Text(empty=True), {"type": "string"}),
        (WORD, {"type": "string", "minLength": 1, "pattern": "^(?:[a-z]+)$"}),
        (Text(choices=("A",)), {"type": "string", "enum": ["A"]}),
        (Text(known=("A",)), {"anyOf": [{"enum": ["A"]}, {"type": "string", "minLength": 1}]}),
        (Number(), {"type": "number"}),
        (Number(whole=True, least=1), {"type": "integer", "minimum": 1}),
        (Number(above=0), {"type": "number", "exclusiveMinimum": 0}),
        (Flag(), {"type": "boolean"}),
        (Json(text=WORD, reference="json"), {"$ref": "#/$defs/json"}),
    ],
)
def test_schema(shape: Shape, schema: object) -> None:
    """A shape writes itself as JSON Schema."""
    assert schema == shape.schema()


def test_shown_is_short(tree: Callable[[str], Node]) -> None:
    """A message shows a value as JSON, cut when it is long."""
    assert '"ü"' == shown(tree("ü"))
    assert 61 == len(shown(tree("x" * 1000)))


def test_every_goes_on_after_a_failure() -> None:
    """All checks run, also after one that failed."""
    checks = iter([True, False, True])

    assert not every(checks)
    assert [] == list(checks)
    assert every([True, True])
