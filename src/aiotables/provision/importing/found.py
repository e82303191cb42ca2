"""What an importer found, whatever it was found in; and what a manifest says of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiotables.core.classes import field, frozen
from aiotables.core.counting import counted
from aiotables.core.sentinels import UNSET
from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.importing.names import identifiers


NO_ROWS: Final = "ZangTable documents no call that creates records"


@frozen(kw_only=True)
class FoundIndex:
    """An index."""

    columns: tuple[str, ...]
    name: str | None = None
    unique: bool = False


@frozen(kw_only=True)
class FoundTable:
    """A table."""

    name: str
    """As it is called there."""

    display_name: str | None = None
    columns: tuple[ZangTableColumn, ...] = ()
    indexes: tuple[FoundIndex, ...] = ()

    rows: str | None = None
    """Name of a CSV file with its rows, as a manifest can name it."""

    count: int = 0
    """How many rows it has."""

    notes: tuple[str, ...] = ()
    """What could not be carried over, a sentence each."""


@frozen(kw_only=True)
class Found:
    """All that was found in one place."""

    tables: tuple[FoundTable, ...]

    notes: tuple[str, ...] = ()
    """What there is beside tables and could not be carried over."""


@frozen(kw_only=True)
class Entry:
    """One entry of a manifest's `tables`."""

    fields: Mapping[str, Any] = field(factory=dict[str, Any])
    """The entry, its texts as templates; nothing when there are notes alone."""

    notes: tuple[str, ...] = ()
    """What to write above it."""


def escaped(value: Any) -> Any:  # noqa: ANN401 - JSON
    """JSON with each `$` of its texts doubled, so that templates of it give it back."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, Mapping):
        return {key: escaped(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [escaped(item) for item in value]
    return value


def zangtable_entries(tables: Sequence[FoundTable], target: str) -> list[Entry]:
    """
    Tables as entries for a ZangTable target, under names that it takes.

    Args:
        tables: All that go to one project, since there names have to be unique.
        target: Name of the target.
    """
    names = identifiers([table.name for table in tables])
    return [_zangtable_entry(table, name, target) for table, name in zip(tables, names, strict=True)]


def _zangtable_entry(table: FoundTable, name: str, target: str) -> Entry:
    own = [column.name for column in table.columns]
    keyed = any(column.primary for column in table.columns)
    # The service puts a primary column `id` before columns of which none is primary.
    names = dict(zip(own, identifiers(own, taken=() if keyed else ("id",)), strict=True))
    renamed = [
        f"the name {old!r}, which is {new} here"
        for old, new in ((table.name, name), *names.items())
        if old != new
    ]
    rows = [f"its {counted(table.count, 'row')}: {NO_ROWS}"] if table.count else []
    fields: dict[str, Any] = {"target": target, "name": name}
    if table.display_name is not None:
        fields["display_name"] = escaped(table.display_name)
    if table.columns:
        fields["columns"] = [_column(column, names[column.name]) for column in table.columns]
    if table.indexes:
        fields["indexes"] = [_index(index, names) for index in table.indexes]
    return Entry(fields=fields, notes=(*renamed, *table.notes, *rows))


def _column(column: ZangTableColumn, name: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": name}
    if column.type != "TEXT":
        fields["type"] = column.type
    if column.primary:
        fields["primary"] = True
    if column.unique and not column.primary:
        fields["unique"] = True
    if not column.nullable:
        fields["nullable"] = False
    if column.default is not UNSET:
        fields["default"] = escaped(column.default)
    return fields


def _index(index: FoundIndex, names: Mapping[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {"columns": [names.get(column, column) for column in index.columns]}
    if index.name is not None:
        fields["name"] = identifiers([index.name])[0]
    if index.unique:
        fields["unique"] = True
    return fields


def extruct_entries(tables: Sequence[FoundTable], target: str) -> list[Entry]:
    """
    Tables as entries for an Extruct target: generic tables with input columns, and with rows where they are in a file.

    Args:
        tables: The tables.
        target: Name of the target.
    """
    return [_extruct_entry(table, target) for table in tables]


def _extruct_entry(table: FoundTable, target: str) -> Entry:
    own = [column.name for column in table.columns]
    keys = [key.lower() for key in identifiers(own)]
    columns = [
        {"kind": "input", "name": escaped(name), "key": key} for name, key in zip(own, keys, strict=True)
    ]
    fields: dict[str, Any] = {
        "target": target,
        "name": escaped(table.display_name or table.name),
        "kind": "generic",
        "columns": columns,
    }
    notes = list(table.notes)
    if table.rows is not None:
        data = {key: f"${{{name}}}" for name, key in zip(own, keys, strict=True) if "}" not in name}
        notes += [f"the values of column {name!r}: no template can name it" for name in own if "}" in name]
        fields["rows"] = {"from": table.rows, "data": data}
    elif table.count:
        notes.append(f"its {counted(table.count, 'row')}: put them into a CSV file and name it under rows")
    types = sorted({f"{column.name!r} ({column.type})" for column in table.columns if column.type != "TEXT"})
    if types:
        notes.append(f"types of columns, since Extruct's input columns have none: {', '.join(types)}")
    if table.indexes:
        notes.append("indexes: Extruct has none")
    return Entry(fields=fields, notes=tuple(notes))
