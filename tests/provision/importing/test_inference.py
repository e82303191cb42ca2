"""Tests of `aiotables.provision.importing.inference`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.importing.inference import infer


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1", "-20", "0"], "INTEGER"),
        (["1", "2.5"], "REAL"),
        (["2.5", "1"], "REAL"),
        (["1e3", "-1.5E-7"], "REAL"),
        (["9223372036854775807", "-9223372036854775808"], "INTEGER"),
        (["9223372036854775808"], "TEXT"),
        (["1" * 5000], "TEXT"),
        (["1e999"], "TEXT"),
        (["1", ""], "INTEGER"),
        (["01234", "99999"], "TEXT"),
        (["1", "2.5", "x", "1"], "TEXT"),
        (["1,5"], "TEXT"),
        (["inf"], "TEXT"),
        (["+1"], "TEXT"),
        (["true"], "TEXT"),
        ([" 1"], "TEXT"),
        (["", ""], None),
        ([], None),
    ],
)
def test_type(texts: list[str], expected: str | None) -> None:
    """The narrowest type that all values have; an empty one has every type, and text what may not be changed."""
    (column,), count = infer(["a"], ([text] for text in texts))

    assert expected == column.type
    assert ("" in texts) is column.empty
    assert len(texts) == count


@pytest.mark.parametrize(("texts", "expected"), [(["1", "2"], True), (["1", "2", "1", "3"], False)])
def test_whether_an_id_is_one(texts: list[str], expected: bool) -> None:  # noqa: FBT001 -- a parameter
    """A column called id is watched for values that are there twice."""
    (_, column), _ = infer(["a", "Id"], (["x", text] for text in texts))

    assert expected is column.distinct


@given(
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False), min_size=1)
)
def test_numbers_stay_numbers(numbers: list[float]) -> None:
    """A column of numbers, as Python writes them, is never text, and of whole ones alone it is whole."""
    (column,), _ = infer(["a"], ([repr(number)] for number in numbers))

    assert column.type == ("INTEGER" if all(isinstance(number, int) for number in numbers) else "REAL")
