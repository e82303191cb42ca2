"""Shapes of lists and mappings."""

from collections.abc import Callable, Collection, Mapping

from aiotables.core.classes import field, frozen
from aiotables.core.slips import did_you_mean
from aiotables.provision.problems import Faults
from aiotables.provision.shapes import Schema, Shape, Text, every, expected
from aiotables.provision.tree import Node


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
            return expected(node, "a list", faults)
        if len(node.value) < self.least:
            return expected(node, "a list of at least one", faults, "an empty list")
        return every(self.item.fits(item, faults) for item in node.value)


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
            return expected(node, "a mapping", faults)
        if len(node.value) < self.least:
            return expected(node, "a mapping with at least one entry", faults, "an empty one")
        return every(self._entry_fits(name, value, faults) for name, value in node.value.items())

    def _entry_fits(self, name: str, value: Node, faults: Faults) -> bool:
        key = Node(name, value.key_place, value.path)
        return every([self.key.fits(key, faults), self.item.fits(value, faults)])


@frozen(kw_only=True)
class Field:
    """One field of a record."""

    shape: Shape

    says: str
    """What it is for, for the reader of the JSON Schema."""

    required: bool = False

    unless: str = ""
    """A key whose presence lets a required field be left out."""

    def is_missing(self, name: str, present: Collection[str]) -> bool:
        """Whether a mapping with these keys lacks it."""
        excused = bool(self.unless) and self.unless in present
        return self.required and name not in present and not excused

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
        if required := self._required(""):
            schema["required"] = required
        if instead := sorted({each.unless for each in self.fields.values() if each.unless}):
            schema["allOf"] = [
                {"anyOf": [{"required": [key]}, {"required": self._required(key)}]} for key in instead
            ]
        return schema

    def _required(self, unless: str) -> list[str]:
        return [name for name, each in self.fields.items() if each.required and each.unless == unless]

    def _fits(self, node: Node, faults: Faults) -> bool:
        if not isinstance(node.value, dict):
            return expected(node, "a mapping", faults)
        present = node.value
        missing = [name for name, each in self.fields.items() if each.is_missing(name, present)]
        for name in missing:
            faults.add(node.place, node.path, f'the key "{name}" is missing')
        return every(
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
