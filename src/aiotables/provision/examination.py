"""What is wrong with the tables of a manifest and can only be seen once it is expanded."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import orjson

from aiotables.core.slips import did_you_mean
from aiotables.provision.desired import Desired, ZangTableSpec
from aiotables.provision.duplicates import Seen
from aiotables.provision.expansion import Expanded, source_of
from aiotables.provision.manifest import Manifest
from aiotables.provision.ordering import Ordering
from aiotables.provision.problems import ManifestError, Problem, in_row
from aiotables.provision.references import EACH
from aiotables.provision.tables import AnyTemplate, ExtructTemplate, RowsTemplate, ZangTableTemplate
from aiotables.provision.targets import ZangTableTarget
from aiotables.provision.template import templates_in


class Examination:
    """
    Is shown one table after another, and then asked for the rest. A context manager, since it keeps what it saw on disk.

    Args:
        manifest: Whose tables they are.

    Attributes:
        ordered: Whether tables depend on others.
        ordering: The tables in their order, where they do.
    """

    def __init__(self, manifest: Manifest) -> None:
        self.ordered = any(table.depends_on for table in manifest.tables)
        self.ordering = Ordering()
        self._manifest = manifest
        # Where names are the keys they are looked at as names alone: it is half of the work with very many tables.
        self._keyed = {table.target for table in manifest.tables if not _named_by_key(table)}
        self._seen = Seen()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._seen.close()
        self.ordering.close()

    def look(self, each: Expanded) -> Iterator[Problem]:
        """What is wrong with a table, by itself and beside those before it."""
        if isinstance(each.found, Problem):
            yield each.found
            return
        yield from self._duplicates(self._manifest.tables[each.number], each.found)
        if self.ordered:
            self.ordering.add(each.found, source_of(each, each.found))

    def rest(self) -> Iterator[Problem]:
        """What is wrong with all of them together, and with the files that their rows come from."""
        yield from self._order_problems()
        for table in self._manifest.tables:
            if isinstance(table, ExtructTemplate) and isinstance(table.rows, RowsTemplate):
                yield from _problems_of(table.rows)

    def _duplicates(self, table: AnyTemplate, desired: Desired) -> Iterator[Problem]:
        at = f"{desired.origin} ({table.path})"
        first = None
        if desired.target in self._keyed:
            first = self._seen.first(f"keys of {desired.target}", desired.key, at)
        if first is not None:
            message = (
                f'the key "{desired.key}" from {at} is already used by {first} in target {desired.target}'
            )
            yield Problem.at(table.key.place, table.key.path, message)
        elif isinstance(desired.spec, ZangTableSpec) and isinstance(table, ZangTableTemplate):
            yield from self._zangtable_duplicates(table, desired.spec, at)

    def _zangtable_duplicates(
        self, table: ZangTableTemplate, spec: ZangTableSpec, at: str
    ) -> Iterator[Problem]:
        """In SQLite the tables and indexes of a database share one set of names, and case does not count."""
        scope = self._database(table.target)
        first = self._seen.first(scope, spec.name.lower(), at)
        if first is not None:
            yield Problem.at(table.name.place, table.name.path, _taken("table", spec.name, at, first))

        for template, index in zip(table.indexes, spec.indexes, strict=True):
            first = self._seen.first(scope, index.name.lower(), at)
            if first is not None:
                yield Problem.at(template.place, template.path, _taken("index", index.name, at, first))

    def _database(self, target: str) -> str:
        """What names have to be unique in: two targets may lead to one project."""
        found = self._manifest.targets.get(target)
        return (
            f"names {found.base_url} {found.project}"
            if isinstance(found, ZangTableTarget)
            else f"names of {target}"
        )

    def _order_problems(self) -> Iterator[Problem]:
        for missing in self.ordering.missing():
            number, origin, _ = orjson.loads(missing.data)
            key = self._manifest.tables[number].depends_on[missing.position].key
            meant = did_you_mean(missing.name, self.ordering.names())
            yield Problem.at(
                key.place, key.path, f"the manifest has no table {missing.name}{meant} (from {origin})"
            )

        circle = self.ordering.circle()
        if circle is not None:
            number, origin, _ = orjson.loads(circle.data)
            key = self._manifest.tables[number].depends_on[0].key
            message = f"tables depend on each other: {' → '.join(circle.names)} (from {origin})"
            yield Problem.at(key.place, key.path, message)


def _named_by_key(table: AnyTemplate) -> bool:
    """Whether no two of its tables can have one key without having one name, which has to be unique, too."""
    return isinstance(table, ZangTableTemplate) and table.key is table.name


def _taken(what: str, name: str, at: str, first: str) -> str:
    return (
        f'the name "{name}" of the {what} from {at} is already used by {first}; case does not count in SQLite'
    )


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
