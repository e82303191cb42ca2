"""Desired tables: what expanding a manifest gives, one value for each table that should exist."""

from hashlib import blake2b
from typing import Any, Final, TypeAlias

import orjson

from aiotables.core.classes import frozen
from aiotables.core.sentinels import UNSET, Unset
from aiotables.provision.latest import Latest
from aiotables.provision.sources import Row, RowFile
from aiotables.provision.template import Templated, as_text, each_template, fill


MARKER: Final = "aiotables:"
"""How the tag starts that marks an Extruct table as ours; the table's identity follows."""


@frozen(kw_only=True)
class ZangTableColumn:
    """A column of a ZangTable table, with what the service documents as its defaults."""

    name: str
    type: str = "TEXT"
    primary: bool = False
    unique: bool = False
    nullable: bool = True

    default: str | int | float | bool | Unset | None = UNSET
    """`UNSET` when the manifest names none, which is not the same as null."""


@frozen(kw_only=True)
class ZangTableIndex:
    """An index. It always has a name, since a lost reply is settled by looking for it."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


@frozen(kw_only=True)
class ZangTableSpec:
    """How a ZangTable table should be."""

    name: str
    display_name: str | None = None
    columns: tuple[ZangTableColumn, ...] = ()
    indexes: tuple[ZangTableIndex, ...] = ()


@frozen(kw_only=True)
class RowSource:
    """Rows of a file, those that fit, as rows of one table. `provision.rows` reads them."""

    file: RowFile

    where: tuple[tuple[str, str], ...] = ()
    """Columns of the file and the text that a row must have in each, in the order of the columns' names."""

    data: dict[str, Templated] | None = None
    """Templates of the values by column key; `None` takes the row as it is."""

    @property
    def match(self) -> str:
        """What `match_of` gives for the rows of this table."""
        return _match([value for _, value in self.where])

    def match_of(self, row: Row) -> str:
        """The row's values in the columns of `where`, as one text; a list or mapping equals nothing."""
        try:
            return _match([as_text(row.values.get(column)) for column, _ in self.where])
        except TypeError:
            return ""

    def data_of(self, row: Row) -> dict[str, Any]:
        """
        The values of a row by column key.

        Raises:
            ManifestError: The row has not the columns that the templates name.
        """
        data: dict[str, Any] = dict(row.values) if self.data is None else fill(self.data, row.values)
        return data


@frozen(kw_only=True)
class ExtructSpec:
    """How an Extruct table should be."""

    name: str

    id: str | None = None
    """Of a table that is there and is meant; without it the table is known by its mark."""

    kind: str = "company"
    description: str | None = None

    tags: tuple[str, ...] = ()
    """The manifest's own; the marker is not among them."""

    columns: tuple[dict[str, Any], ...] = ()
    """Column configs in the form of the service's API."""

    rows: RowSource | tuple[dict[str, Any], ...] = ()
    """Values by column key, or where to read them."""

    run: bool = False


Spec: TypeAlias = ZangTableSpec | ExtructSpec


@frozen
class TableKey:
    """What names one table of a manifest."""

    target: str
    key: str

    identity: str
    """As of `Desired`."""

    def __str__(self) -> str:
        return f"{self.target}/{self.key}"


@frozen(kw_only=True)
class Desired:
    """One table that should exist."""

    target: str
    """Name of the target in the manifest."""

    key: str
    """What tells it from all other tables of its target."""

    name: str

    spec: Spec

    identity: str
    """16 hex digits, the same as long as the manifest's name, the target and the key are."""

    digest: str
    """
    32 hex digits that change with the spec.

    Of rows in a file only the selection counts, not what the file holds.
    """

    origin: str
    """Where it comes from: `tenants.csv:17`, or `manifest.yaml:12` without `for_each`."""

    depends_on: tuple[TableKey, ...] = ()
    """Tables that have to be there before it is made."""

    protect: bool = False
    """Whether nothing may delete the table."""

    @property
    def marker(self) -> str:
        """The tag that marks an Extruct table as this one."""
        return f"{MARKER}{self.identity}"


def identity(manifest: str, target: str, key: str) -> str:
    """The identity of a table, from what names it."""
    return blake2b(orjson.dumps([manifest, target, key]), digest_size=8).hexdigest()


def digest(spec: Spec) -> str:
    """A hash of a spec: equal for equal specs, across processes and releases of Python."""
    data = orjson.dumps([type(spec).__name__, spec_json(spec)], option=orjson.OPT_SORT_KEYS)
    return blake2b(data, digest_size=16).hexdigest()


def spec_json(spec: Spec) -> dict[str, Any]:
    """A spec as JSON, in the words of the manifest."""
    return _zangtable_json(spec) if isinstance(spec, ZangTableSpec) else _extruct_json(spec)


def _zangtable_json(spec: ZangTableSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "display_name": spec.display_name,
        "columns": _columns_json(spec.columns),
        "indexes": [
            {"name": index.name, "columns": list(index.columns), "unique": index.unique}
            for index in spec.indexes
        ],
    }


@Latest
def _columns_json(columns: tuple[ZangTableColumn, ...]) -> list[dict[str, Any]]:
    return [_column_json(column) for column in columns]


def _column_json(column: ZangTableColumn) -> dict[str, Any]:
    facts = {
        "name": column.name,
        "type": column.type,
        "primary": column.primary,
        "unique": column.unique,
        "nullable": column.nullable,
    }
    return facts if column.default is UNSET else {**facts, "default": column.default}


def _extruct_json(spec: ExtructSpec) -> dict[str, Any]:
    return {
        **({"id": spec.id} if spec.id is not None else {}),
        "name": spec.name,
        "kind": spec.kind,
        "description": spec.description,
        "tags": list(spec.tags),
        "columns": list(spec.columns),
        "rows": _rows_json(spec.rows) if isinstance(spec.rows, RowSource) else list(spec.rows),
        "run": spec.run,
    }


def _rows_json(rows: RowSource) -> dict[str, Any]:
    return {
        "from": rows.file.name,
        "where": dict(rows.where),
        "data": each_template(rows.data, lambda template: template.text),
    }


def _match(values: list[str]) -> str:
    return orjson.dumps(values).decode()
