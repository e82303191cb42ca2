"""Functions that are made of the fields of a class."""

from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from attrs import Factory, define, field, frozen, validators
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.compiled import can_be_filled, compiled_reader
from aiotables.core.convert import Converter
from aiotables.core.errors import DecodeError
from aiotables.core.model_fields import Json, model_fields
from aiotables.core.sentinels import UNSET, IntBool, StrEnum, Unset
from aiotables.core.structure import readers


HOSTILE = "\"'\\\n\0{value}\u202e'] = exit() #"


class Kind(StrEnum):
    """An enum with a member that is false."""

    ONE = "one"
    NOTHING = ""


@define(kw_only=True)
class Thing:
    """A model with a field of each sort."""

    name: str
    kind: Literal["thing"] = "thing"
    size: float | None = None
    tags: list[str] | Unset = UNSET
    form: Kind | Unset = UNSET
    flag: IntBool | Unset = UNSET
    made: datetime | None = None
    parts: list[str] = field(factory=list)
    odd: Any = field(default=None, metadata={"wire": HOSTILE})
    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})


def read(value: Json) -> Json:
    """Mark *value* as read by a hook."""
    return ["read", value]


READ = compiled_reader(Thing, model_fields(Thing), lambda _: read)


def test_fields_that_are_plain_are_taken() -> None:
    """What needs no more than a look at its class is taken as it is, and what is absent has its default."""
    thing = READ({"name": "it", "size": 3, "tags": ["a"]})

    assert Thing(name="it", size=3, tags=["a"]) == thing
    assert thing.parts is not READ({"name": "it"}).parts


@pytest.mark.parametrize(
    ("expected", "key", "value"),
    [
        (Kind.ONE, "form", "one"),
        (["read", "two"], "form", "two"),
        (Kind.NOTHING, "form", ""),
        (True, "flag", 1),
        (False, "flag", 0),
        (["read", 2], "flag", 2),
        (["read", 1.0], "flag", 1.0),
        (["read", "1"], "flag", "1"),
        (["read", "2026-06-02T01:00:00Z"], "made", "2026-06-02T01:00:00Z"),
        (None, "made", None),
    ],
)
def test_usual_values_are_read_in_place(expected: object, key: str, value: object) -> None:
    """What is written as it mostly is needs no call; the rest is left to the hook of its type."""
    assert expected == getattr(READ({"name": "it", key: value}), key)


@given(st.lists(st.datetimes(timezones=st.just(UTC)) | st.none(), max_size=8))
def test_date_times_that_repeat_are_read(times: list[datetime | None]) -> None:
    """Whatever was read before, in this object or another, a text says what it says."""
    read_thing = compiled_reader(Thing, model_fields(Thing), readers())
    for made in [*times, *times]:
        text = None if made is None else made.isoformat().replace("+00:00", "Z")

        assert made == read_thing({"name": "it", "made": text}).made


@pytest.mark.parametrize(
    "value",
    [
        [],
        "name",
        {},
        {"name": None},
        {"name": "it", "kind": "other"},
        {"name": "it", "kind": None},
        {"name": "it", "size": "3"},
        {"name": "it", "size": True},
        {"name": "it", "tags": "a"},
        {"name": "it", "tags": ["a", None]},
        {"name": "it", "form": []},
    ],
)
def test_other_values_are_refused(value: Json) -> None:
    """Anything else raises what the converter knows as a wrong value."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        READ(value)


def test_unknown_keys_are_kept() -> None:
    """What the class has no field for is in its field for that, and nothing else is."""
    thing = READ({"name": "it", "kind": "thing", "colour": "red"})

    assert {"colour": "red"} == thing.additional
    assert {} == READ({"name": "it", "kind": "thing", "parts": []}).additional


def test_json_keys_are_no_code() -> None:
    """A key that would end a text, a line or a file is a key, and nothing runs."""
    thing = READ({"name": "it", HOSTILE: 3})

    assert 3 == thing.odd


@given(st.text())
def test_any_key_is_read(key: str) -> None:
    """Whatever a spec calls a field, it is read from that key."""

    @define(kw_only=True)
    class Odd:
        value: int = field(metadata={"wire": key})

    assert 3 == Converter().decode({key: 3}, Odd).value


@frozen
class Frozen:
    """Its fields cannot be set."""

    name: str


@define
class Checked:
    """Its fields are checked when they are set."""

    name: str = field(validator=validators.min_len(1))


@define
class Converted:
    """Its fields are converted by `__init__`."""

    name: str = field(converter=str)


@define
class Derived:
    """It works out a field by itself."""

    name: str
    twice: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.twice = self.name * 2


@define
class Dependent:
    """A default of it depends on another field."""

    name: str
    other: str = field(default=Factory(lambda self: self.name, takes_self=True))


def test_classes_that_init_adds_nothing_to_can_be_filled() -> None:
    """A class of fields alone can be filled without its `__init__`."""
    assert can_be_filled(Thing)


@pytest.mark.parametrize("cls", [Frozen, Checked, Converted, Derived, Dependent])
def test_other_classes_are_made_by_their_init(cls: Any) -> None:  # noqa: ANN401  # a class
    """Where `__init__` does more, it is called."""
    assert not can_be_filled(cls)
    assert cls("a") == Converter().decode({"name": "a"}, cls)


@define(kw_only=True)
class Renamed:
    """It is made by its `__init__`, which calls the fields otherwise, and sets one of them by itself."""

    name: str = field(alias="called", validator=validators.instance_of(str))
    size: int = field(alias="as_large_as", default=1)
    made_by_init: int = field(init=False, default=2)
    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})


@pytest.mark.parametrize(
    ("expected", "document"),
    [
        (Renamed(called="a"), {"name": "a"}),
        (Renamed(called="a", as_large_as=3, additional={"x": 4}), {"name": "a", "size": 3, "x": 4}),
    ],
)
def test_init_has_its_own_names(expected: Renamed, document: Json) -> None:
    """The arguments of `__init__` are named as it names them, and defaults are its own."""
    assert expected == Converter().decode(document, Renamed)


def test_what_init_refuses_is_refused() -> None:
    """A check of the class itself is told as a fault of the data."""
    with pytest.raises(DecodeError):
        Converter().decode({"name": ""}, Checked)
