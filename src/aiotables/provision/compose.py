"""Reads a file as YAML nodes, safely: no object is ever constructed, and size and depth are bounded."""

import re
from pathlib import Path
from typing import Any, Final

import yaml

from aiotables.provision.problems import Faults, Place
from aiotables.provision.texts import DEEPEST, TOO_DEEP, read_text


TAG: Final = "tag:yaml.org,2002:"
"""How the tags of YAML's own types start."""


def compose(file: Path, faults: Faults) -> yaml.Node | None:
    """
    The root node of a file, or `None` when it is no YAML.

    Plain scalars follow the core schema of YAML 1.2, so `no` and `12:30` are text.

    Args:
        file: The file.
        faults: Told what is wrong.
    """
    text = read_text(file, faults)
    if text is None:
        return None
    return _composed(text, str(file), faults)


def place_of(file: str, mark: yaml.Mark | None) -> Place:
    """The place of a mark that PyYAML made."""
    return Place(file, mark.line + 1, mark.column + 1) if mark is not None else Place(file, 1)


class _TooDeep(yaml.MarkedYAMLError):
    """Nesting beyond `DEEPEST`."""


class _CoreLoader(yaml.SafeLoader):
    """A safe loader with the scalars of YAML 1.2, used for composing only: it never constructs an object."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way of declaring them
    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401 - PyYAML's
        if self._depth > DEEPEST:
            raise _TooDeep(problem=TOO_DEEP, problem_mark=self.get_mark())
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


_DIGITS: Final = list("-+0123456789")

_CoreLoader.add_implicit_resolver(f"{TAG}null", re.compile(r"(?:null|Null|NULL|~|)\Z"), ["n", "N", "~", ""])
_CoreLoader.add_implicit_resolver(
    f"{TAG}bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")
)
_CoreLoader.add_implicit_resolver(
    f"{TAG}int", re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"), _DIGITS
)
_CoreLoader.add_implicit_resolver(
    f"{TAG}float",
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
        faults.add(place_of(file, error.problem_mark), "", f"is no YAML: {error.problem}")
        return None
    except (ValueError, OverflowError):
        # PyYAML lets `chr()` fail on an escape such as "\UFFFFFFFF", and `int()` on a version of 5,000.
        faults.add(Place(file, 1), "", "is no YAML: an escape or a version is out of range")
        return None

    if root is None:
        faults.add(Place(file, 1), "", "is empty")
    return root
