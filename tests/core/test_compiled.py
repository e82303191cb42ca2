"""What reads the fields of a class, in Python and in C: every test is of both."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from attrs import define, field, validators
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiotables.core.convert import Converter
from aiotables.core.date_times import read_date_time
from aiotables.core.errors import DecodeError
from aiotables.core.extension import Extension, reader_of
from aiotables.core.faults import WRONG_VALUE, Fault
from aiotables.core.model_fields import Json, model_fields
from aiotables.core.read_plans import Find, Reader, read_plan
from aiotables.core.sentinels import UNSET, IntBool, StrEnum, UnknownVariant, Unset
from aiotables.core.structure import readers


# What makes readers is the same for each example.
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
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


Make = Callable[[type, Find], Reader]


@pytest.fixture
def make(extension: Extension | None) -> Make:
    """What makes what reads a class."""
    return lambda cls, find: reader_of(read_plan(cls, model_fields(cls), find), extension)


@pytest.fixture
def read_thing(make: Make) -> Reader:
    """What reads things, and leaves to `read` what it does not read itself."""
    return make(Thing, lambda _: read)


def test_fields_that_are_plain_are_taken(read_thing: Reader) -> None:
    """What needs no more than a look at its class is taken as it is, and what is absent has its default."""
    thing = read_thing({"name": "it", "size": 3, "tags": ["a"]})

    assert Thing(name="it", size=3, tags=["a"]) == thing
    assert thing.parts is not read_thing({"name": "it"}).parts


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
def test_usual_values_are_read_in_place(
    read_thing: Reader, expected: object, key: str, value: object
) -> None:
    """What is written as it mostly is needs no call; the rest is left to the hook of its type."""
    assert expected == getattr(read_thing({"name": "it", key: value}), key)


@SHARED
@given(times=st.lists(st.datetimes(timezones=st.just(UTC)) | st.none(), max_size=8))
def test_date_times_that_repeat_are_read(make: Make, times: list[datetime | None]) -> None:
    """Whatever was read before, in this object or another, a text says what it says."""
    read_thing = make(Thing, readers())
    for made in [*times, *times]:
        text = None if made is None else made.isoformat().replace("+00:00", "Z")

        assert made == read_thing({"name": "it", "made": text}).made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-06-02T01:00:00.Z",
        "2026-06-02T01:00:00",
        "2026-06-02T01:00:00Z ",
        "2026-06-02T01:00:60Z",
        "2026-06-02T01:00:00.5+02:00",
        "2026-06-02 01:00:00Z",
        "2026-W23-2T01:00:00Z",
        "２０26-06-02T01:00:00Z",  # noqa: RUF001  # digits that are none in JSON
        "2026-06-02T01:00:00Ż",
    ],
)
def test_date_times_are_read_as_ever(make: Make, text: str) -> None:
    """What is no text of the usual form is read, or refused, as what reads all date-times does."""
    read_thing = make(Thing, readers())
    try:
        expected = read_date_time(text)
    except Fault:
        with pytest.raises((ValueError, TypeError)):
            read_thing({"name": "it", "made": text})
    else:
        assert expected == read_thing({"name": "it", "made": text}).made


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
    ],
)
def test_other_values_are_refused(read_thing: Reader, value: Json) -> None:
    """Anything else raises what the converter knows as a wrong value."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_thing(value)


@define(kw_only=True)
class Circle:
    """One kind of shape."""

    kind: Literal["circle"]


@define(kw_only=True)
class Square:
    """Another."""

    kind: Literal["square"]
    side: int = 1


@define(kw_only=True)
class Drawing:
    """It has shapes."""

    front: Circle | Square | None = None
    shapes: list[Circle | Square | UnknownVariant] = field(factory=list)


def test_members_of_unions_are_read_by_their_tags(make: Make) -> None:
    """Each object is of the class that its tag says; where the union is open, another one is kept as it is."""
    star = {"kind": "star", "rays": 5}
    drawing = make(Drawing, readers())(
        {"front": {"kind": "square", "side": 3}, "shapes": [{"kind": "circle"}, star, {"kind": "square"}]}
    )

    assert Square(kind="square", side=3) == drawing.front
    assert [Circle(kind="circle"), UnknownVariant("star", star), Square(kind="square")] == drawing.shapes


@pytest.mark.parametrize("value", [3, {}, {"kind": 3}, {"kind": "star"}, {"kind": "square", "side": "long"}])
def test_members_of_unions_are_checked(make: Make, value: Json) -> None:
    """What has no tag, or none that a closed union knows, is refused, and so is a member that is wrong."""
    with pytest.raises(WRONG_VALUE):
        make(Drawing, readers())({"front": value})


def test_unknown_keys_are_kept(read_thing: Reader) -> None:
    """What the class has no field for is in its field for that, and nothing else is."""
    thing = read_thing({"name": "it", "kind": "thing", "colour": "red"})

    assert {"colour": "red"} == thing.additional
    assert {} == read_thing({"name": "it", "kind": "thing", "parts": []}).additional


def test_json_keys_are_no_code(read_thing: Reader) -> None:
    """A key that would end a text, a line or a file is a key, and nothing runs."""
    thing = read_thing({"name": "it", HOSTILE: 3})

    assert 3 == thing.odd


@SHARED
@given(key=st.text())
def test_any_key_is_read(make: Make, key: str) -> None:
    """Whatever a spec calls a field, it is read from that key."""

    @define(kw_only=True)
    class Odd:
        value: int = field(metadata={"wire": key})

    assert 3 == make(Odd, readers())({key: 3}).value


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


@define
class Checked:
    """Its fields are checked when they are set."""

    name: str = field(validator=validators.min_len(1))


def test_what_init_refuses_is_refused() -> None:
    """A check of the class itself is told as a fault of the data."""
    with pytest.raises(DecodeError):
        Converter().decode({"name": ""}, Checked)
