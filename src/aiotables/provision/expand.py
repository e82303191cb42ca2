"""Expands a manifest into desired tables, as a stream: nothing here grows with the number of tables."""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import orjson

from aiotables.core.slips import did_you_mean
from aiotables.provision.desired import Desired, TableKey, ZangTableSpec, digest, identity
from aiotables.provision.duplicates import Seen
from aiotables.provision.manifest import Manifest, read_manifest
from aiotables.provision.ordering import Ordering
from aiotables.provision.problems import SHOWN, Faults, ManifestError, Problem, in_row
from aiotables.provision.references import EACH
from aiotables.provision.sources import Row
from aiotables.provision.specs import spec_of
from aiotables.provision.tables import (
    AnyTemplate,
    DependencyTemplate,
    ExtructTemplate,
    RowsTemplate,
    ZangTableTemplate,
)
from aiotables.provision.targets import ZangTableTarget
from aiotables.provision.template import templates_in


def load(path: Path, *, environ: Mapping[str, str] | None = None) -> Manifest:
    """
    Read a manifest, and check it and every table that it expands to.

    Args:
        path: The file, YAML or JSON.
        environ: The environment, which has to hold the tokens that the targets name; `None`, where clients are at hand,
            looks for no token and for no URL.

    Raises:
        ManifestError: With the problems of the manifest and, at most 50, of its expansion together.
    """
    faults = Faults()
    manifest = read_manifest(path, environ=environ, faults=faults)
    if manifest is not None:
        faults.take(check(manifest))
    if manifest is None or faults:
        raise ManifestError(faults.sorted())
    return manifest


def expand(manifest: Manifest) -> Iterator[Desired]:
    """
    Every table that should exist, after those it depends on, and otherwise in the order of the manifest and of its
    files' rows.

    Duplicates and dependencies that cannot be are not looked for: `load` and `check` do.

    Raises:
        ManifestError: At the first table that cannot be made.
    """
    if any(table.depends_on for table in manifest.tables):
        yield from _ordered(manifest)
        return
    for _, _, found in _expansion(manifest):
        if isinstance(found, Problem):
            raise ManifestError([found])
        yield found


def _ordered(manifest: Manifest) -> Iterator[Desired]:
    with Ordering() as ordering:
        for number, row, found in _expansion(manifest):
            if isinstance(found, Problem):
                raise ManifestError([found])
            ordering.add(found, orjson.dumps([number, found.origin, row]))
        for data in ordering.ranked():
            number, origin, row = orjson.loads(data)
            yield _desired(manifest, manifest.tables[number], row, origin)


def check(manifest: Manifest, *, limit: int = SHOWN) -> list[Problem]:
    """
    What is wrong with the tables that a manifest expands to, found in one pass over them and their rows.

    Args:
        manifest: The manifest.
        limit: Stop after so many problems.
    """
    faults = Faults()
    with Seen() as seen, Ordering() as ordering:
        for problem in chain(
            _table_problems(manifest, seen, ordering),
            _order_problems(manifest, ordering),
            _row_problems(manifest),
        ):
            faults.take([problem])
            if len(faults) >= limit:
                break
    return list(faults)


def _table_problems(manifest: Manifest, seen: Seen, ordering: Ordering) -> Iterator[Problem]:
    ordered = any(table.depends_on for table in manifest.tables)
    for number, _, found in _expansion(manifest):
        if isinstance(found, Problem):
            yield found
            continue
        yield from _duplicates(manifest, manifest.tables[number], found, seen)
        if ordered:
            ordering.add(found, orjson.dumps([number, found.origin]))


def _order_problems(manifest: Manifest, ordering: Ordering) -> Iterator[Problem]:
    for missing in ordering.missing():
        number, origin = orjson.loads(missing.data)
        key = manifest.tables[number].depends_on[missing.position].key
        meant = did_you_mean(missing.name, ordering.names())
        yield Problem.at(
            key.place, key.path, f"the manifest has no table {missing.name}{meant} (from {origin})"
        )

    circle = ordering.circle()
    if circle is not None:
        number, origin = orjson.loads(circle.data)
        key = manifest.tables[number].depends_on[0].key
        message = f"tables depend on each other: {' → '.join(circle.names)} (from {origin})"
        yield Problem.at(key.place, key.path, message)


_Row: TypeAlias = Mapping[str, object]


def _expansion(manifest: Manifest) -> Iterator[tuple[int, _Row, Desired | Problem]]:
    """Each table with the number of its template and the row that it is of."""
    for number, table in enumerate(manifest.tables):
        for origin, row in _rows_of(table):
            if isinstance(row, Problem):
                yield number, {}, row
                continue
            try:
                yield number, row, _desired(manifest, table, row, origin)
            except ManifestError as error:
                for problem in error.problems:
                    yield number, row, problem


def _rows_of(table: AnyTemplate) -> Iterator[tuple[str, Mapping[str, object] | Problem]]:
    if table.for_each is None:
        yield table.origin, {}
        return
    for row in table.for_each.read():
        if isinstance(row, Row):
            yield f"{table.for_each.name}:{row.line}", row.values
        else:
            yield table.origin, row


def _desired(manifest: Manifest, table: AnyTemplate, row: Mapping[str, object], origin: str) -> Desired:
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


def _named(manifest: Manifest, table: DependencyTemplate, row: Mapping[str, object]) -> TableKey:
    key = table.key.fill(row)
    return TableKey(table.target, key, identity(manifest.name, table.target, key))


def _duplicates(manifest: Manifest, table: AnyTemplate, desired: Desired, seen: Seen) -> Iterator[Problem]:
    at = f"{desired.origin} ({table.path})"
    first = seen.first(f"keys of {desired.target}", desired.key, at)
    if first is not None:
        message = f'the key "{desired.key}" from {at} is already used by {first} in target {desired.target}'
        yield Problem.at(table.key.place, table.key.path, message)
    elif isinstance(desired.spec, ZangTableSpec) and isinstance(table, ZangTableTemplate):
        yield from _zangtable_duplicates(manifest, table, desired.spec, seen, at)


def _zangtable_duplicates(
    manifest: Manifest, table: ZangTableTemplate, spec: ZangTableSpec, seen: Seen, at: str
) -> Iterator[Problem]:
    """In SQLite the tables and indexes of a database share one set of names, and case does not count."""
    scope = _database(manifest, table.target)
    first = seen.first(scope, spec.name.lower(), at)
    if first is not None:
        yield Problem.at(table.name.place, table.name.path, _taken("table", spec.name, at, first))

    for template, index in zip(table.indexes, spec.indexes, strict=True):
        first = seen.first(scope, index.name.lower(), at)
        if first is not None:
            yield Problem.at(template.place, template.path, _taken("index", index.name, at, first))


def _taken(what: str, name: str, at: str, first: str) -> str:
    return (
        f'the name "{name}" of the {what} from {at} is already used by {first}; case does not count in SQLite'
    )


def _database(manifest: Manifest, target: str) -> str:
    """What names have to be unique in: two targets may lead to one project."""
    found = manifest.targets.get(target)
    return (
        f"names {found.base_url} {found.project}"
        if isinstance(found, ZangTableTarget)
        else f"names of {target}"
    )


def _row_problems(manifest: Manifest) -> Iterator[Problem]:
    """What is wrong in the files that rows of tables come from."""
    for table in manifest.tables:
        if isinstance(table, ExtructTemplate) and isinstance(table.rows, RowsTemplate):
            yield from _problems_of(table.rows)


def _problems_of(rows: RowsTemplate) -> Iterator[Problem]:
    templates = templates_in(rows.data)
    # What the for_each file gives was checked before; here only the rows of this file are.
    each = {column: "" for template in templates for column in template.columns if column.startswith(EACH)}
    for row in rows.file.read():
        if isinstance(row, Problem):
            yield row
            continue
        for template in templates:
            try:
                template.fill({**row.values, **each})
            except ManifestError as error:
                yield from in_row(error, f"{rows.file.name}:{row.line}").problems
