"""What is said of data that is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.faults import (
    MOST_PROBLEMS,
    Fault,
    Path,
    json_type_name,
    mismatch,
    other_value,
    path_text,
    problem_lines,
)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("null", None),
        ("bool", True),
        ("int", 3),
        ("number", 3.5),
        ("str", "secret"),
        ("array", ["secret"]),
        ("object", {"secret": 1}),
    ],
)
def test_type_is_told_and_the_value_is_not(expected: str, value: object) -> None:
    """A message can be logged: it names types, never what was in the data."""
    fault = mismatch(value, "date")

    assert f"expected date, got {expected}" == str(fault)
    assert expected == json_type_name(type(value))


def test_other_value_of_the_right_type() -> None:
    """Where the type is right and the value is not, the message says so without the value."""
    assert "expected 0 or 1, got another int" == str(other_value(7, "0 or 1"))


def test_path_is_written_as_in_json_path() -> None:
    """Keys are joined by dots, positions are in brackets."""
    assert "$.columns[1].config.prompt" == path_text(("columns", 1, "config", "prompt"))


def test_odd_key_is_quoted() -> None:
    """A key with a line break or a dot cannot be mistaken for something else."""
    assert "$['a.b\\n']" == path_text(("a.b\n",))


def test_long_key_is_shortened() -> None:
    """A key that is a whole text does not fill the log."""
    assert len(path_text(("k" * 500,))) < 80


@given(st.lists(st.one_of(st.text(), st.integers(min_value=0)), max_size=5))
def test_path_is_printable_ascii(keys: list[str | int]) -> None:
    """Whatever keys a server sends, the path is one line of plain characters."""
    text = path_text(tuple(keys))

    assert text.isascii()
    assert text.isprintable()


def test_problems_are_lines() -> None:
    """Each fault is its path and its message."""
    faults: list[tuple[Path, str]] = [(("a",), "expected str, got null"), ((0,), "unknown field")]

    assert ("$.a: expected str, got null", "$[0]: unknown field") == problem_lines(iter(faults))


@pytest.mark.parametrize("count", [MOST_PROBLEMS, MOST_PROBLEMS + 1, 10_000])
def test_problems_are_capped(count: int) -> None:
    """A page of bad rows gives a list that can be read, and says how many more there are."""
    faults: list[tuple[Path, str]] = [((index,), "expected str, got null") for index in range(count)]

    lines = problem_lines(iter(faults))

    assert lines[-1] == (
        f"and {count - MOST_PROBLEMS} more" if count > MOST_PROBLEMS else "$[19]: expected str, got null"
    )
    assert MOST_PROBLEMS + (count > MOST_PROBLEMS) == len(lines)


def test_fault_is_a_value_error() -> None:
    """A fault is what libraries raise for a wrong value, so that they treat it as one."""
    assert isinstance(Fault("expected str, got null"), ValueError)
