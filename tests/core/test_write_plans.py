"""How models are to be written."""

from datetime import datetime
from typing import Any

import pytest
from attrs import define, field

from aiotables.core.date_times import write_date_time
from aiotables.core.model_fields import Json, TypeExpr, model_fields
from aiotables.core.sentinels import UNSET, IntBool, UnknownVariant, Unset
from aiotables.core.write_plans import MOST_AT_ONCE, ValuePlan, write_plan


@define
class Left:
    """A model inside."""


@define
class Right:
    """Another."""


def write_model(value: Json) -> Json:
    """What writes every model here."""
    return ["written", value]


def plan_of(type_: TypeExpr) -> ValuePlan:
    """How a field of a type is written."""

    @define
    class Holder:
        value: type_

    (plan,) = write_plan(Holder, model_fields(Holder), lambda _: write_model).fields
    return plan.value


@pytest.mark.parametrize(
    ("expected", "type_"),
    [
        ({}, str | None),
        ({}, list[str]),
        ({}, dict[str, Any]),
        ({datetime: write_date_time}, datetime | None),
        ({bool: int}, IntBool),
        ({Left: write_model, Right: write_model, UnknownVariant: write_model}, Left | Right | UnknownVariant),
        ({Left: write_model, bool: int}, Left | IntBool),
    ],
)
def test_values_are_written_by_their_classes(expected: dict[type, object], type_: TypeExpr) -> None:
    """What orjson writes by itself is left to it, and each other class has what writes it."""
    assert (expected, None) == plan_of(type_)[:2]


@pytest.mark.parametrize(
    ("expected", "is_bounded", "type_"),
    [
        ({Left: write_model}, True, list[Left]),
        ({Left: write_model, datetime: write_date_time}, False, list[Left | datetime]),
        ({bool: int}, False, list[IntBool] | None),
    ],
)
def test_items_of_lists(expected: dict[type, object], is_bounded: bool, type_: TypeExpr) -> None:  # noqa: FBT001  # expected
    """A list says how its items are written; only of models is it too long at some length."""
    plan = plan_of(type_)

    assert ({}, expected) == (plan.by_class, plan.by_class_of_item)
    assert is_bounded == (plan.most == MOST_AT_ONCE)


def test_lists_and_objects_inside_have_what_writes_them() -> None:
    """However deep a value is, it is written."""
    plan = plan_of(list[list[IntBool]] | dict[str, IntBool])
    assert plan.by_class_of_item is not None

    assert {"a": 1, "b": "no flag"} == plan.by_class[dict]({"a": True, "b": "no flag"})
    assert [0, None] == plan.by_class_of_item[list]([False, None])


def test_what_is_always_there_comes_first() -> None:
    """Fields that may be absent are written after those that are not, each with the value that stands for being absent."""

    @define(kw_only=True)
    class Holder:
        name: str | Unset = UNSET
        size: int | None = None
        gone: str | None = field(default=None, metadata={"null": True})
        kind: str = field(default="holder", metadata={"wire": "type"})
        more: dict[str, Any] = field(factory=dict, metadata={"additional": True})

    plan = write_plan(Holder, model_fields(Holder), lambda _: write_model)

    assert [("gone", False), ("type", False), ("name", True), ("size", True)] == [
        (each.key, each.can_be_left_out) for each in plan.fields
    ]
    assert [UNSET, None] == [each.left_out for each in plan.fields if each.can_be_left_out]
    assert (Holder, "more") == (plan.cls, plan.kept)
