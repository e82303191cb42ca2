"""All fragments of a service as one OpenAPI document, for tools that read no others."""

from collections.abc import Iterable, Iterator
from typing import Any

from codegen.documents import Pointer
from codegen.spec import ROOT, Found, Location, Spec, is_ref, mapping
from codegen.walk import SECTIONS, components, paths, walk


def bundle(spec: Spec) -> dict[str, Any]:
    """
    The whole document: what the root refers to stands in its place, and other references lead to `#/components`.

    Raises:
        RefError: A reference leads nowhere.
        KeyError: A reference leads to what the root's components do not list.
    """
    return mapping(_copy(Found(spec.root, Location(ROOT)), spec, _pointers(spec)))


def published(spec: Spec) -> dict[str, Any]:
    """
    The whole document for programs of others: without the examples that are shortened, which do not fit their schemas.

    Raises:
        RefError: A reference leads nowhere.
        KeyError: A reference leads to what the root's components do not list.
    """
    document = bundle(spec)
    for item in document["paths"].values():
        for operation in item.values():
            _leave_out_shortened(operation.get("responses", {}))
    return document


def bundled(spec: Spec, parts: Iterable[Found]) -> Iterator[Any]:
    """*parts* of the fragments as they stand in the bundle, with references to `#/components`."""
    pointers = _pointers(spec)
    return (_copy(part, spec, pointers) for part in parts)


def listed(spec: Spec) -> dict[Location, str]:
    """Where each component is, and its pointer in the bundle."""
    return {
        found.at: f"#/components/{section}/{name}"
        for section in SECTIONS
        for name, found in spec.components(section)
    }


def unbundled(spec: Spec, path: Pointer) -> Location:
    """Where in the fragments that is which the bundle has at *path*."""
    found = Found(spec.root, Location(ROOT))
    for key in path:
        found = spec.follow(found)
        found = Found(found.value[key], found.at.child(key))
    return found.at


def _leave_out_shortened(responses: dict[str, Any]) -> None:
    for response in responses.values():
        for media in response.get("content", {}).values():
            examples = media.get("examples", {})
            for name in [name for name, each in examples.items() if "x-shortened-envelope" in each]:
                del examples[name]


def _pointers(spec: Spec) -> dict[Location, str]:
    """Each place that refers to a component, and the pointer to it in the bundle."""
    targets = listed(spec)
    references = walk(spec, [*paths(spec), *components(spec)]).references
    return {
        reference.at: targets[reference.target(spec).at]
        for reference in references
        if reference.at.file != ROOT
    }


def _copy(found: Found, spec: Spec, pointers: dict[Location, str]) -> object:
    value, at = found.value, found.at
    if at in pointers:
        return {**value, "$ref": pointers[at]} if isinstance(value, dict) else pointers[at]

    if at.file == ROOT and is_ref(value):
        return _copy(spec.follow(found), spec, pointers)

    if isinstance(value, dict):
        return {key: _copy(Found(item, at.child(key)), spec, pointers) for key, item in value.items()}

    if isinstance(value, list):
        return [_copy(Found(item, at.child(index)), spec, pointers) for index, item in enumerate(value)]

    return value
