"""
Shapes of values: what a field of the manifest may hold.

A shape is one definition with two uses: `schema()` gives its JSON Schema for editors, and `fits()` checks a
node of the tree and says what is wrong with it, where.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

from aiotables.core.classes import frozen
from aiotables.core.slips import did_you_mean
from aiotables.provision.problems import Faults
from aiotables.provision.tree import Broken, Node


Schema: TypeAlias = dict[str, Any]

LONGEST_SHOWN: Final = 60


class Shape(ABC):
    """What a value may be."""

    def schema(self) -> Schema:
        """As JSON Schema 2020-12."""
        return self._schema()

    def fits(self, node: Node, faults: Faults) -> bool:
        """Whether *node* has this shape; if not, *faults* has the reasons, unless reported before."""
        return not isinstance(node.value, Broken) and self._fits(node, faults)

    @abstractmethod
    def _schema(self) -> Schema: ...

    @abstractmethod
    def _fits(self, node: Node, faults: Faults) -> bool: ...


def shown(node: Node) -> str:
    """The value as a message shows it."""
    if isinstance(node.value, tuple):
        return "a list"
    if isinstance(node.value, dict):
        return "a mapping"
    text = json.dumps(node.value, ensure_ascii=False)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def expected(node: Node, what: str, faults: Faults, got: str | None = None) -> bool:
    """Tell that the node holds something else, and return False."""
    faults.add(node.place, node.path, f"expected {what}; got {got if got is not None else shown(node)}")
    return False


def every(results: Iterable[bool]) -> bool:
    """Whether all hold; unlike `all()` it goes on after the first that does not, to find every fault."""
    return not [result for result in results if not result]


@frozen(kw_only=True)
class Text(Shape):
    """A text, by default any that is not empty."""

    pattern: str = ""
    """What the whole text has to match: a regular expression that Python and ECMAScript read alike."""

    rule: str = "text"
    """The pattern in words."""

    choices: Sequence[str] = ()
    """The only values allowed."""

    known: Sequence[str] = ()
    """Values to offer in an editor; others are allowed too."""

    empty: bool = False

    secret: bool = False
    """Never show the value in a message: people put tokens where names belong."""

    def _schema(self) -> Schema:
        if self.choices:
            return {"type": "string", "enum": list(self.choices)}
        text: Schema = {"type": "string"}
        if not self.empty:
            text["minLength"] = 1
        if self.pattern:
            text["pattern"] = f"^(?:{self.pattern})$"
        return {"anyOf": [{"enum": list(self.known)}, text]} if self.known else text

    def _fits(self, node: Node, faults: Faults) -> bool:
        if not isinstance(node.value, str):
            return expected(node, "text", faults, self._got(node))
        return self._allows(node.value) or expected(node, self._words(), faults, self._got(node))

    def _allows(self, text: str) -> bool:
        if self.choices:
            return text in self.choices
        if not text:
            return self.empty
        return not self.pattern or re.fullmatch(self.pattern, text) is not None

    def _words(self) -> str:
        return (
            f"one of {', '.join(self.choices)}"
            if len(self.choices) > 1
            else "".join(self.choices) or self.rule
        )

    def _got(self, node: Node) -> str:
        if self.secret:
            return "something else"
        if isinstance(node.value, bool | int | float):
            return f"{shown(node)} (put it in quotes)"
        return f"{shown(node)}{did_you_mean(str(node.value), self.choices)}"


@frozen(kw_only=True)
class Number(Shape):
    """A number; whole or not, with a lower bound."""

    whole: bool = False
    least: int | None = None
    above: int | None = None

    def _schema(self) -> Schema:
        schema: Schema = {"type": "integer" if self.whole else "number"}
        if self.least is not None:
            schema["minimum"] = self.least
        if self.above is not None:
            schema["exclusiveMinimum"] = self.above
        return schema

    def _fits(self, node: Node, faults: Faults) -> bool:
        number = node.value
        if isinstance(number, bool) or not isinstance(number, int | float):
            return expected(node, self._words(), faults)
        if self.whole and not float(number).is_integer():
            return expected(node, self._words(), faults)
        if (self.least is not None and number < self.least) or (
            self.above is not None and number <= self.above
        ):
            return expected(node, self._words(), faults)
        return True

    def _words(self) -> str:
        words = "a whole number" if self.whole else "a number"
        if self.least is not None:
            words += f" of {self.least} or more"
        if self.above is not None:
            words += f" above {self.above}"
        return words


@frozen(kw_only=True)
class Flag(Shape):
    """True or false."""

    def _schema(self) -> Schema:
        return {"type": "boolean"}

    def _fits(self, node: Node, faults: Faults) -> bool:
        return isinstance(node.value, bool) or expected(node, "true or false", faults)


@frozen(kw_only=True)
class Scalar(Shape):
    """A text of one shape, a number, a flag or null."""

    text: Text

    def _schema(self) -> Schema:
        return {"anyOf": [self.text.schema(), {"type": ["number", "boolean", "null"]}]}

    def _fits(self, node: Node, faults: Faults) -> bool:
        if isinstance(node.value, str):
            return self.text.fits(node, faults)
        if isinstance(node.value, tuple | dict):
            return expected(node, "text, a number, true, false or null", faults)
        return True


@frozen(kw_only=True)
class Json(Shape):
    """Any JSON, the texts in it of one shape."""

    text: Text

    reference: str
    """Name of the definition in the JSON Schema, since the shape contains itself."""

    def _schema(self) -> Schema:
        return {"$ref": f"#/$defs/{self.reference}"}

    def definition(self) -> Schema:
        """What `schema()` refers to."""
        again = self.schema()
        return {
            "anyOf": [
                self.text.schema(),
                {"type": ["number", "boolean", "null"]},
                {"type": "array", "items": again},
                {"type": "object", "additionalProperties": again},
            ]
        }

    def _fits(self, node: Node, faults: Faults) -> bool:
        if isinstance(node.value, tuple):
            return every(self.fits(item, faults) for item in node.value)
        if isinstance(node.value, dict):
            return every(self.fits(item, faults) for item in node.value.values())
        if isinstance(node.value, str):
            return self.text.fits(node, faults)
        return True
