"""Request bodies, and what is wrong with them."""

import pytest

from aiotables.core.sentinels import UNSET
from aiotables.emulator.bodies import BodyError, Issue, decode, given, issue, parse
from aiotables.extruct._generated.operations import RUN_TABLE
from aiotables.zangtable._generated.models import TableCreate
from aiotables.zangtable._generated.operations import CREATE_TABLE, GET_TABLE


def test_json_is_parsed() -> None:
    """A body is what its JSON says."""
    assert {"table_name": "x"} == parse(b'{"table_name": "x"}', CREATE_TABLE)


def test_a_body_that_must_be_there() -> None:
    """An empty body is a fault where a body is required, and an empty object where not."""
    with pytest.raises(BodyError, match="Field required"):
        parse(b"", RUN_TABLE)

    assert {} == parse(b"", GET_TABLE)


def test_what_is_no_json() -> None:
    """The place of the fault is the character."""
    with pytest.raises(BodyError) as caught:
        parse(b'{"a": nope}', CREATE_TABLE)

    assert (6,) == caught.value.issues[0].place
    assert "json_invalid" == caught.value.issues[0].type


def test_a_body_becomes_its_model() -> None:
    """Keys that the model does not know are passed over."""
    assert TableCreate(table_name="x") == decode({"table_name": "x", "colour": "red"}, TableCreate)


def test_all_faults_of_a_body_are_told() -> None:
    """Each fault has its own place."""
    with pytest.raises(BodyError) as caught:
        decode({"table_name": 5, "columns": [{}]}, TableCreate)

    assert [("table_name",), ("columns", 0, "column_name")] == [fault.place for fault in caught.value.issues]
    assert "table_name: expected" in str(caught.value)
    assert "columns[0].column_name: Field required" in str(caught.value)


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        ("$: not JSON", Issue((), "not JSON")),
        ("$.rows[0].data: required field missing", Issue(("rows", 0, "data"), "Field required", "missing")),
        ('$.data["a]b: \\"c"].x: expected str', Issue(("data", 'a]b: "c', "x"), "expected str")),
        ('$["\\x1f"]: unknown field', Issue(("\\x1f",), "unknown field")),
        ("and 3 more", Issue((), "and 3 more")),
    ],
)
def test_problems_of_the_converter_are_taken_apart(problem: str, expected: Issue) -> None:
    """Paths become places, whatever their keys hold."""
    assert expected == issue(problem)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Issue((), "bad"), "bad"),
        (Issue(("a", 0, "b"), "bad"), "a[0].b: bad"),
        (Issue((3,), "bad"), "[3]: bad"),
    ],
)
def test_an_issue_in_words(fault: Issue, expected: str) -> None:
    """A place is written as a path."""
    assert expected == str(fault)


def test_what_is_nested_too_deeply() -> None:
    """What could be read, but not be answered, is refused."""
    with pytest.raises(BodyError, match="nested too deeply"):
        parse(b'{"a": ' + b"[" * 300 + b"]" * 300 + b"}", CREATE_TABLE)


def test_unknown_keys_can_be_refused() -> None:
    """Only where that is asked for."""
    decode({"table_name": "a", "x": 1}, TableCreate)
    with pytest.raises(BodyError, match="unknown field"):
        decode({"table_name": "a", "x": 1}, TableCreate, strict=True)


def test_what_was_not_sent_is_nothing() -> None:
    """An absent field reads as None, any other as itself."""
    assert given(UNSET) is None
    assert "" == given("")
