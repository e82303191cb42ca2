"""References lead to local, named parts, and no part is there in vain."""

from collections.abc import Iterator
from typing import Final

from codegen.bundle import listed
from codegen.spec import ROOT, Location, Problem, RefError, Spec, mapping
from codegen.walk import SECTIONS, Walk, components, paths, walk


_SECTION_OF: Final = {kind: section for section, kind in SECTIONS.items()}


def check(spec: Spec) -> Iterator[Problem]:
    """The root lists all parts, references lead to listed parts, and every part is used."""
    way = walk(spec, [*paths(spec), *components(spec)])
    broken = list(_broken(spec, way))
    if broken:
        yield from broken
        return

    yield from _root_only_lists(spec)
    yield from _listed_once(spec)
    yield from _leads_to_listed(spec, way)
    yield from _used(spec)
    yield from _no_strays(spec, way)


def _broken(spec: Spec, way: Walk) -> Iterator[Problem]:
    for reference in way.references:
        try:
            reference.target(spec)
        except RefError as error:
            yield spec.problem(reference.at, str(error))


def _root_only_lists(spec: Spec) -> Iterator[Problem]:
    for node in [*paths(spec), *components(spec)]:
        if not node.is_ref:
            yield spec.problem(
                node.at, "stands in the root, which only refers: move it to a file of its subject"
            )


def _listed_once(spec: Spec) -> Iterator[Problem]:
    names: dict[Location, str] = {}
    for section in SECTIONS:
        for name, found in spec.components(section):
            if found.at in names:
                at = Location(ROOT, ("components", section, name))
                yield spec.problem(at, f"leads to the same part as {names[found.at]}")

            names[found.at] = name


def _leads_to_listed(spec: Spec, way: Walk) -> Iterator[Problem]:
    pointers = listed(spec)
    for reference in way.references:
        if reference.at.file == ROOT:
            continue

        section = _SECTION_OF.get(reference.kind)
        if section is None:
            yield spec.problem(reference.at, f"refers to a part that is not shared: {reference.kind.value}")
        elif not pointers.get(reference.target(spec).at, "").startswith(f"#/components/{section}/"):
            yield spec.problem(
                reference.at, f"leads to what the root does not list under components.{section}"
            )


def _used(spec: Spec) -> Iterator[Problem]:
    reached = {node.at for node in walk(spec, paths(spec)).nodes}
    for section in SECTIONS:
        for name, found in spec.components(section):
            if found.at not in reached:
                at = Location(ROOT, ("components", section, name))
                yield spec.problem(at, "is used by no operation")


def _no_strays(spec: Spec, way: Walk) -> Iterator[Problem]:
    met = {node.at for node in way.nodes}
    for file, document in spec.documents.items():
        if file == ROOT:
            continue

        if not isinstance(document.data, dict):
            yield spec.problem(Location(file), "a file of fragments holds parts by their names")

        for name in mapping(document.data):
            if Location(file, (name,)) not in met:
                yield spec.problem(Location(file, (name,)), "is not listed in the root")
