"""Classes that share what attrs would write for each: they must do as its own do."""

import copy
import pickle
from math import nan
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.classes import define, field, frozen, values_by_name


@define(kw_only=True)
class Ours:
    """A class of ours."""

    name: object
    size: object = 1
    secret: str = field(default="s", repr=False)
    note: str = field(default="n", eq=False)
    shout: str = field(default="a", repr=str.upper)
    loose: str = field(default="a", eq=str.lower)


@attrs.define(kw_only=True)
class Theirs:
    """The same by attrs alone."""

    name: object
    size: object = 1
    secret: str = attrs.field(default="s", repr=False)
    note: str = attrs.field(default="n", eq=False)
    shout: str = attrs.field(default="a", repr=str.upper)
    loose: str = attrs.field(default="a", eq=str.lower)


@frozen
class Fact:
    """One that does not change."""

    name: str
    size: int = 1


@frozen
class Narrow(Fact):
    """One that another is derived of."""

    more: str = ""


@define(eq=False)
class Alone:
    """One that equals itself alone."""

    name: str


@define
class Telling:
    """One with a text, an equality and a hash of its own."""

    name: str

    def __repr__(self) -> str:
        return "told"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Telling)

    def __hash__(self) -> int:
        return 7


@define(repr=False)
class Quiet:
    """One that is not told."""

    name: str


@define
class Loop:
    """One that may hold itself."""

    inner: Any = None


values = st.none() | st.integers(-1, 1) | st.text(max_size=1) | st.just(nan)


@given(values, values)
def test_text_is_that_of_attrs(name: object, size: object) -> None:
    """Fields are shown in their order, by their own functions, and what is secret is not."""
    expected = repr(Theirs(name=name, size=size)).replace("Theirs", "Ours")

    assert expected == repr(Ours(name=name, size=size))


@given(values, values, values, values)
def test_equality_is_that_of_attrs(name: object, size: object, other: object, more: object) -> None:
    """Two are equal when attrs says so, field by field, not by identity of what is in them."""
    assert (Theirs(name=name, size=size) == Theirs(name=other, size=more)) is (
        Ours(name=name, size=size) == Ours(name=other, size=more)
    )


def test_fields_that_are_not_compared() -> None:
    """A field may stay out of it."""
    assert Ours(name=1, note="x") == Ours(name=1, note="y")
    assert Ours(name=1, secret="x") != Ours(name=1, secret="y")


def test_fields_that_are_compared_by_a_function() -> None:
    """A field may say what of it is compared."""
    assert Theirs(name=1, loose="X") == Theirs(name=1, loose="x")
    assert Ours(name=1, loose="X") == Ours(name=1, loose="x")
    assert Ours(name=1, loose="x") != Ours(name=1, loose="y")


def test_other_classes_are_never_equal() -> None:
    """Classes are compared, too, derived ones as well."""
    assert Fact("a") != Narrow("a")
    other: object = "a"
    assert Fact("a") != other


def test_hash_goes_by_the_fields() -> None:
    """What does not change can be in a set, by its fields and its class."""
    assert {Fact("a"), Narrow("a")} == {Fact("a"), Fact("a", 1), Narrow("a")}
    assert 2 == len({Fact("a"), Fact("a"), Fact("b")})


def test_what_changes_has_no_hash() -> None:
    """What may change cannot be in a set."""
    with pytest.raises(TypeError, match="unhashable type: 'Ours'"):
        hash(Ours(name="a"))


def test_options_are_those_of_attrs() -> None:
    """What a class says of itself, or leaves out, is left alone."""
    assert Alone("a") != Alone("a")
    assert 1 == len({one := Alone("a"), one})
    assert ("told", 7) == (repr(Telling("a")), hash(Telling("a")))
    assert Telling("a") == Telling("b")
    assert object.__repr__(quiet := Quiet("a")) == repr(quiet)


def test_one_that_holds_itself_is_shown() -> None:
    """Where it comes to itself, the text ends."""
    loop = Loop()
    loop.inner = loop

    assert "Loop(inner=...)" == repr(loop)


def test_they_are_classes_of_attrs() -> None:
    """Attrs knows them: its functions work, they have slots, and what is frozen stays."""
    assert attrs.has(Ours)
    assert {"name": 1, "size": 2} == {**attrs.asdict(attrs.evolve(Fact("a", 2), name="b")), "name": 1}
    assert not hasattr(Fact("a"), "__dict__")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Fact("a").name = "b"  # type: ignore[misc] # what is tried
    match Fact("a", 3):
        case Fact(name, size):
            assert ("a", 3) == (name, size)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])  # noqa: S301 -- our own
def test_they_survive_copies(copied: Any) -> None:  # noqa: ANN401 -- a function
    """They are copied and pickled as others are."""
    assert Narrow("a", 2, "b") == copied(Narrow("a", 2, "b"))
    assert Ours(name=["a"]) == copied(Ours(name=["a"]))


@given(values, values)
def test_values_by_name_are_those_of_attrs(name: object, size: object) -> None:
    """The values come as they are, those of inner classes, too, in the order of the fields."""
    whole = Ours(name=Fact("a"), size=[name, size])

    assert attrs.asdict(whole, recurse=False) == values_by_name(whole)
    assert ["name", "size", "secret", "note", "shout", "loose"] == [*values_by_name(whole)]
    assert whole.name is values_by_name(whole)["name"]
