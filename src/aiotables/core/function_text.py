"""Functions that are written as text and compiled once, in place of loops over the fields of a class."""

from collections.abc import Callable
from typing import Any


class FunctionText:
    """
    The text of a function of one argument, and the objects that it refers to.

    The text holds names of fields, which are identifiers, JSON keys as literals by `repr`, and else only names of ours.

    Args:
        argument: The name of the argument.
    """

    def __init__(self, argument: str) -> None:
        self._argument = argument
        self._head: dict[str, None] = {}
        self._lines: list[str] = []
        self._objects: dict[str, object] = {}

    def name(self, value: object) -> str:
        """A name for *value*."""
        name = f"object_{id(value)}"
        self._objects[name] = value
        return name

    def begin(self, line: str) -> None:
        """Have *line* come first, once."""
        self._head[line] = None

    def add(self, *lines: str) -> None:
        """Add lines."""
        self._lines += lines

    def compiled(self, cls: type) -> Callable[[Any], Any]:
        """The function, which tracebacks call by the name of *cls*."""
        lines = (f"def function({self._argument}):", *indented([*self._head, *self._lines]))
        code = compile("\n".join(lines), f"<aiotables: {cls.__name__}>", "exec")
        exec(code, self._objects)  # noqa: S102 -- see above: only identifiers, literals and names of ours are in it
        function: Callable[[Any], Any] = self._objects["function"]  # type: ignore[assignment] # defined by the text
        return function


def indented(lines: list[str], by: int = 2) -> list[str]:
    """*lines*, further to the right."""
    return [" " * by + line for line in lines]
