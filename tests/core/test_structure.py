"""Reading, type by type."""

import contextlib
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Literal

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.convert import Converter
from aiotables.core.errors import DecodeError
from aiotables.core.model_fields import TypeExpr
from aiotables.core.sentinels import UNSET, IntBool, StrEnum, UnknownVariant, Unset


class Kind(StrEnum):
    """An enum as the generator writes it."""

    ONE = "one"


@define(kw_only=True)
class Round:
    """A variant that keeps the keys it does not know."""

    kind: Literal["round"] = "round"
    radius: int | Unset = UNSET
    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})


@define(kw_only=True)
class Square:
    """A variant that does not."""

    kind: Literal["square"] = "square"
    from_: str = field(metadata={"wire": "from"})


@define(kw_only=True)
class Empty:
    """A model without a required field."""

    note: str | None = None


@define(kw_only=True)
class Node:
    """A model that refers to itself."""

    name: str
    children: "list[Node] | Unset" = UNSET


Shape = Round | Square | UnknownVariant


def problems(value: object, type_: TypeExpr, converter: Converter | None = None) -> tuple[str, ...]:
    """What is wrong with *value* as *type_*."""
    with pytest.raises(DecodeError) as caught:
        (converter or Converter()).decode(value, type_)
    return caught.value.problems


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        ("text", str),
        (3, int),
        (3.5, float),
        (3, float),
        (2**60 + 1, float),
        (True, bool),
        (None, type(None)),
        ({"a": [1, None]}, Any),
        ({"a": [1, None]}, dict[str, Any]),
        ([1, "a"], list[Any]),
        ({"a": 1}, dict[str, int]),
        ("a", Literal["a", "b"]),
        (1, Literal[1]),
        (None, int | None),
        (3, int | None),
        (None, Any | None),
        ({"a": 1}, Any | None),
        ("new", str | bool),
        (False, str | bool),
        (3, str | float | None),
        (None, str | float | None),
        ([1], list[int] | dict[str, int]),
    ],
)
def test_value_of_its_type_is_taken(value: object, type_: TypeExpr) -> None:
    """What is the type that the spec says is the value itself, class and all."""
    taken = Converter().decode(value, type_)

    assert value == taken
    assert type(value) is type(taken)


@pytest.mark.parametrize(
    ("expected", "value", "type_"),
    [
        ("expected str, got null", None, str),
        ("expected str, got int", 5, str),
        ("expected int, got str", "5", int),
        ("expected int, got number", 5.0, int),
        ("expected int, got bool", True, int),
        ("expected number, got bool", True, float),
        ("expected number, got str", "1.5", float),
        ("expected bool, got int", 1, bool),
        ("expected bool, got str", "false", bool),
        ("expected null, got str", "", type(None)),
        ("expected array, got str", "abc", list[str]),
        ("expected array, got object", {"a": "b"}, list[str]),
        ("expected object, got array", [["a", 1]], dict[str, int]),
        ("expected object, got str", "secret", dict[str, Any]),
        ("expected str, got int", 3, Kind),
        ("expected str, got null", None, Kind),
        ('expected "a" or "b", got another str', "secret", Literal["a", "b"]),
        ('expected "a" or "b", got null', None, Literal["a", "b"]),
        ("expected 1, got bool", True, Literal[1]),
        ("expected 0 or 1, got another int", 2, IntBool),
        ("expected 0 or 1, got str", "1", IntBool),
        ("expected int, got str", "5", int | None),
        ("expected str or bool, got object", {}, str | bool),
        ("expected str or number, got bool", True, str | float | None),
        ("expected object, got int", 3, Empty),
        ("expected object, got str", "note", Empty),
        ("expected object, got array", [], Square),
        ("expected object, got array", [], Round),
        ("expected object, got array", [], Shape),
    ],
)
def test_other_value_is_refused(expected: str, value: object, type_: TypeExpr) -> None:
    """Nothing is coerced, and the message tells types alone."""
    assert (f"$: {expected}",) == problems(value, type_)


@pytest.mark.parametrize(
    ("expected", "value"),
    [(False, 0), (True, 1), (False, False), (True, True)],
)
def test_flag_is_read_from_0_and_1(expected: bool, value: object) -> None:  # noqa: FBT001  # a flag it is
    """A 0/1 flag is a bool, and a bool is taken too."""
    assert expected is Converter().decode(value, IntBool)


def test_flags_are_read_wherever_they_are() -> None:
    """A flag in a list, or one that may be null, is a bool as well."""
    converter = Converter()

    assert [False, True] == converter.decode([0, 1], list[IntBool])
    assert converter.decode(None, IntBool | None) is None
    assert converter.decode(1, IntBool | str) is True


def test_enum_value_is_its_member() -> None:
    """A listed value is its member."""
    assert Kind.ONE is Converter().decode("one", Kind)


def test_enum_value_that_is_not_listed_is_kept() -> None:
    """A value that the service has added is a member that says so."""
    member = Converter().decode("robots", Kind)

    assert "robots" == member
    assert member.is_unknown


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (datetime(2026, 6, 2, 1, 0, tzinfo=UTC), "2026-06-02T01:00:00Z"),
        (datetime(2026, 6, 2, 1, 0, tzinfo=UTC), "2026-06-02 01:00:00+00:00"),
        (datetime(2026, 6, 2, 1, 0, 0, 123456, tzinfo=UTC), "2026-06-02T01:00:00.123456789Z"),
        (datetime(2026, 6, 2, 1, 0, tzinfo=timezone(timedelta(hours=-5))), "2026-06-02T01:00:00-05:00"),
        (datetime(2026, 6, 2, 1, 0, tzinfo=UTC), "2026-06-02T01:00:00"),
    ],
)
def test_date_time_is_read(expected: datetime, text: str) -> None:
    """RFC 3339 is read; a time without a zone is UTC, so that times can always be compared."""
    read = Converter().decode(text, datetime)

    assert expected == read
    assert expected.utcoffset() == read.utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        "2026-06-02",
        "2026-W23-2T01:00:00Z",
        "20260602T010000Z",
        "2026-02-30T01:00:00Z",
        "2026-06-02T25:00:00Z",
        "2026-06-02T01:00:00+00:00:30",
        "\uff12\uff10\uff12\uff16-06-02T01:00:00Z",
    ],
)
def test_other_text_is_no_date_time(text: str) -> None:
    """What is no date-time is told without its text."""
    assert ("$: expected date-time, got another str",) == problems(text, datetime)


def test_number_is_no_date_time() -> None:
    """A timestamp in seconds is not guessed at."""
    assert ("$: expected date-time, got int",) == problems(1_780_000_000, datetime)


def test_date_is_read() -> None:
    """A date is a date without a time."""
    assert date(2026, 6, 2) == Converter().decode("2026-06-02", date)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("expected date, got another str", "20260602"),
        ("expected date, got another str", "2026-02-30"),
        ("expected date, got int", 20260602),
    ],
)
def test_other_value_is_no_date(expected: str, value: object) -> None:
    """What is no date is told without its text."""
    assert (f"$: {expected}",) == problems(value, date)


def test_model_is_read_by_wire_names() -> None:
    """A field is read from its JSON name, and an absent one has its default."""
    converter = Converter()

    assert Square(from_="here") == converter.decode({"kind": "square", "from": "here"}, Square)
    assert Empty(note=None) == converter.decode({}, Empty)
    assert UNSET is converter.decode({}, Round).radius


def test_unknown_keys_are_kept_where_the_spec_says_so() -> None:
    """A model that may be sent back holds the keys that it has no field for."""
    assert {"colour": "red"} == Converter().decode({"kind": "round", "colour": "red"}, Round).additional


def test_unknown_keys_are_dropped_elsewhere() -> None:
    """A field that a service adds does not break a client that does not know it."""
    assert Square(from_="x") == Converter().decode({"kind": "square", "from": "x", "new": 1}, Square)


def test_unknown_keys_are_refused_on_demand() -> None:
    """A converter for tests tells keys that the spec lacks, except where they are kept."""
    converter = Converter(forbid_unknown=True)
    value = {"kind": "square", "from": "x", "b": 1, "a": 2}

    assert ("$.a: unknown field", "$.b: unknown field") == problems(value, Square, converter)
    assert {"colour": 1} == converter.decode({"colour": 1}, Round).additional


def test_model_that_refers_to_itself_is_read() -> None:
    """A tree is read to its leaves, and a fault in a leaf has the whole path."""
    tree = {"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}]}
    bad = {"name": "a", "children": [{"name": "b", "children": [{}]}]}

    assert Node(name="a", children=[Node(name="b", children=[Node(name="c")])]) == Converter().decode(
        tree, Node
    )
    assert ("$.children[0].children[0].name: required field missing",) == problems(bad, Node)


def test_union_is_told_by_its_tag() -> None:
    """An object of a union is the model that its tag names."""
    converter = Converter()

    assert Round(radius=2) == converter.decode({"kind": "round", "radius": 2}, Shape)
    assert Square(from_="x") == converter.decode({"kind": "square", "from": "x"}, Shape | None)
    assert converter.decode(None, Shape | None) is None


def test_unknown_kind_is_kept_whole() -> None:
    """An object with a tag that is not in the spec is kept as it came."""
    raw = {"kind": "star", "points": [5]}

    assert UnknownVariant("star", raw) == Converter().decode(raw, Shape)


def test_union_of_one_and_unknown_kinds() -> None:
    """A union that has one variant so far keeps unknown kinds already."""
    converter = Converter()

    assert UnknownVariant("star", {"kind": "star"}) == converter.decode(
        {"kind": "star"}, Round | UnknownVariant
    )


def test_closed_union_refuses_unknown_kinds() -> None:
    """A union that does not say it is open does not give what it does not name."""
    assert ("$.kind: expected a known tag, got another str",) == problems({"kind": "star"}, Round | Square)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("$.kind: required field missing", {"radius": 1}),
        ("$.kind: expected str, got int", {"kind": 3}),
        ("$.kind: expected str, got object", {"kind": {"round": 1}}),
        ("$.radius: expected int, got str", {"kind": "round", "radius": "2"}),
    ],
)
def test_fault_in_a_union_has_its_path(expected: str, value: object) -> None:
    """The tag alone decides which model is meant, so a fault is told of that one."""
    assert (expected,) == problems(value, Shape)


def test_union_of_a_model_and_scalars() -> None:
    """A field that holds text or an object is told apart by its JSON type."""
    converter = Converter()

    assert "x" == converter.decode("x", str | Square)
    assert Square(from_="x") == converter.decode({"from": "x"}, str | Square)
    assert ("$.from: required field missing",) == problems({}, str | Square)


@pytest.mark.parametrize("type_", [str | Kind, dict[str, int] | Square, list[int] | list[str]])
def test_members_that_look_alike_are_a_fault_of_the_program(type_: TypeExpr) -> None:
    """A union whose members JSON cannot tell apart is refused when it is first met."""
    with pytest.raises(TypeError, match="look alike"):
        Converter().decode("x", type_)


def test_type_without_a_hook_is_a_fault_of_the_program() -> None:
    """A type that no spec has is not blamed on the data."""
    with pytest.raises(TypeError, match="nothing reads <class 'complex'>"):
        Converter().decode("x", complex)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
@pytest.mark.parametrize("type_", [Shape, list[Square], Empty | None, str | list[int], dict[str, Kind]])
def test_what_is_refused_is_explained(type_: TypeExpr, value: object) -> None:
    """Whatever the fast hooks refuse, the ones that track paths refuse too, with at least one problem."""
    with contextlib.suppress(DecodeError):
        Converter().decode(value, type_)
        return

    assert problems(value, type_)
