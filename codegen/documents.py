"""One YAML file read as JSON data, with the line of everything in it."""

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

import yaml
from attrs import define, field, frozen


Pointer = tuple[str | int, ...]
"""Where a value is in a document: the keys and positions that lead to it."""

_STRING: Final = "tag:yaml.org,2002:str"
_JSON_WORDS: Final = frozenset(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float"))
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


@frozen(order=True)
class Problem:
    """One thing that is wrong in a file."""

    file: str
    """The file, by way of the folder as it was given."""

    line: int

    path: str
    """Keys that lead to it, joined by dots."""

    message: str

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}: {where}{self.message}"


class SpecError(Exception):
    """Fragments that cannot be read; `problems` tells why."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


@frozen
class Document:
    """A file of fragments: JSON data, and the line that each part begins in."""

    data: object
    lines: dict[Pointer, int]

    def line(self, path: Pointer) -> int:
        """Line of the value at *path*, or of the nearest one around it; the first is 1."""
        while path not in self.lines:
            path = path[:-1]

        return self.lines[path]


def read(file: Path) -> Document:
    """
    Read a YAML file that holds nothing that JSON could not hold.

    Anchors, tags, repeated keys, dates without quotes and the like are refused: what a person sees is what is there.

    Raises:
        SpecError: The file is not such YAML.
    """
    name = file.as_posix()
    try:
        text = file.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise SpecError([Problem(name, 1, "", "is not UTF-8")]) from error

    reader = _Reader(name)
    try:
        data = reader.read(text)
    except yaml.MarkedYAMLError as error:
        raise SpecError(
            [Problem(name, _line(error.problem_mark), "", f"is not YAML: {error.problem}")]
        ) from error
    except RecursionError as error:
        raise SpecError([Problem(name, 1, "", "is nested too deeply")]) from error

    if reader.problems:
        raise SpecError(sorted(reader.problems))

    return Document(data=data, lines=reader.lines)


def dotted(path: Pointer) -> str:
    """*path* as people read it; keys are escaped, since a file may hold anything."""
    return ".".join(str(key).encode("unicode_escape").decode() for key in path)


class _Mark(Protocol):
    """What both of PyYAML's marks have."""

    line: int


@define
class _Reader:
    """Makes JSON data of YAML nodes, noting lines and what is no JSON."""

    name: str
    lines: dict[Pointer, int] = field(factory=dict)
    problems: list[Problem] = field(factory=list)

    def read(self, text: str) -> object:
        for check in (self._refuse_unseen, self._refuse_aliases):
            check(text)
            if self.problems:
                return None

        return self._value(yaml.compose(text, Loader=yaml.SafeLoader), ())

    def _refuse_unseen(self, text: str) -> None:
        for number, line in enumerate(text.split("\n"), 1):
            self._refuse_unprintable(line, number, ())

    def _refuse_aliases(self, text: str) -> None:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if getattr(event, "anchor", None) is not None:
                self._refuse(_line(event.start_mark), (), "anchors and aliases are refused: write it out")

    def _value(self, node: yaml.Node | None, at: Pointer) -> object:
        self.lines.setdefault(at, _line(node.start_mark if node else None))
        match node:
            case yaml.MappingNode(tag="tag:yaml.org,2002:map"):
                return dict(self._entries(node, at))
            case yaml.SequenceNode(tag="tag:yaml.org,2002:seq"):
                return [self._value(item, (*at, index)) for index, item in enumerate(node.value)]
            case yaml.ScalarNode():
                return self._scalar(node, at)
            case None:
                self._refuse(1, at, "the file holds nothing")
            case _:
                self._refuse(_line(node.start_mark), at, f"tag {node.tag!r} is refused")
        return None

    def _entries(self, node: yaml.MappingNode, at: Pointer) -> Iterator[tuple[str, object]]:
        seen: set[str] = set()
        for key, value in node.value:
            line = _line(key.start_mark)
            if key.tag != _STRING:
                self._refuse(line, at, f"key {key.value!r} is no string: put it in quotes")
                continue

            self._refuse_unprintable(key.value, line, at)
            if key.value in seen:
                self._refuse(line, (*at, key.value), "is there twice")

            seen.add(key.value)
            self.lines.setdefault((*at, key.value), line)
            yield key.value, self._value(value, (*at, key.value))

    def _scalar(self, node: yaml.ScalarNode, at: Pointer) -> object:
        line = _line(node.start_mark)
        if node.tag == _STRING:
            self._refuse_unprintable(node.value, line, at)
            return node.value

        try:
            return _json_word(node)
        except ValueError:
            self._refuse(
                line, at, f"{node.value!r} is no JSON value: put it in quotes, or write it as JSON does"
            )
            return None

    def _refuse_unprintable(self, text: str, line: int, at: Pointer) -> None:
        for character in text:
            if character != "\n" and unicodedata.category(character) in _UNPRINTABLE:
                self._refuse(line, at, f"holds U+{ord(character):04X}, which cannot be seen")
                return

    def _refuse(self, line: int, at: Pointer, message: str) -> None:
        self.problems.append(Problem(self.name, line, dotted(at), message))


def _json_word(node: yaml.ScalarNode) -> object:
    """Value of a scalar without quotes, where YAML and JSON agree on it."""
    if node.tag not in _JSON_WORDS:
        raise ValueError(node.tag)

    return json.loads(node.value)


def _line(mark: _Mark | None) -> int:
    """Line of a mark, counted from 1; a file that holds nothing has no mark."""
    return mark.line + 1 if mark else 1
