"""Reads YAML or JSON into a tree of plain values that still know their file, line and column."""

import codecs
import math
import re
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import yaml
from attrs import frozen

from aiotables.provision.problems import Faults, Place


MOST_BYTES: Final = 4 * 1024 * 1024
"""Many tables are made by `for_each`, not by a long manifest, and a YAML parser in Python is slow."""

DEEPEST: Final = 50
"""Levels of nesting. It also ends an alias that contains itself."""

MOST_NODES: Final = 200_000
"""Values in the whole tree after aliases are followed: nine lines of nested ones can stand for 10^9."""


@frozen
class Broken:
    """The value of a node that was reported already, so that nothing more is said about it."""


BROKEN: Final = Broken()

Value: TypeAlias = "bool | int | float | str | tuple[Node, ...] | dict[str, Node] | Broken | None"


@frozen(eq=False)
class Node:
    """A value of the manifest and where it stands."""

    value: Value

    place: Place

    path: str
    """Path from the root, such as `$.tables[0].name`."""

    key: Place | None = None
    """Where its key stands, for values of a mapping."""

    @property
    def key_place(self) -> Place:
        """Where to point for a problem with the key."""
        return self.key or self.place

    @property
    def items(self) -> tuple["Node", ...]:
        """The items of a list that was checked to be one."""
        return cast("tuple[Node, ...]", self.value)

    @property
    def fields(self) -> dict[str, "Node"]:
        """The values of a mapping that was checked to be one."""
        return cast("dict[str, Node]", self.value)

    @property
    def text(self) -> str:
        """The text of a node that was checked to hold one."""
        return cast("str", self.value)


def plain(node: Node) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """The value without its places: what `json.loads` would give."""
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    return node.value


def read_tree(file: Path, faults: Faults) -> Node | None:
    """
    The tree of a file, or `None` when it cannot be read at all; what is wrong goes to *faults*.

    Plain scalars follow the core schema of YAML 1.2, so `no` and `12:30` are text, and JSON reads as JSON.
    """
    text = _text(file, faults)
    if text is None:
        return None
    if file.suffix == ".json":
        # YAML indents by spaces alone. In JSON a raw tab cannot be part of a text, so no value changes.
        text = text.replace("\t", " ")

    root = _composed(text, str(file), faults)
    if root is None:
        return None
    return _Builder(str(file), faults).root(root)


def _text(file: Path, faults: Faults) -> str | None:
    start = Place(str(file), 1)
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        faults.add(start, "", f"cannot be read: {error.strerror}")
        return None

    if len(data) > MOST_BYTES:
        message = (
            f"is larger than {MOST_BYTES // 1024 // 1024} MiB; make many tables from a CSV file with for_each"
        )
        faults.add(start, "", message)
        return None

    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        faults.add(Place(str(file), data.count(b"\n", 0, error.start) + 1), "", "is not UTF-8 text")
        return None


class _TooDeep(yaml.MarkedYAMLError):
    """Nesting beyond `DEEPEST`."""


class _CoreLoader(yaml.SafeLoader):
    """A safe loader with the scalars of YAML 1.2, used for composing only: it never constructs an object."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way of declaring them
    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401 - PyYAML's
        if self._depth > DEEPEST:
            raise _TooDeep(problem=_TOO_DEEP, problem_mark=self.get_mark())
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


_TOO_DEEP: Final = f"nested deeper than {DEEPEST} levels"
_TAG: Final = "tag:yaml.org,2002:"
_DIGITS: Final = list("-+0123456789")

_CoreLoader.add_implicit_resolver(f"{_TAG}null", re.compile(r"(?:null|Null|NULL|~|)\Z"), ["n", "N", "~", ""])
_CoreLoader.add_implicit_resolver(
    f"{_TAG}bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")
)
_CoreLoader.add_implicit_resolver(
    f"{_TAG}int", re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"), _DIGITS
)
_CoreLoader.add_implicit_resolver(
    f"{_TAG}float",
    re.compile(
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
    ),
    [*_DIGITS, "."],
)


def _composed(text: str, file: str, faults: Faults) -> yaml.Node | None:
    try:
        root = yaml.compose(text, Loader=_CoreLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        faults.add(Place(file, line), "", f"holds the character U+{error.character:04X}, which YAML forbids")
        return None
    except yaml.MarkedYAMLError as error:
        faults.add(_place(file, error.problem_mark), "", f"is no YAML: {error.problem}")
        return None
    except ValueError:
        # PyYAML lets `chr()` fail on an escape such as "\UFFFFFFFF", and `int()` on a version of 5,000.
        faults.add(Place(file, 1), "", "is no YAML: an escape or a version is out of range")
        return None

    if root is None:
        faults.add(Place(file, 1), "", "is empty")
    return root


def _place(file: str, mark: yaml.Mark | None) -> Place:
    return Place(file, mark.line + 1, mark.column + 1) if mark is not None else Place(file, 1)


class _Enough(Exception):
    """The tree is too large or too deep to go on."""


class _Builder:
    """Turns PyYAML's nodes into ours, following aliases up to a bound."""

    def __init__(self, file: str, faults: Faults) -> None:
        self._file = file
        self._faults = faults
        self._nodes = 0

    def root(self, node: yaml.Node) -> Node | None:
        try:
            return self._node(node, "$", 0)
        except _Enough:
            return None

    def _node(self, node: yaml.Node, path: str, depth: int, key: yaml.Node | None = None) -> Node:
        place = _place(self._file, node.start_mark)
        self._nodes += 1
        if depth > DEEPEST:
            self._stop(place, path, f"{_TOO_DEEP} (an alias inside itself?)")
        if self._nodes > MOST_NODES:
            self._stop(place, path, f"its aliases stand for more than {MOST_NODES} values")

        value = self._value(node, place, path, depth)
        return Node(value, place, path, None if key is None else _place(self._file, key.start_mark))

    def _stop(self, place: Place, path: str, message: str) -> None:
        self._faults.add(place, path, message)
        raise _Enough

    def _value(self, node: yaml.Node, place: Place, path: str, depth: int) -> Value:
        kind = node.tag.removeprefix(_TAG)
        if isinstance(node, yaml.SequenceNode) and kind == "seq":
            return tuple(self._node(item, f"{path}[{n}]", depth + 1) for n, item in enumerate(node.value))
        if isinstance(node, yaml.MappingNode) and kind == "map":
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.ScalarNode) and kind in _SCALARS:
            return self._scalar(node.value, kind, place, path)

        self._faults.add(place, path, f"the tag {node.tag} is not allowed here")
        return BROKEN

    def _mapping(self, mapping: yaml.MappingNode, path: str, depth: int) -> dict[str, Node]:
        fields: dict[str, Node] = {}
        for key, value in mapping.value:
            place = _place(self._file, key.start_mark)
            if key.tag != f"{_TAG}str":
                self._faults.add(place, path, "a key must be text; put it in quotes")
                continue

            name = self._scalar(key.value, "str", place, path)
            if not isinstance(name, str):
                continue
            if name in fields:
                first = fields[name].key_place.line
                self._faults.add(place, step(path, name), f"the key is there twice, first in line {first}")
                continue
            fields[name] = self._node(value, step(path, name), depth + 1, key)
        return fields

    def _scalar(self, text: str, kind: str, place: Place, path: str) -> Value:
        try:
            return _SCALARS[kind](text)
        except ValueError as error:
            self._faults.add(place, path, str(error))
            return BROKEN


def step(path: str, key: str) -> str:
    """The path of a value in a mapping."""
    return f"{path}.{key}" if re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$-]*", key) else f'{path}["{key}"]'


def _string(text: str) -> str:
    if text.isascii():
        return text
    try:
        # JSON escapes a character beyond U+FFFF as two surrogates, which YAML reads as two characters.
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        message = "the text holds half of a surrogate pair"
        raise ValueError(message) from None


def _boolean(text: str) -> bool:
    if text.casefold() not in {"true", "false"}:
        message = "expected true or false"
        raise ValueError(message)
    return text.casefold() == "true"


def _integer(text: str) -> int:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    try:
        number = int(text, base)
    except ValueError:
        message = "is no integer, or has more digits than any service takes"
        raise ValueError(message) from None
    if not -(2**63) <= number < 2**63:
        message = "the integer does not fit into 64 bits"
        raise ValueError(message)
    return number


def _float(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        message = "expected a finite number"
        raise ValueError(message)
    return number


_SCALARS: Final = {
    "str": _string,
    "null": lambda _: None,
    "bool": _boolean,
    "int": _integer,
    "float": _float,
}
