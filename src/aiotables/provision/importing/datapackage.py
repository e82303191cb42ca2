"""
Tables from a Frictionless data package: a `datapackage.json` with resources and their schemas.

Source: https://datapackage.org/standard/data-package/ and /table-schema/.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

import orjson
from attrs import evolve

from aiotables.core.sentinels import UNSET
from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.importing.csvs import csv_table, open_csv
from aiotables.provision.importing.found import Found, FoundTable
from aiotables.provision.problems import ManifestError, Place, Problem


TYPES: Final = {
    "string": "TEXT",
    "integer": "INTEGER",
    "number": "REAL",
    "boolean": "INTEGER",
    "date": "TEXT",
    "time": "TEXT",
    "datetime": "TEXT",
    "year": "INTEGER",
    "yearmonth": "TEXT",
    "duration": "TEXT",
    "object": "TEXT",
    "array": "TEXT",
    "list": "TEXT",
    "geopoint": "TEXT",
    "geojson": "TEXT",
    "any": "ANY",
}
"""ZangTable's type for each type of a field."""

_SAME: Final = frozenset({"string", "integer", "number", "any"})
"""Types that lose nothing."""

_CARRIED: Final = frozenset({"required", "unique"})
"""Constraints that a column can have, too."""


def in_datapackage(path: Path, *, beside: Path) -> Found:
    """
    What a data package describes. Nothing is fetched: files have to be on this machine.

    Args:
        path: The `datapackage.json`.
        beside: The folder of the manifest that will name files of rows.

    Raises:
        ManifestError: The file, or a CSV file without a schema, cannot be read.
    """
    package = _json(path)
    resources = package.get("resources") if isinstance(package, dict) else None
    if not isinstance(resources, list):
        raise _error(path, "is no data package: it has no list of resources")

    tables: list[FoundTable] = []
    notes: list[str] = []
    for number, resource in enumerate(resources):
        named = _named(resource, number)
        try:
            table = _table(resource, named, path.parent, beside)
        except _LeftOut as reason:
            notes.append(f"the resource {named}, {reason}")
        else:
            tables.append(table)
    return Found(tables=tuple(tables), notes=tuple(notes))


class _LeftOut(Exception):
    """A resource that is no table that can be read here, and why."""


def _error(path: Path, message: str) -> ManifestError:
    return ManifestError([Problem.at(Place(str(path), 1), "", message)])


def _json(path: Path) -> Any:  # noqa: ANN401 - JSON
    try:
        return orjson.loads(path.read_bytes())
    except OSError as error:
        raise _error(path, f"cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise _error(path, f"is no JSON: {error.msg}") from None


def _named(resource: object, number: int) -> str:
    name = resource.get("name") if isinstance(resource, dict) else None
    return name if isinstance(name, str) and name else f"resource_{number + 1}"


def _table(resource: object, name: str, folder: Path, beside: Path) -> FoundTable:
    if not isinstance(resource, dict):
        message = "which is no object"
        raise _LeftOut(message)

    file = _file(resource, folder)
    schema = _schema(resource, folder)
    if schema is None:
        if file is None:
            message = "which has neither a schema nor a CSV file in the package's folder"
            raise _LeftOut(message)
        inferred = csv_table(file, beside=beside)
        return evolve(inferred, name=name, display_name=_title(resource))

    fields = [each for each in _list(schema.get("fields")) if _is_field(each)]
    key = _key(schema)
    return FoundTable(
        name=name,
        display_name=_title(resource),
        columns=tuple(_column(field, key) for field in fields),
        rows=open_csv(file, beside=beside).name if file is not None else None,
        count=sum(1 for _ in open_csv(file, beside=beside).rows()) if file is not None else 0,
        notes=tuple(_notes(resource, schema, fields, key, file)),
    )


def _is_field(field: object) -> bool:
    return isinstance(field, dict) and isinstance(field.get("name"), str)


def _title(resource: Mapping[str, Any]) -> str | None:
    title = resource.get("title")
    return title if isinstance(title, str) and title else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _file(resource: Mapping[str, Any], folder: Path) -> Path | None:
    """The CSV file of a resource, if it is a single one on this machine, in the package's folder, of the usual form."""
    path = resource.get("path")
    paths = path if isinstance(path, list) else [path]
    if len(paths) != 1 or not isinstance(paths[0], str) or not _is_plain(resource):
        return None
    pure = PurePosixPath(paths[0])
    # The standard forbids paths that lead out of the package's folder.
    safe = "://" not in paths[0] and not pure.is_absolute() and ".." not in pure.parts
    file = folder / pure
    return file if safe and pure.suffix == ".csv" and file.is_file() else None


def _is_plain(resource: Mapping[str, Any]) -> bool:
    """Whether its file has commas, a header line and UTF-8, as files of rows have to."""
    dialect = resource.get("dialect")
    facts = dialect if isinstance(dialect, dict) else {}
    encoding = str(resource.get("encoding", "utf-8")).lower()
    return (
        facts.get("delimiter", ",") == ","
        and facts.get("header", True) is True
        and encoding in {"utf-8", "utf8"}
    )


def _schema(resource: Mapping[str, Any], folder: Path) -> dict[str, Any] | None:
    schema = resource.get("schema")
    if isinstance(schema, str):
        if "://" in schema or ".." in PurePosixPath(schema).parts or PurePosixPath(schema).is_absolute():
            message = f"whose schema is elsewhere: {schema}"
            raise _LeftOut(message)
        schema = _json(folder / schema)
    return schema if isinstance(schema, dict) else None


def _key(schema: Mapping[str, Any]) -> list[str]:
    key = schema.get("primaryKey")
    return [key] if isinstance(key, str) else [name for name in _list(key) if isinstance(name, str)]


def _constraints(field: Mapping[str, Any]) -> dict[str, Any]:
    constraints = field.get("constraints")
    return constraints if isinstance(constraints, dict) else {}


def _column(field: Mapping[str, Any], key: list[str]) -> ZangTableColumn:
    constraints = _constraints(field)
    primary = key == [field["name"]]
    return ZangTableColumn(
        name=field["name"],
        type=TYPES.get(str(field.get("type", "string")), "ANY"),
        primary=primary,
        unique=constraints.get("unique") is True,
        nullable=not (primary or constraints.get("required") is True),
        default=UNSET,
    )


def _notes(
    resource: Mapping[str, Any],
    schema: Mapping[str, Any],
    fields: list[dict[str, Any]],
    key: list[str],
    file: Path | None,
) -> Iterator[str]:
    if len(key) > 1:
        yield f"the primary key of several columns: {', '.join(key)}"
    for field in fields:
        type_ = str(field.get("type", "string"))
        if type_ not in _SAME:
            yield f"the type of {field['name']!r}: {type_}"
        for word in sorted(_constraints(field).keys() - _CARRIED):
            yield f"the constraint {word} of {field['name']!r}"
        yield from (
            f"the {word} of {field['name']!r}" for word in ("title", "description") if field.get(word)
        )
    yield from ("a foreign key" for _ in _list(schema.get("foreignKeys")))
    if schema.get("missingValues", [""]) != [""]:
        yield "which texts stand for missing values"
    if resource.get("description"):
        yield "its description"
    if file is None:
        yield f"its rows, which are not in one plain CSV file in the package's folder: {resource.get('path')}"
