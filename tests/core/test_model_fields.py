"""What models tell the converter."""

from datetime import date, datetime
from typing import Any, Literal, Union

import attrs
import pytest
from attrs import define, field

from aiotables.core.model_fields import (
    TypeExpr,
    is_any,
    is_dict,
    is_enum,
    is_int_bool,
    is_left_out_by_default,
    is_list,
    is_literal,
    is_nullable,
    is_union,
    json_class,
    model_fields,
    plain_classes,
    python_class,
    tags_of,
    wire_name,
    without_null,
)
from aiotables.core.sentinels import UNSET, IntBool, StrEnum, Unset


class Kind(StrEnum):
    """An enum as the generator writes it."""

    ONE = "one"


@define(kw_only=True)
class Round:
    """A variant."""

    kind: Literal["round"] = "round"
    radius: int | Unset = UNSET


@define(kw_only=True)
class Square:
    """Another, with a field of each sort."""

    kind: Literal["square"] = "square"
    from_: "str | Unset | None" = field(default=UNSET, metadata={"wire": "from"})
    note: str | None = None
    next: int | None = field(default=None, metadata={"null": True})
    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})


def test_unset_is_no_json_type() -> None:
    """What is read from JSON is never UNSET, so the types to read do not have it."""
    types = {each.name: each.type for each in model_fields(Square).declared}

    assert types["from_"] == str | None
    assert int is {each.name: each.type for each in model_fields(Round).declared}["radius"]


def test_field_that_keeps_unknown_keys_is_apart() -> None:
    """The field for keys without a field is not one of the spec's."""
    assert "additional" == model_fields(Square).additional
    assert "additional" not in [each.name for each in model_fields(Square).declared]
    assert model_fields(Round).additional is None


def test_wire_name_is_the_name_in_json() -> None:
    """A field whose name Python reserves has its JSON name in its metadata."""
    assert ["kind", "from", "note", "next"] == [wire_name(each) for each in model_fields(Square).declared]


def test_absent_is_told_from_null() -> None:
    """A default that means absence is left out; one that stands for null is written."""
    left_out = {each.name: is_left_out_by_default(each) for each in attrs.fields(Square)}

    assert {"kind": False, "from_": True, "note": True, "next": False, "additional": False} == left_out


def test_tag_is_the_literal_that_all_have() -> None:
    """Models are told apart by the field in which each has its own text."""
    assert ("kind", {"round": Round, "square": Square}) == tags_of([Round, Square])


def test_models_without_a_tag_are_refused() -> None:
    """Models that nothing tells apart are a fault of the program, told by name."""

    @define
    class Plain:
        kind: str
        size: Literal[3]

    with pytest.raises(TypeError, match=r"no field tells these apart: .*Round.*Plain"):
        tags_of([Round, Plain])


def test_models_that_share_a_tag_are_refused() -> None:
    """A text that two models have tells neither."""

    @define
    class Disc:
        kind: Literal["round"]

    with pytest.raises(TypeError, match="no field tells these apart"):
        tags_of([Round, Disc])


def test_model_may_have_several_tags() -> None:
    """Each of its texts leads to the model."""

    @define
    class Angular:
        kind: Literal["square", "oblong"]

    assert ("kind", {"round": Round, "square": Angular, "oblong": Angular}) == tags_of([Round, Angular])


@pytest.mark.parametrize(
    ("is_it", "type_"),
    [
        (is_union, int | str),
        (is_union, Union[int, str]),  # noqa: UP007  # the other spelling is the point
        (is_list, list[int]),
        (is_dict, dict[str, int]),
        (is_literal, Literal["a"]),
        (is_int_bool, IntBool),
        (is_any, Any),
        (is_nullable, int | None),
        (is_enum, Kind),
    ],
)
def test_types_are_told_by_their_form(is_it: Any, type_: TypeExpr) -> None:  # noqa: ANN401
    """Each predicate takes its own form, and a plain class is none of them."""
    assert is_it(type_)
    assert not is_it(int)


@pytest.mark.parametrize(
    ("expected", "type_"),
    [
        (str, str),
        (str, Kind),
        (str, datetime),
        (str, date),
        (str, Literal["a"]),
        (int, Literal[1]),
        (int, IntBool),
        (float, float),
        (list, list[int]),
        (dict, dict[str, int]),
    ],
)
def test_json_class_is_what_a_parser_makes(expected: type, type_: TypeExpr) -> None:
    """Each type is read from one class of parsed JSON."""
    assert expected is json_class(type_)


@pytest.mark.parametrize(
    ("expected", "type_"),
    [
        ((str,), str),
        ((float, int), float),
        ((int, float), int | float),
        ((str, type(None)), str | None),
        ((dict,), dict[str, Any]),
        ((list,), list[Any]),
        ((dict, list, type(None)), dict[str, Any] | list[Any] | None),
        (None, Any),
        (None, Kind),
        (None, IntBool),
        (None, dict[str, int]),
        (None, str | Kind),
        (None, datetime | None),
        (None, Round),
    ],
)
def test_plain_is_what_parsed_json_is_already(expected: tuple[type, ...] | None, type_: TypeExpr) -> None:
    """A type is plain when its values are those of the parser, told by their class alone."""
    assert expected == plain_classes(type_)


@pytest.mark.parametrize(
    ("expected", "type_"),
    [(bool, IntBool), (list, list[int]), (dict, dict[str, int]), (datetime, datetime), (Round, Round)],
)
def test_python_class_is_what_values_are_of(expected: type, type_: TypeExpr) -> None:
    """Each type is one class in Python."""
    assert expected is python_class(type_)


def test_null_is_taken_out_of_a_type() -> None:
    """What is left says how to read a value that is not null."""
    assert str == without_null(str | None)  # noqa: E721  # a type expression
    assert int | str == without_null(int | str | None)
