"""Functions that are written as text and compiled once, in place of loops over the fields of a class."""

from collections.abc import Callable
from typing import Any

import orjson

from aiotables.core.classes import define, field


@define
class FunctionText:
    """
    The text of a function of one argument, and the objects that it refers to.

    The text holds names of fields, which are identifiers, JSON keys as literals by `repr`, and else only names of ours.
    """

    argument: str
    head: dict[str, None] = field(factory=dict[str, None])
    """Lines that come first, each once."""

    lines: list[str] = field(factory=list[str])
    objects: dict[str, object] = field(factory=dict[str, object])
    keys: dict[str, str] = field(factory=dict[str, str])

    def name(self, value: object) -> str:
        """A name for *value*."""
        name = f"object_{id(value)}"
        self.objects[name] = value
        return name

    def key(self, key: str) -> str:
        """A name for a key of parsed JSON."""
        if key not in self.keys:
            # orjson keeps the keys that it has met, and a dict finds the very same text without comparing it.
            (parsed,) = orjson.loads(orjson.dumps({key: None}))
            self.keys[key] = self.name(parsed)
        return self.keys[key]

    def begin(self, line: str) -> None:
        """Have *line* come first, once."""
        self.head[line] = None

    def add(self, *lines: str) -> None:
        """Add lines."""
        self.lines += lines

    def compiled(self, cls: type) -> Callable[[Any], Any]:
        """The function, which tracebacks call by the name of *cls*."""
        lines = (f"def function({self.argument}):", *indented([*self.head, *self.lines]))
        code = compile("\n".join(lines), f"<aiotables: {cls.__name__}>", "exec")
        exec(code, self.objects)  # noqa: S102 -- see above: only identifiers, literals and names of ours are in it
        function: Callable[[Any], Any] = self.objects["function"]  # type: ignore[assignment] # defined by the text
        return function


def indented(lines: list[str], by: int = 2) -> list[str]:
    """*lines*, further to the right."""
    return [" " * by + line for line in lines]
