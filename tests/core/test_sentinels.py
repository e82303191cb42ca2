"""Absent values, open enums, unknown variants."""

import copy
import pickle
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.sentinels import UNSET, IntBool, StrEnum, UnknownVariant, Unset


class Kind(StrEnum):
    """An enum as the generator writes it."""

    COMPANY = "company"
    PEOPLE = "people"


def test_unset_is_false() -> None:
    """An absent value counts as nothing in a condition."""
    assert not UNSET


def test_unset_says_its_name() -> None:
    """A model with absent fields prints readably."""
    assert "UNSET" == repr(UNSET)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_unset_is_one_object_after_pickling(protocol: int) -> None:
    """`is UNSET` works in another process too."""
    assert UNSET is pickle.loads(pickle.dumps(UNSET, protocol))  # noqa: S301  # our own pickle


def test_unset_is_one_object_after_copying() -> None:
    """`is UNSET` works on copies."""
    assert UNSET is copy.deepcopy(UNSET)


def test_unset_is_the_only_one() -> None:
    """Checkers may narrow `is not UNSET`, since there is no other member."""
    assert [UNSET] == list(Unset)


def test_known_value_is_its_member() -> None:
    """A listed value gives the member that the class names."""
    assert Kind.COMPANY is Kind("company")


def test_known_member_is_not_unknown() -> None:
    """A listed member says so."""
    assert not Kind.COMPANY.is_unknown


@given(st.text())
def test_any_text_is_a_member(text: str) -> None:
    """No value that a service adds later is refused; it is equal to its text and hashes like it."""
    member = Kind(text)

    assert text == member
    assert text == str(member)
    assert hash(text) == hash(member)
    assert (text not in {"company", "people"}) == member.is_unknown


@given(st.integers(0, pickle.HIGHEST_PROTOCOL), st.text())
def test_any_member_survives_pickling(protocol: int, text: str) -> None:
    """A member, listed or not, arrives in another process as the same member."""
    member = Kind(text)

    arrived = pickle.loads(pickle.dumps(member, protocol))  # noqa: S301  # our own pickle

    assert member == arrived
    assert Kind is type(arrived)
    assert member.is_unknown == arrived.is_unknown


def test_unknown_member_survives_copying() -> None:
    """A copy of an unknown member is that member."""
    member = Kind("robots")

    assert member is copy.copy(member)
    assert member is copy.deepcopy(member)


def test_unknown_member_is_one_object() -> None:
    """The same unknown value gives the same object each time."""
    assert Kind("robots") is Kind("robots")


def test_unknown_member_knows_its_class() -> None:
    """Two enums with the same unknown value have a member each."""

    class Other(StrEnum):
        ONE = "one"

    assert Other is type(Other("robots"))
    assert Kind is type(Kind("robots"))


def test_unknown_member_is_not_listed() -> None:
    """Iteration gives what the spec lists, whatever has been met."""
    Kind("robots")

    assert [Kind.COMPANY, Kind.PEOPLE] == list(Kind)


def test_unknown_member_says_so() -> None:
    """A log line shows that the value was not in the spec."""
    assert "<Kind.UNKNOWN<robots>: 'robots'>" == repr(Kind("robots"))


def test_member_of_another_enum_is_taken_for_its_text() -> None:
    """A member made of another enum's member holds plain text, so that it can be pickled without that enum."""

    class Other(StrEnum):
        ROBOTS = "robots"

    assert str is type(Kind(Other.ROBOTS).value)


@pytest.mark.parametrize("value", [None, 3, b"company", ["company"]])
def test_no_text_is_no_member(value: object) -> None:
    """Only text is taken for a value that is not listed yet."""
    with pytest.raises(ValueError, match="not a valid Kind"):
        Kind(value)  # type: ignore[arg-type]  # that is the point


def test_int_bool_is_a_bool_to_checkers() -> None:
    """Whoever makes a model passes True and False."""
    assert bool is get_args(IntBool)[0]


def test_unknown_variant_survives_pickling_and_copying() -> None:
    """An object of an unknown kind can be sent to another process and back to the service."""
    variant = UnknownVariant("robot", {"kind": "robot", "arms": [1, 2]})

    assert variant == pickle.loads(pickle.dumps(variant))  # noqa: S301  # our own pickle
    assert variant == copy.deepcopy(variant)
