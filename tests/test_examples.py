"""The fragments, the generated code and the documented examples agree."""

import contextlib
import copy
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from attrs import frozen
from cattrs.errors import BaseValidationError
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.convert import Converter
from aiotables.core.errors import DecodeError
from aiotables.core.explain import faults_of
from aiotables.core.model_fields import model_fields, wire_name
from aiotables.core.operations import Operation
from codegen.bundle import bundle
from codegen.spec import METHODS, load


OPENAPI: Final = Path(__file__).parents[1] / "openapi"
SERVICES: Final = sorted(path.name for path in OPENAPI.iterdir() if path.is_dir())
DOCUMENTS: Final = {service: bundle(load(OPENAPI / service)) for service in SERVICES}
JSON: Final = "application/json"
CONVERTER: Final = Converter(forbid_unknown=True)


def models(service: str) -> Any:  # noqa: ANN401  # a module
    """The generated models of *service*."""
    return importlib.import_module(f"aiotables.{service}._generated.models")


def descriptors(service: str) -> dict[str, Operation[Any, Any]]:
    """The generated operations of *service* by name."""
    module = importlib.import_module(f"aiotables.{service}._generated.operations")
    return {operation.name: operation for operation in module.OPERATIONS}


@frozen
class Told:
    """An operation as the fragments tell it."""

    service: str
    path: str
    method: str
    fragment: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of its descriptor."""
        return f"{self.service}.{self.fragment['operationId']}"

    @property
    def descriptor(self) -> Operation[Any, Any]:
        """Its descriptor."""
        return descriptors(self.service)[self.name]


@frozen
class Example:
    """A documented JSON value and the type it is of."""

    id: str
    value: Any
    type: Any


OPERATIONS: Final = [
    Told(service, path, method, item[method])
    for service in SERVICES
    for path, item in DOCUMENTS[service]["paths"].items()
    for method in METHODS
    if method in item
]


def examples() -> Iterator[Example]:
    """Every example of the fragments, once for each type that it is an example of."""
    for told in OPERATIONS:
        yield from request_examples(told)
        yield from response_examples(told)
    for service in SERVICES:
        yield from schema_examples(service)


def request_examples(told: Told) -> Iterator[Example]:
    """The examples of the request body of an operation."""
    media = told.fragment.get("requestBody", {}).get("content", {}).get(JSON, {})
    for name, example in media.get("examples", {}).items():
        yield Example(f"{told.name} request {name}", example["value"], told.descriptor.body)


def response_examples(told: Told) -> Iterator[Example]:
    """The examples of all answers of an operation, errors included."""
    document = DOCUMENTS[told.service]
    key = document.get("x-envelope")
    for status, response in told.fragment["responses"].items():
        for media in followed(document, response).get("content", {}).values():
            for name, example in media.get("examples", {}).items():
                at, value = f"{told.name} {status} {name}", example["value"]
                if key is not None and "x-shortened-envelope" not in example:
                    yield Example(f"{at} envelope", value, models(told.service).Envelope)
                if status.startswith("2"):
                    payload = value if key is None else value[key]
                    yield Example(at, payload, told.descriptor.result)
                elif key is None:
                    yield Example(at, value, named_type(told.service, media["schema"]))


def schema_examples(service: str) -> Iterator[Example]:
    """The examples that stand at schemas and at their properties."""
    for name, schema in DOCUMENTS[service]["components"]["schemas"].items():
        class_ = getattr(models(service), name, bool)  # IntBool is no class of its own
        for index, value in enumerate(schema.get("examples", ())):
            yield Example(f"{service} {name} {index}", value, class_)
        for key, part in schema.get("properties", {}).items():
            for index, value in enumerate(part.get("examples", ())):
                types = {wire_name(field): field.type for field in model_fields(class_).declared}
                yield Example(f"{service} {name}.{key} {index}", value, types[key])


def followed(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """*part*, or what it refers to."""
    for key in part.get("$ref", "#")[2:].split("/") if "$ref" in part else ():
        document = document[key]
    return document if "$ref" in part else part


def named_type(service: str, schema: dict[str, str]) -> Any:  # noqa: ANN401  # a type
    """The class of a schema that is a reference."""
    return getattr(models(service), schema["$ref"].rpartition("/")[2])


def kept_keys(value: object) -> Iterator[str]:
    """Keys that some model in *value* kept without having a field for them."""
    model = type(value)
    if attrs.has(model):
        yield from getattr(value, "additional", ())
        for field in attrs.fields(model):
            yield from kept_keys(getattr(value, field.name))
    elif isinstance(value, list):
        for each in value:
            yield from kept_keys(each)


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The ways to everything in a JSON value, itself included."""
    yield path
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    )
    for key, each in entries:
        yield from places(each, (*path, key))


def changed(value: Any, path: tuple[str | int, ...], other: object) -> Any:  # noqa: ANN401  # JSON of any shape
    """*value* with *other* at *path*, or without what is there; an earlier change may have taken the place away."""
    if not path:
        return other

    part = value
    with contextlib.suppress(LookupError, TypeError):
        for key in path[:-1]:
            part = part[key]
        if other is GONE:
            del part[path[-1]]
        else:
            part[path[-1]] = other
    return value


GONE: Final = object()
OTHER_VALUES: Final[tuple[Any, ...]] = (
    *(GONE, None, True, 0, 1, 7, 1.5, "", "x", "agent", "2026-06-02", "2026-06-02T01:00:00", [], ["x"]),
    *("2026-06-02T01:00:00.Z", "2026-06-02T01:00:00.5Z", "2026-06-02T25:00:00Z", [None], {}, {"kind": "new"}),
)
EXAMPLES: Final = list(examples())


def test_there_are_examples_of_both_directions() -> None:
    """Requests and answers of both services are among the examples, so that none was passed over."""
    for service in SERVICES:
        ids = [example.id for example in EXAMPLES if example.id.startswith(service)]
        assert any(" request " in each for each in ids)
        assert any(" 2" in each for each in ids)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_example_is_read_and_written_unchanged(example: Example) -> None:
    """A documented example has no field that its model lacks, and comes out as the same JSON."""
    value = CONVERTER.decode(example.value, example.type)

    assert [] == list(kept_keys(value))
    assert json.dumps(example.value, sort_keys=True) == json.dumps(CONVERTER.to_wire(value), sort_keys=True)


@given(st.data())
def test_both_readers_agree(data: st.DataObject) -> None:
    """The functions that are fast take and refuse what those that explain do, and read the same of it."""
    example = data.draw(st.sampled_from(EXAMPLES))
    value = copy.deepcopy(example.value)
    for path in data.draw(st.lists(st.sampled_from(list(places(value))), max_size=3)):
        value = changed(value, path, data.draw(st.sampled_from(OTHER_VALUES)))

    converter = Converter()
    with contextlib.suppress(DecodeError):
        assert converter.decode(value, example.type) == converter._explainer.converter.structure(
            value, example.type
        )
        return
    with pytest.raises((BaseValidationError, TypeError, ValueError)) as caught:
        converter._explainer.converter.structure(value, example.type)
    assert list(faults_of(caught.value))


@pytest.mark.parametrize("service", SERVICES)
def test_every_class_can_be_read_and_written(service: str) -> None:
    """Every generated type has its hooks, so that none fails in a user's hands first."""
    for name in models(service).__all__:
        type_ = getattr(models(service), name)
        if type_ is Any:
            continue

        with pytest.raises(DecodeError):
            CONVERTER.decode(object(), type_)
        assert not attrs.has(type_) or callable(CONVERTER._writers.find(type_))


@pytest.mark.parametrize("service", SERVICES)
def test_every_schema_has_its_class(service: str) -> None:
    """Whatever the fragments name can be imported under that name."""
    generated = {*models(service).__all__, "IntBool"}

    assert DOCUMENTS[service]["components"]["schemas"].keys() <= generated


@pytest.mark.parametrize("told", OPERATIONS, ids=lambda told: told.name)
def test_descriptor_says_what_the_fragment_says(told: Told) -> None:
    """Method, path, effect, parameters and the like are those of the fragment."""
    document, fragment, descriptor = DOCUMENTS[told.service], told.fragment, told.descriptor
    parameters = [followed(document, each) for each in fragment.get("parameters", ())]

    assert told.method.upper() == descriptor.method
    assert told.path == descriptor.path
    assert fragment["x-effect"] == descriptor.effect
    assert fragment["x-source"] == descriptor.source
    assert fragment["x-evidence"] == descriptor.evidence
    assert set(fragment.get("x-nothing-done", ())) == descriptor.nothing_done
    assert fragment.get("x-gone-is-done", False) == descriptor.gone_is_done
    assert ("requestBody" in fragment) == (descriptor.body is not None)
    assert fragment.get("requestBody", {}).get("required", False) == descriptor.body_required
    assert [(each["name"], each["in"], each.get("required", False)) for each in parameters] == [
        (each.name, each.location, each.required) for each in descriptor.parameters
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_no_descriptor_is_without_a_fragment(service: str) -> None:
    """There is nothing to call that the fragments do not tell of."""
    assert {told.name for told in OPERATIONS if told.service == service} == descriptors(service).keys()
