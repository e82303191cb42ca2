"""Templates: texts with `${column}` for a value of a row. `$$` is a plain `$`; `{key}` is left alone."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from attrs import evolve

from aiotables.core.classes import frozen
from aiotables.core.slips import did_you_mean
from aiotables.provision.problems import ManifestError, Place, Problem
from aiotables.provision.tree import Node


TEMPLATE: Final = r"(?:[^$]|\$\$|\$\{[^}]+\}|\$(?![${]))*"
"""What a template has to match: every `${` is closed and names a column."""

_SPECIAL = re.compile(r"\$\$|\$\{([^}]+)\}")


@frozen
class Reference:
    """The place of a column's value in a template."""

    column: str


@frozen
class Template:
    """A text that is the same for every row, or not."""

    parts: tuple[str | Reference, ...]
    place: Place
    path: str

    @classmethod
    def parse(cls, node: Node) -> "Template":
        """The template in a node that matches `TEMPLATE`."""
        parts: list[str | Reference] = []
        end = 0
        for special in _SPECIAL.finditer(node.text):
            parts.append(node.text[end : special.start()])
            parts.append(Reference(special[1]) if special[1] else "$")
            end = special.end()
        parts.append(node.text[end:])
        return cls(_joined(parts), node.place, node.path)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it names, in their order."""
        return tuple(part.column for part in self.parts if isinstance(part, Reference))

    @property
    def text(self) -> str:
        """The template as it could be written."""
        return "".join(
            f"${{{part.column}}}" if isinstance(part, Reference) else part.replace("$", "$$")
            for part in self.parts
        )

    def fill(self, row: Mapping[str, object]) -> str:
        """
        The text for one row.

        Args:
            row: Values by column. A number or a flag is written as in JSON, null as nothing.

        Raises:
            ManifestError: The row has no such column, or a list or mapping in it.
        """
        return "".join(
            [self._value(part, row) if isinstance(part, Reference) else part for part in self.parts]
        )

    def bind(self, row: Mapping[str, object], prefix: str) -> "Template":
        """The template with the columns that start with *prefix* filled in from *row*, others left open."""
        parts = [
            self._value(Reference(part.column.removeprefix(prefix)), row)
            if isinstance(part, Reference) and part.column.startswith(prefix)
            else part
            for part in self.parts
        ]
        return evolve(self, parts=_joined(parts))

    def _value(self, part: Reference, row: Mapping[str, object]) -> str:
        try:
            return as_text(row[part.column])
        except KeyError:
            message = no_such_column(part.column, tuple(row))
        except TypeError:
            message = f"${{{part.column}}} is a list or a mapping; only single values can stand in a text"
        raise ManifestError([Problem.at(self.place, self.path, message)])


def no_such_column(column: str, columns: tuple[str, ...]) -> str:
    """The message for a column that a file or a row does not have."""
    return f'no column "{column}"{did_you_mean(column, columns)}; there are {", ".join(columns) or "none"}'


def as_text(value: object) -> str:
    """
    A single value of a row as text: as JSON writes it, null as nothing.

    Raises:
        TypeError: It is a list or a mapping.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    message = "a list or a mapping has no text"
    raise TypeError(message)


def _joined(parts: list[str | Reference]) -> tuple[str | Reference, ...]:
    joined: list[str | Reference] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part:
            joined.append(part)
    return tuple(joined)


Filled: TypeAlias = Any
"""JSON: what a templated value becomes for one row."""

Templated: TypeAlias = "bool | int | float | Template | list[Templated] | dict[str, Templated] | None"
"""JSON whose texts are templates."""


def templated(node: Node) -> Templated:
    """The JSON in a node, its texts as templates."""
    if isinstance(node.value, str):
        return Template.parse(node)
    if isinstance(node.value, tuple):
        return [templated(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: templated(value) for key, value in node.value.items()}
    return _scalar(node)


def _scalar(node: Node) -> bool | int | float | None:
    if node.value is None or isinstance(node.value, bool | int | float):
        return node.value
    message = f"{node.path} was reported as broken and should not be read"
    raise TypeError(message)


def fill(value: Templated, row: Mapping[str, object]) -> Filled:
    """Templated JSON for one row."""
    return each_template(value, lambda template: template.fill(row))


def each_template(value: Templated, change: Callable[[Template], Any]) -> Any:  # noqa: ANN401 - JSON or templated
    """Templated JSON with something else in place of each template."""
    if isinstance(value, Template):
        return change(value)
    if isinstance(value, list):
        return [each_template(item, change) for item in value]
    if isinstance(value, dict):
        return {key: each_template(item, change) for key, item in value.items()}
    return value


def templates_in(value: Templated) -> list[Template]:
    """Every template in templated JSON, in order."""
    found: list[Template] = []
    each_template(value, found.append)
    return found
