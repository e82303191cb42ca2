"""From templates and rows to tables, one after another in the order of the manifest, each with what it was made of."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import orjson

from aiotables.core.classes import frozen
from aiotables.provision.desired import Desired, TableKey, digest, identity
from aiotables.provision.manifest import Manifest
from aiotables.provision.problems import ManifestError, Problem
from aiotables.provision.sources import Row
from aiotables.provision.specs import spec_of
from aiotables.provision.tables import AnyTemplate, DependencyTemplate


Values: TypeAlias = Mapping[str, object]
"""A row, by column; empty for a template without `for_each`."""


@frozen
class Expanded:
    """A table, or why there is none."""

    number: int
    """Of its template in the manifest."""

    row: Values
    found: Desired | Problem


def expansion(manifest: Manifest) -> Iterator[Expanded]:
    """Every table that a manifest asks for."""
    for number, table in enumerate(manifest.tables):
        for origin, row in _rows_of(table):
            if isinstance(row, Problem):
                yield Expanded(number, {}, row)
                continue
            try:
                yield Expanded(number, row, desired_of(manifest, table, row, origin))
            except ManifestError as error:
                for problem in error.problems:
                    yield Expanded(number, row, problem)


def desired_of(manifest: Manifest, table: AnyTemplate, row: Values, origin: str) -> Desired:
    """
    The table that a template gives for one row.

    Args:
        manifest: The template's.
        table: The template.
        row: The row.
        origin: Where the row is from.

    Raises:
        ManifestError: The row does not give a table that the service would take.
    """
    key, spec = spec_of(table, row, origin)
    return Desired(
        target=table.target,
        key=key,
        name=spec.name,
        spec=spec,
        identity=identity(manifest.name, table.target, key),
        digest=digest(spec),
        origin=origin,
        depends_on=tuple(_named(manifest, each, row) for each in table.depends_on),
        protect=table.protect,
    )


def source_of(each: Expanded, desired: Desired) -> bytes:
    """What `from_source` makes a table of again: the number of its template, where its row is from, and the row."""
    return orjson.dumps([each.number, desired.origin, each.row])


def from_source(manifest: Manifest, source: bytes) -> Desired:
    """The table of which `source_of` was given."""
    number, origin, row = orjson.loads(source)
    return desired_of(manifest, manifest.tables[number], row, origin)


def _rows_of(table: AnyTemplate) -> Iterator[tuple[str, Values | Problem]]:
    if table.for_each is None:
        yield table.origin, {}
        return
    for row in table.for_each.read():
        if isinstance(row, Row):
            yield f"{table.for_each.name}:{row.line}", row.values
        else:
            yield table.origin, row


def _named(manifest: Manifest, table: DependencyTemplate, row: Values) -> TableKey:
    key = table.key.fill(row)
    return TableKey(table.target, key, identity(manifest.name, table.target, key))
