"""The tree of a manifest that is written in JSON, with the line and column of each value; it needs nothing else."""

import json
import re
from bisect import bisect_right
from pathlib import Path
from typing import Final, NoReturn, cast

from aiotables.provision.problems import Faults, Place
from aiotables.provision.scalars import SCALARS
from aiotables.provision.texts import DEEPEST, TOO_DEEP, read_text
from aiotables.provision.tree import BROKEN, MOST_NODES, Node, Value, step


STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
SPACE: Final = re.compile(r"[ \t\n\r]*")
PLAIN: Final = re.compile(
    r"(?P<null>null)|(?P<bool>true|false)|(?P<number>-?(?:0|[1-9][0-9]*)(?P<more>\.[0-9]+)?"
    r"(?P<power>[eE][+-]?[0-9]+)?)"
)


def read_json(file: Path, faults: Faults) -> Node | None:
    """The tree of a JSON file, or `None` when it is none; what is wrong goes to *faults*."""
    text = read_text(file, faults)
    return None if text is None else _Reader(text, str(file), faults).root()


class _Wrong(Exception):
    """The text is no JSON, or too much of it."""


class _Reader:
    """Reads values from the beginning of a text to its end."""

    def __init__(self, text: str, file: str, faults: Faults) -> None:
        self._text = text
        self._file = file
        self._faults = faults
        self._at = 0
        self._nodes = 0
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]

    def root(self) -> Node | None:
        try:
            node = self._node("$", 0)
            if self._peek():
                self._stop("something follows after its end")
        except _Wrong:
            return None
        return node

    def _node(self, path: str, depth: int, key: Place | None = None) -> Node:
        char = self._peek()
        place = self._place(self._at)
        self._nodes += 1
        if depth > DEEPEST:
            self._stop(TOO_DEEP)
        if self._nodes > MOST_NODES:
            self._stop(f"it holds more than {MOST_NODES} values")
        return Node(self._value(char, place, path, depth), place, path, key)

    def _value(self, char: str, place: Place, path: str, depth: int) -> Value:
        match char:
            case "{":
                return self._mapping(path, depth)
            case "[":
                return self._list(path, depth)
            case '"':
                return self._scalar("str", self._string(), place, path)
        found = PLAIN.match(self._text, self._at)
        if found is None:
            self._stop("expected a value" if char else "it ends too early")
        self._at = found.end()
        kind = (
            found.lastgroup
            if found["number"] is None
            else "float"
            if found["more"] or found["power"]
            else "int"
        )
        return self._scalar(str(kind), found[0], place, path)

    def _mapping(self, path: str, depth: int) -> dict[str, Node]:
        fields: dict[str, Node] = {}
        first = True
        self._at += 1
        while not self._closes("}", first=first):
            first = False
            if self._peek() != '"':
                self._stop("expected a key in double quotes")
            place = self._place(self._at)
            name = self._scalar("str", self._string(), place, path)
            self._expect(":")
            inner = step(path, str(name))
            node = self._node(inner, depth + 1, place)
            if isinstance(name, str) and name in fields:
                line = fields[name].key_place.line
                self._faults.add(place, inner, f"the key is there twice, first in line {line}")
            elif isinstance(name, str):
                fields[name] = node
        return fields

    def _list(self, path: str, depth: int) -> tuple[Node, ...]:
        items: list[Node] = []
        self._at += 1
        while not self._closes("]", first=not items):
            items.append(self._node(f"{path}[{len(items)}]", depth + 1))
        return tuple(items)

    def _closes(self, end: str, *, first: bool) -> bool:
        """Whether the list or mapping ends here; else what comes is the next item."""
        char = self._peek()
        if char == end:
            self._at += 1
            return True
        if not first:
            self._expect(",", or_else=end)
        return False

    def _string(self) -> str:
        found = STRING.match(self._text, self._at)
        if found is None:
            self._stop("a text without its end, or with a line break in it")
        try:
            text: str = json.loads(found[0])
        except ValueError:
            self._stop("a text with an escape that there is not")
        self._at = found.end()
        return text

    def _expect(self, char: str, *, or_else: str = "") -> None:
        if self._peek() != char:
            wanted = f"{char} or {or_else}" if or_else else char
            self._stop(f"expected {wanted}")
        self._at += 1

    def _peek(self) -> str:
        """The next character that is no space; nothing at the end."""
        space = cast("re.Match[str]", SPACE.match(self._text, self._at))
        self._at = space.end()
        return self._text[self._at : self._at + 1]

    def _scalar(self, kind: str, text: str, place: Place, path: str) -> Value:
        try:
            return SCALARS[kind](text)
        except ValueError as error:
            self._faults.add(place, path, str(error))
            return BROKEN

    def _place(self, at: int) -> Place:
        line = bisect_right(self._lines, at)
        return Place(self._file, line, at - self._lines[line - 1] + 1)

    def _stop(self, reason: str) -> NoReturn:
        self._faults.add(self._place(self._at), "", f"is no JSON: {reason}")
        raise _Wrong
