"""What is wrong with data, and where."""

from typing import Any

import pytest
from attrs import define, field

from aiotables.core.convert import Converter
from aiotables.core.explain import Explainer, faults_of
from aiotables.core.faults import Fault, missing


@define(kw_only=True)
class Thing:
    """A model."""

    name: str
    parts: "list[Thing] | None" = None


@define(kw_only=True)
class Keeper:
    """A model that keeps what it does not know."""

    name: str
    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})


EXPLAINER = Explainer(Converter())
STRICT = Explainer(Converter(forbid_unknown=True))


def test_missing_field_is_at_its_key() -> None:
    """A missing key is told at the key, not at the object."""
    assert [(("config", "kind"), "required field missing")] == list(faults_of(missing("kind"), ("config",)))


def test_other_exceptions_are_told_by_type() -> None:
    """An exception that may quote a value is told by its class alone."""
    error = TypeError("cannot add 'secret'")

    assert [((), "cannot be read (TypeError)")] == list(faults_of(error))


def test_what_is_right_is_read() -> None:
    """It reads what is right as what is fast does."""
    document = {"name": "a", "parts": [{"name": "b"}]}

    assert Converter().decode(document, Thing) == EXPLAINER.read(document, Thing)


@pytest.mark.parametrize("value", [{"name": 3}, {"name": "a", "other": 1}, 3, {}])
def test_what_is_wrong_is_refused(value: Any) -> None:  # noqa: ANN401 -- any JSON
    """Whatever is wrong, keys without a field too where they are forbidden, is one fault."""
    with pytest.raises(Fault):
        STRICT.read(value, Thing)


def test_each_fault_and_the_first_list() -> None:
    """The faults have their paths in the JSON, and of the lists with bad items the first is told."""
    faults, found = EXPLAINER.explain({"name": 3, "parts": [{"name": "b"}, {}]}, Thing)

    assert [
        (("name",), "expected str, got int"),
        (("parts", 1, "name"), "required field missing"),
    ] == list(faults)
    assert (("parts",), list[Thing]) == found


def test_keys_without_a_field() -> None:
    """Where they are forbidden, each is told."""
    faults, found = STRICT.explain({"name": "a", "other": 1}, Thing)

    assert [(("other",), "unknown field")] == list(faults)
    assert found is None


def test_keys_that_are_kept() -> None:
    """A model that keeps unknown keys has them however it is read."""
    expected = Keeper(name="a", additional={"other": 1})

    assert expected == STRICT.read({"name": "a", "other": 1}, Keeper)
    assert Keeper(name="a") == STRICT.read({"name": "a"}, Keeper)


def test_no_fault_is_found() -> None:
    """What can be read after all is told as a fault, since something could not read it before."""
    faults, found = EXPLAINER.explain({"name": "a"}, Thing)

    assert [((), "cannot be read")] == list(faults)
    assert found is None
