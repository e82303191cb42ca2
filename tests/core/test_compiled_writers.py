"""What writes the fields of a class, in Python and in C: every test is of both."""

from datetime import UTC, datetime
from typing import Any, Literal

import orjson
import pytest
from attrs import define, field
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiotables.core.extension import Extension, writer_of
from aiotables.core.model_fields import Json, model_fields
from aiotables.core.sentinels import UNSET, IntBool, StrEnum, UnknownVariant, Unset
from aiotables.core.write_plans import MOST_AT_ONCE, Writer, write_plan


HOSTILE = "\"'\\\n\0{value}\u202e'] = exit() #"


class Kind(StrEnum):
    """An enum."""

    ONE = "one"


@define(kw_only=True)
class Left:
    """A model inside."""


@define(kw_only=True)
class Right:
    """Another model inside."""


@define(kw_only=True)
class Thing:
    """A model with a field of each sort."""

    name: str
    flag: IntBool | None = field(default=None, metadata={"null": True})
    kind: Literal["thing"] = "thing"
    tags: list[str] | Unset = UNSET
    form: Kind | Unset | None = UNSET
    rows: list[list[IntBool]] | Unset = UNSET
    made: datetime | None = None
    times: dict[str, datetime] | Unset = UNSET
    left: Left | Unset = UNSET
    sides: list[Left | Right | UnknownVariant] | Unset = UNSET
    mixed: Left | list[datetime] | IntBool | Unset = UNSET
    odd: Any = field(default=UNSET, metadata={"wire": HOSTILE})
    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})


def write_model(value: Json) -> Json:
    """Mark *value* as written by the function of its class."""
    return ["written", value]


def make(cls: type, extension: Extension | None) -> Writer:
    """What writes a class, and leaves the models inside to `write_model`."""
    return writer_of(write_plan(cls, model_fields(cls), lambda _: write_model), extension)


@pytest.fixture
def write(extension: Extension | None) -> Writer:
    """What writes things."""
    return make(Thing, extension)


MOMENT = datetime(2026, 6, 2, 1, tzinfo=UTC)
VARIANT = UnknownVariant("star", {"kind": "star"})


def test_absent_fields_are_left_out(write: Writer) -> None:
    """What was not given is not there, and null is, where it is a value."""
    assert {"name": "it", "flag": None, "kind": "thing"} == write(Thing(name="it"))


def test_kept_keys_are_written(write: Writer) -> None:
    """What the class has no field for is written, and what it has one for wins."""
    thing = Thing(name="it", additional={"colour": "red", "name": "other"})

    assert {"colour": "red", "name": "it", "flag": None, "kind": "thing"} == write(thing)


@pytest.mark.parametrize(
    ("expected", "name", "value"),
    [
        (1, "flag", True),
        (0, "flag", False),
        (2, "flag", 2),
        (["a"], "tags", ["a"]),
        (Kind.ONE, "form", Kind.ONE),
        ("three", "form", "three"),
        (None, "form", None),
        ([[1, 3], None], "rows", [[True, 3], None]),
        ("one", "rows", "one"),
        ("today", "made", "today"),
        ([MOMENT], "times", [MOMENT]),
        (["written", Left()], "left", Left()),
        (Right(), "left", Right()),
        (
            [["written", Left()], ["written", Right()], ["written", VARIANT], UNSET],
            "sides",
            [Left(), Right(), VARIANT, UNSET],
        ),
        (["written", Left()], "mixed", Left()),
        (1, "mixed", True),
    ],
)
def test_fields_are_written_by_their_types(write: Writer, expected: object, name: str, value: object) -> None:
    """A value of the type of its field is written, and another one stays as it is, for the service to judge."""
    thing = Thing(name="it")
    setattr(thing, name, value)
    written = write(thing)[name]

    assert expected == written
    assert type(expected) is type(written)


@pytest.mark.parametrize(
    ("expected", "name", "value"),
    [
        (b'"2026-06-02T01:00:00Z"', "made", MOMENT),
        (b'{"a":"2026-06-02T01:00:00Z","b":null}', "times", {"a": MOMENT, "b": None}),
        (b'["2026-06-02T01:00:00Z"]', "mixed", [MOMENT]),
    ],
)
def test_times_are_written_by_their_types(write: Writer, expected: bytes, name: str, value: object) -> None:
    """What stands for a time is for orjson, wherever the time is."""
    thing = Thing(name="it")
    setattr(thing, name, value)

    assert expected == orjson.dumps(write(thing)[name], option=orjson.OPT_PASSTHROUGH_DATETIME)


@pytest.mark.parametrize("more", [0, 1])
def test_many_models_are_left_to_orjson(write: Writer, more: int) -> None:
    """A long list of models does not become a list of dicts, all in memory at once; other lists become what they must."""
    number = MOST_AT_ONCE + more
    thing = Thing(name="it", sides=[Left() for _ in range(number)], rows=[[True] * number] * number)

    assert ([Left()] if more else [["written", Left()]]) * number == write(thing)["sides"]
    assert [[1] * number] * number == write(thing)["rows"]
    assert int is type(write(thing)["rows"][-1][-1])


def test_json_keys_are_no_code(write: Writer) -> None:
    """A key that would end a text, a line or a file is a key, and nothing runs."""
    assert 3 == write(Thing(name="it", odd=3))[HOSTILE]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text())
def test_any_key_is_written(extension: Extension | None, key: str) -> None:
    """Whatever a spec calls a field, it is written to that key."""

    @define(kw_only=True)
    class Odd:
        value: int = field(metadata={"wire": key})

    assert {key: 3} == make(Odd, extension)(Odd(value=3))
