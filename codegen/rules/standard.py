"""The fragments, put together, are a valid OpenAPI 3.1 document."""

from collections.abc import Iterator

from jsonschema_path import SchemaPath
from openapi_spec_validator import OpenAPIV31SpecValidator

from codegen.bundle import bundle, unbundled
from codegen.spec import ROOT, Location, Problem, Spec


def check(spec: Spec) -> Iterator[Problem]:
    """What openapi-spec-validator finds, at its place in the fragments."""
    if spec.root.get("openapi") != "3.1.0":
        yield spec.problem(Location(ROOT, ("openapi",)), "must be 3.1.0")
        return

    # Without handlers nothing can be fetched, whatever the document refers to.
    document = SchemaPath.from_dict(bundle(spec), handlers={})
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        yield spec.problem(unbundled(spec, tuple(error.absolute_path)), error.message)
