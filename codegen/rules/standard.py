"""The fragments, put together, are a valid OpenAPI 3.1 document."""

from collections.abc import Iterator
from typing import Final

from jsonschema.exceptions import SchemaError
from jsonschema_path import SchemaPath
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from codegen.bundle import bundle, unbundled
from codegen.documents import Pointer
from codegen.spec import ROOT, Location, Problem, Spec
from codegen.walk import Kind, paths, walk


_VERSION: Final = "3.1.0"


def check(spec: Spec) -> Iterator[Problem]:
    """What other programs find; schemas first, since their faults are told at their place only here."""
    if spec.root.get("openapi") != _VERSION:
        yield spec.problem(Location(ROOT, ("openapi",)), f"must be {_VERSION}")
        return

    problems = list(_schemas(spec)) or list(_document(spec))
    yield from problems


def _schemas(spec: Spec) -> Iterator[Problem]:
    for node in walk(spec, paths(spec)).of(Kind.SCHEMA):
        try:
            OAS31Validator.check_schema(node.value)
        except SchemaError as error:
            yield spec.problem(node.at.child(*error.absolute_path), error.message)
            continue

        if "default" in node.value and not _fits(node.value["default"], node.value.get("type")):
            yield spec.problem(node.at.child("default"), "is not of the schema's type")


def _fits(value: object, kinds: object) -> bool:
    return kinds is not None and OAS31Validator({"type": kinds}).is_valid(value)


def _document(spec: Spec) -> Iterator[Problem]:
    # Without handlers nothing can be fetched, whatever the document refers to.
    document = SchemaPath.from_dict(bundle(spec), handlers={})
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        yield spec.problem(_place(spec, tuple(error.absolute_path)), error.message)


def _place(spec: Spec, path: Pointer) -> Location:
    """Place of a fault; some are told by a path that does not begin at the root, and then it is the whole."""
    try:
        return unbundled(spec, path)
    except LookupError:
        return Location(ROOT)
