"""The descriptors of a service's operations: `Operation` constants, made by walking the bundled fragments."""

import re
from collections.abc import Iterator
from typing import Any, Final

from attrs import frozen

from codegen.bundle import bundle, unbundled
from codegen.documents import Pointer
from codegen.shapes import name_in, references
from codegen.source import docstring, formatted, header
from codegen.spec import BYTES, JSON, METHODS, Spec, SpecError, mapping


_SUCCESS: Final = re.compile(r"2(?:XX|[0-9]{2})")
_CONSTANT: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_EFFECTS: Final = frozenset({"READ", "REPLACE", "CREATE", "START"})
_SCALARS: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def generate_operations(service: str, spec: Spec, class_names: dict[str, str]) -> str:
    """
    Make the module of the operations of *service*.

    Args:
        service: Its name, a folder of `openapi/`.
        spec: Its fragments.
        class_names: The class of each schema, by name of the schema.

    Raises:
        SpecError: An operation has a shape that no descriptor can tell.
    """
    writer = _Writer(service, spec, bundle(spec), class_names)
    places = list(_operations(writer.document))
    names = list(map(writer.constant, places))
    source = f'''{header(service, f"Operations of {service}.", [*names, "OPERATIONS"])}
from typing import Any, Final, cast

from aiotables.core.operations import Effect, Operation, Parameter
from aiotables.{service}._generated import models


{"".join(map(writer.definition, places))}
OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = ({", ".join(names)},)
"""All of them, in the order of the fragments."""
'''
    return formatted(source)


def sent_schemas(document: dict[str, Any]) -> set[str]:
    """Names of the schemas that the request bodies of a bundled *document* refer to directly."""
    bodies = (place.child("requestBody", "content", JSON, "schema") for place in _operations(document))
    return {name for body in bodies for name in references(body.value)}


@frozen
class _Place:
    """A part of the bundle and the keys that lead to it."""

    value: Any
    pointer: Pointer

    def child(self, *keys: str) -> "_Place":
        """The part that *keys* lead to, an empty object when it is not there."""
        value = self.value
        for key in keys:
            value = mapping(value).get(key, {})
        return _Place(value, (*self.pointer, *keys))


def _operations(document: dict[str, Any]) -> Iterator[_Place]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield _Place(item[method], ("paths", path, method))


@frozen
class _Writer:
    service: str
    spec: Spec
    document: dict[str, Any]
    class_names: dict[str, str]

    def constant(self, place: _Place) -> str:
        """Name of the constant of the operation at *place*."""
        name = str(place.value.get("operationId")).upper()
        if not _CONSTANT.fullmatch(name):
            raise self._error(place, "operationId is no name for a constant")
        return name

    def definition(self, place: _Place) -> str:
        """The statement that defines the operation at *place*, and its docstring."""
        operation = place.value
        body, result = self._body(place), self._result(place)
        facts = {
            "name": repr(f"{self.service}.{operation.get('operationId')}"),
            "method": repr(str(place.pointer[2]).upper()),
            "path": repr(place.pointer[1]),
            "effect": self._effect(place),
            "body": self._as_type(place, body),
            "body_required": repr(bool(place.child("requestBody").value.get("required"))),
            "result": "type(None)" if result == "None" else result,
            "parameters": f"({''.join(self._parameters(place))})",
            "nothing_done": f"frozenset({list(map(int, operation.get('x-nothing-done', [])))!r})",
            "gone_is_done": repr(bool(operation.get("x-gone-is-done"))),
            "source": repr(operation.get("x-source")),
            "evidence": repr(operation.get("x-evidence")),
        }
        arguments = "".join(
            f"    {name}={fact},\n" for name, fact in facts.items() if fact != _DEFAULTS.get(name)
        )
        return (
            f"{self.constant(place)}: Final[Operation[{body}, {result}]] = Operation(\n{arguments})\n"
            f"{docstring(_told(operation))}\n"
        )

    def _effect(self, place: _Place) -> str:
        effect = str(place.value.get("x-effect")).upper()
        if effect not in _EFFECTS:
            raise self._error(place, "x-effect is none of read, replace, create and start")
        return f"Effect.{effect}"

    def _parameters(self, place: _Place) -> Iterator[str]:
        for parameter in place.value.get("parameters", ()):
            found = self._followed(parameter)
            required = ", required=True" if found.get("required") else ""
            yield f"Parameter(name={found['name']!r}, location={found['in']!r}{required}), "

    def _body(self, place: _Place) -> str:
        content = place.child("requestBody", "content")
        return self._type(self._json_schema(content)) if content.value else "None"

    def _as_type(self, place: _Place, body: str) -> str:
        """
        What stands for the type *body* where a `type[...]` is asked for.

        To type checkers a union is none, so they are told.
        """
        schema = self._followed(place.child("requestBody", "content", JSON, "schema").value)
        return f'cast("type[{body}]", {body})' if "oneOf" in schema else body

    def _result(self, place: _Place) -> str:
        results = {self._answer(answer) for answer in self._answers(place)}
        if len(results) != 1:
            raise self._error(place.child("responses"), "the successes do not answer with one type")
        return results.pop()

    def _answers(self, place: _Place) -> Iterator[_Place]:
        responses = place.child("responses")
        for status in responses.value:
            if _SUCCESS.fullmatch(status):
                answer = responses.child(status)
                yield _Place(self._followed(answer.value), answer.pointer)

    def _answer(self, answer: _Place) -> str:
        content = answer.child("content")
        if not content.value:
            return "None"

        if list(content.value) == [BYTES]:
            return "bytes"

        schema = self._json_schema(content)
        key = self.document.get("x-envelope")
        return self._type(schema if key is None else self._payload(schema, key))

    def _json_schema(self, content: _Place) -> _Place:
        if JSON not in content.value:
            raise self._error(content, f"only {JSON} is known")
        return content.child(JSON, "schema")

    def _payload(self, envelope: _Place, key: str) -> _Place:
        """The schema of what *key* holds, where the envelope is narrowed to one operation."""
        for part in envelope.value.get("allOf", ()):
            payload = mapping(part.get("properties")).get(key)
            if payload is not None:
                return _Place(payload, envelope.pointer)
        raise self._error(envelope, f"the envelope is not narrowed: it needs allOf with {key!r}")

    def _type(self, place: _Place) -> str:
        """The Python type of the schema at *place*; whatever needs a class has a name."""
        schema = place.value
        if "$ref" in schema:
            return f"models.{self.class_names[name_in(schema['$ref'])]}"

        if schema.get("type") == "array":
            return f"list[{self._type(place.child('items'))}]"

        if schema.get("type") in _SCALARS:
            return _SCALARS[schema["type"]]

        raise self._error(place, "a body is a named schema, a scalar, or an array of them")

    def _followed(self, part: dict[str, Any]) -> dict[str, Any]:
        """*part*, or the component that it refers to."""
        if "$ref" not in part:
            return part

        _, section, name = part["$ref"].removeprefix("#/").split("/")
        return mapping(self.document["components"][section][name])

    def _error(self, place: _Place, message: str) -> SpecError:
        return SpecError([self.spec.problem(unbundled(self.spec, place.pointer), message)])


# What `Operation` assumes when it is not told.
_DEFAULTS: Final = {
    "body": "None",
    "body_required": "False",
    "parameters": "()",
    "nothing_done": "frozenset([])",
    "gone_is_done": "False",
}


def _told(operation: dict[str, Any]) -> str:
    """What people are told of *operation*."""
    parts = (operation.get("summary"), operation.get("description"))
    return "\n\n".join(str(part).strip() for part in parts if part)
