"""
Shapes of values: what a field of the manifest may hold.

A shape is one definition with two uses: `schema()` gives its JSON Schema for editors, and `fits()` checks a
node of the tree and says what is wrong with it, where.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from attrs import field, frozen

from aiotables.provision.problems import Faults, did_you_mean
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


def _expected(node: Node, what: str, faults: Faults, got: str | None = None) -> bool:
    faults.add(node.place, node.path, f"expected {what}; got {got if got is not None else shown(node)}")
    return False


@frozen(kw_only=True)
class Text(Shape):
    """A text, by default any that is not empty."""

    pattern: str = ""
    """What the whole text has to match: a regular expression that Python and ECMAScript read alike."""

    rule: str = "text"
    """The pattern in words."""

    choices: tuple[str, ...] = ()
    """The only values allowed."""

    known: tuple[str, ...] = ()
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
        text = node.value
        if not isinstance(text, str):
            hint = " (put it in quotes)" if isinstance(text, bool | int | float) else ""
            return _expected(
                node, "text", faults, "something else" if self.secret else f"{shown(node)}{hint}"
            )
        if self.choices:
            what = f"one of {', '.join(self.choices)}" if len(self.choices) > 1 else self.choices[0]
            got = f"{shown(node)}{did_you_mean(text, self.choices)}"
            return text in self.choices or _expected(node, what, faults, got)
        if not text and not self.empty:
            return _expected(node, self.rule, faults, "an empty text")
        got = "something else" if self.secret else shown(node)
        return self._matches(text) or _expected(node, self.rule, faults, got)

    def _matches(self, text: str) -> bool:
        return not self.pattern or re.fullmatch(self.pattern, text) is not None


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
            return _expected(node, self._words(), faults)
        if self.whole and not float(number).is_integer():
            return _expected(node, self._words(), faults)
        if (self.least is not None and number < self.least) or (
            self.above is not None and number <= self.above
        ):
            return _expected(node, self._words(), faults)
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
        return isinstance(node.value, bool) or _expected(node, "true or false", faults)


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
            return _expected(node, "text, a number, true, false or null", faults)
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
            return _all(self.fits(item, faults) for item in node.value)
        if isinstance(node.value, dict):
            return _all(self.fits(item, faults) for item in node.value.values())
        if isinstance(node.value, str):
            return self.text.fits(node, faults)
        return True


@frozen(kw_only=True)
class Items(Shape):
    """A list."""

    item: Shape
    least: int = 0

    def _schema(self) -> Schema:
        schema: Schema = {"type": "array", "items": self.item.schema()}
        if self.least:
            schema["minItems"] = self.least
        return schema

    def _fits(self, node: Node, faults: Faults) -> bool:
        if not isinstance(node.value, tuple):
            return _expected(node, "a list", faults)
        if len(node.value) < self.least:
            return _expected(node, "a list of at least one", faults, "an empty list")
        return _all(self.item.fits(item, faults) for item in node.value)


@frozen(kw_only=True)
class Named(Shape):
    """A mapping whose keys the writer chooses."""

    item: Shape
    key: Text = field(factory=Text)
    least: int = 0

    def _schema(self) -> Schema:
        schema: Schema = {
            "type": "object",
            "propertyNames": self.key.schema(),
            "additionalProperties": self.item.schema(),
        }
        if self.least:
            schema["minProperties"] = self.least
        return schema

    def _fits(self, node: Node, faults: Faults) -> bool:
        if not isinstance(node.value, dict):
            return _expected(node, "a mapping", faults)
        if len(node.value) < self.least:
            return _expected(node, "a mapping with at least one entry", faults, "an empty one")
        return _all(self._entry_fits(name, value, faults) for name, value in node.value.items())

    def _entry_fits(self, name: str, value: Node, faults: Faults) -> bool:
        key = Node(name, value.key_place, value.path)
        return _all([self.key.fits(key, faults), self.item.fits(value, faults)])


@frozen(kw_only=True)
class Field:
    """One field of a record."""

    shape: Shape

    says: str
    """What it is for, for the reader of the JSON Schema."""

    required: bool = False

    def schema(self) -> Schema:
        """The shape's schema with the description."""
        return {"description": self.says, **self.shape.schema()}


@frozen(kw_only=True)
class Record(Shape):
    """A mapping with known keys."""

    fields: Mapping[str, Field]

    others: Shape | None = None
    """Shape of the values under unknown keys; `None` refuses such keys."""

    refused: Mapping[str, str] = field(factory=dict)
    """Unknown keys that deserve a better message than that."""

    def _schema(self) -> Schema:
        schema: Schema = {
            "type": "object",
            "properties": {name: each.schema() for name, each in self.fields.items()},
            "additionalProperties": self.others.schema() if self.others is not None else False,
        }
        if required := [name for name, each in self.fields.items() if each.required]:
            schema["required"] = required
        return schema

    def _fits(self, node: Node, faults: Faults) -> bool:
        if not isinstance(node.value, dict):
            return _expected(node, "a mapping", faults)
        present = node.value
        missing = [name for name, each in self.fields.items() if each.required and name not in present]
        for name in missing:
            faults.add(node.place, node.path, f'the key "{name}" is missing')
        return _all(
            [not missing, *(self._entry_fits(name, value, faults) for name, value in present.items())]
        )

    def _entry_fits(self, name: str, value: Node, faults: Faults) -> bool:
        if name in self.fields:
            return self.fields[name].shape.fits(value, faults)
        if self.others is not None:
            return self.others.fits(value, faults)
        unknown = f'unknown key "{name}"{did_you_mean(name, tuple(self.fields))}'
        faults.add(value.key_place, value.path, self.refused.get(name, unknown))
        return False


@frozen(kw_only=True)
class Either(Shape):
    """One of several shapes."""

    options: tuple[Shape, ...]

    choose: Callable[[Node], Shape | None] = lambda _: None
    """Which one is meant; `None` when the value does not tell."""

    def _schema(self) -> Schema:
        return {"anyOf": [option.schema() for option in self.options]}

    def _fits(self, node: Node, faults: Faults) -> bool:
        meant = self.choose(node)
        if meant is not None:
            return meant.fits(node, faults)

        tries: list[Faults] = []
        for option in self.options:
            found = Faults()
            if option.fits(node, found):
                return True
            tries.append(found)
        # The option with the fewest faults is most likely what was meant.
        faults.take(min(tries, key=lambda found: len(list(found))))
        return False


def _all(results: Iterable[bool]) -> bool:
    """Whether all hold; unlike `all()` it goes on after the first that does not, to find every fault."""
    return not [result for result in results if not result]
