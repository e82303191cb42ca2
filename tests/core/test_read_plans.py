"""How models are to be read."""

from datetime import datetime
from typing import Any, Literal

import orjson
import pytest
from attrs import Factory, define, field, frozen, validators

from aiotables.core.convert import Converter
from aiotables.core.model_fields import TypeExpr, model_fields
from aiotables.core.read_plans import (
    ANY,
    CALL,
    CLASSES,
    FLAG,
    TABLE,
    TAGGED,
    TIME,
    ValuePlan,
    can_be_filled,
    read_plan,
)
from aiotables.core.sentinels import IntBool, StrEnum
from aiotables.core.structure import readers


class Kind(StrEnum):
    """An enum."""

    ONE = "one"


@define(kw_only=True)
class Circle:
    """One kind of shape."""

    kind: Literal["circle"] = "circle"


@define(kw_only=True)
class Square:
    """Another."""

    kind: Literal["square"] = "square"


def plan_of(type_: TypeExpr) -> ValuePlan:
    """How a field of a type is read."""

    @define(kw_only=True)
    class Holder:
        value: type_

    (plan,) = read_plan(Holder, model_fields(Holder), readers()).fields
    return plan.value


@pytest.mark.parametrize(
    ("sort", "detail", "type_"),
    [
        (ANY, None, Any),
        (CLASSES, (str,), str),
        (CLASSES, (float, int), float),
        (CLASSES, (str, type(None)), str | None),
        (CLASSES, (list,), list[Any]),
        (TIME, datetime.fromisoformat, datetime),
        (FLAG, None, IntBool),
        (TABLE, {"a": "a", "b": "b"}, Literal["a", "b"]),
        (TABLE, {"one": Kind.ONE}, Kind),
        (CALL, None, Circle),
        (CALL, None, dict[str, Kind]),
        (CALL, None, Literal[1]),
        (CALL, None, str | Circle),
    ],
)
def test_values_are_read_by_their_types(sort: int, detail: object, type_: TypeExpr) -> None:
    """What can be read without a call is, and the rest is left to what reads its type."""
    plan = plan_of(type_)

    assert (sort, detail, False, False) == (plan.sort, plan.detail, plan.nullable, plan.is_list)
    assert (plan.read is None) == (sort in {ANY, CLASSES} or type_ == Literal["a", "b"])


def test_members_of_a_union_are_told_apart_by_a_tag() -> None:
    """The plan has what reads each of them, by its tag, and what tells what is wrong with another."""
    plan = plan_of(Circle | Square)

    assert (TAGGED, "kind", {"circle", "square"}) == (plan.sort, plan.key, set(plan.detail))
    assert plan.read is not None


@pytest.mark.parametrize(
    ("expected", "type_"),
    [
        ((TIME, True, False), datetime | None),
        ((TIME, False, True), list[datetime]),
        ((TIME, True, True), list[datetime] | None),
        ((CLASSES, False, True), list[str | None]),
        ((CALL, False, True), list[datetime | None]),
        ((CALL, False, True), list[list[IntBool]]),
    ],
)
def test_null_and_lists_are_said_of_the_value(expected: tuple[int, bool, bool], type_: TypeExpr) -> None:
    """A plan says of a list how its items are read, and of a value whether it may be null."""
    plan = plan_of(type_)

    assert expected == (plan.sort, plan.nullable, plan.is_list)


def test_keys_are_those_of_parsed_objects() -> None:
    """A dict finds a key fastest that is the very text that orjson has made of it before."""

    @define
    class Holder:
        value: int = field(metadata={"wire": "a key that none has"})

    (plan,) = read_plan(Holder, model_fields(Holder), readers()).fields
    (parsed,) = orjson.loads(b'{"a key that none has": 1}')

    assert parsed is plan.key


def test_defaults_and_unknown_keys() -> None:
    """A field that may be absent has its default, or what makes it; unknown keys have a place where the class has one."""

    @define(kw_only=True)
    class Holder:
        needed: int
        usual: int = 3
        made: list[str] = field(factory=list)
        derived: int = field(init=False, default=4)
        more: dict[str, Any] = field(factory=dict, metadata={"additional": True})

    plan = read_plan(Holder, model_fields(Holder), readers())

    assert [("needed", True), ("usual", False), ("made", False)] == [
        (each.name, each.required) for each in plan.fields
    ]
    assert [(3, False), (list, True)] == [(each.absent, each.is_made) for each in plan.fields[1:]]
    assert ("more", {"x": 1}) == (plan.kept, plan.rest({"needed": 2, "derived": 5, "x": 1}))


@define(kw_only=True)
class Thing:
    """It has fields, and nothing else."""

    name: str
    parts: list[str] = field(factory=list)


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
