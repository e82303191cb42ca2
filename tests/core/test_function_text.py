"""Functions that are written as text."""

import traceback

import pytest

from aiotables.core.function_text import FunctionText, indented


class Thing:
    """What a function is made for."""


def test_functions_use_objects() -> None:
    """A function reaches the objects that its text names, and what it begins with comes first, once."""
    text = FunctionText("value")
    seen: list[int] = []
    text.add(f"return {text.name(seen)}")
    for _ in range(2):
        text.begin(f"{text.name(seen)}.append(value)")
    function = text.compiled(Thing)

    assert function(3) is seen
    assert [3] == seen


def test_names_are_of_objects() -> None:
    """An object has one name, and those that are only equal have names of their own."""
    text = FunctionText("value")
    one, other = ["a"], ["a"]

    assert text.name(one) == text.name(one) != text.name(other)
    assert text.name(1) != text.name(True)  # noqa: FBT003  # any object


def test_tracebacks_name_the_class() -> None:
    """Who reads a traceback sees what the function is for."""
    text = FunctionText("value")
    text.add("raise TypeError")

    with pytest.raises(TypeError) as raised:
        text.compiled(Thing)(3)
    assert "<aiotables: Thing>" == traceback.extract_tb(raised.tb)[-1].filename


def test_lines_are_indented() -> None:
    """Each line goes to the right."""
    assert ["  a", "    b"] == indented(["a", "  b"])
