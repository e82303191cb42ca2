"""Specs of single tables: a table template filled in for one row of its `for_each` file."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiotables.provision.columns import check_index, fill_columns, fill_identifier, fill_index
from aiotables.provision.desired import MARKER, ExtructSpec, RowSource, Spec, ZangTableSpec
from aiotables.provision.problems import Faults, ManifestError, in_row
from aiotables.provision.references import EACH
from aiotables.provision.tables import AnyTemplate, ExtructTemplate, RowsTemplate, ZangTableTemplate
from aiotables.provision.template import Template, as_text, each_template, fill


def spec_of(table: AnyTemplate, row: Mapping[str, object], origin: str) -> tuple[str, Spec]:
    """
    Key and spec of the table for one row.

    Args:
        table: The template.
        row: Values by column; empty without `for_each`.
        origin: Where the row is from, for messages.

    Raises:
        ManifestError: The row does not give a table that the service would take.
    """
    faults = Faults()
    try:
        spec = _spec(table, row, origin, faults)
        key = spec.name if table.key is table.name else _text(table.key, row, origin, faults)
    except ManifestError as error:
        raise in_row(error, origin) from None
    if faults:
        raise ManifestError(faults)
    return key, spec


def _spec(table: AnyTemplate, row: Mapping[str, object], origin: str, faults: Faults) -> Spec:
    if isinstance(table, ExtructTemplate):
        return _extruct(table, row, origin, faults)
    return _zangtable(table, row, origin, faults)


def _zangtable(
    table: ZangTableTemplate, row: Mapping[str, object], origin: str, faults: Faults
) -> ZangTableSpec:
    columns = table.shared_columns
    if columns is None:
        columns = fill_columns(table.columns, row, origin, faults)
    for index in table.indexes:
        check_index(index, columns, row, faults)

    name = fill_identifier(table.name, row, origin, faults)
    return ZangTableSpec(
        name=name,
        display_name=table.display_name.fill(row) if table.display_name is not None else None,
        columns=columns,
        indexes=tuple(fill_index(index, name, row, origin, faults) for index in table.indexes),
    )


def _extruct(table: ExtructTemplate, row: Mapping[str, object], origin: str, faults: Faults) -> ExtructSpec:
    _check_keys(table.column_keys, row, faults)
    return ExtructSpec(
        name=_text(table.name, row, origin, faults),
        id=_text(table.id, row, origin, faults) if table.id is not None else None,
        kind=table.kind,
        description=table.description.fill(row) if table.description is not None else None,
        tags=tuple(_tag(tag, row, origin, faults) for tag in table.tags),
        columns=tuple(fill(column, row) for column in table.columns),
        rows=_rows(table.rows, row),
        run=table.run,
    )


def _text(template: Template, row: Mapping[str, object], origin: str, faults: Faults) -> str:
    text = template.fill(row)
    if not text:
        faults.add(template.place, template.path, f"the text is empty for {origin}")
    return text


def _tag(template: Template, row: Mapping[str, object], origin: str, faults: Faults) -> str:
    tag = _text(template, row, origin, faults)
    if tag.startswith(MARKER):
        message = f'tags that start with "{MARKER}" are kept for marking tables as ours'
        faults.add(template.place, template.path, message)
    return tag


def _check_keys(templates: Sequence[Template], row: Mapping[str, object], faults: Faults) -> None:
    seen: dict[str, int] = {}
    for position, template in enumerate(templates):
        key = template.fill(row)
        first = seen.setdefault(key, position)
        if first != position:
            faults.add(template.place, template.path, f'the key "{key}" is that of column {first + 1}')


def _rows(
    rows: RowsTemplate | tuple[Any, ...], row: Mapping[str, object]
) -> RowSource | tuple[dict[str, Any], ...]:
    if not isinstance(rows, RowsTemplate):
        return tuple(fill(item, row) for item in rows)
    return RowSource(
        file=rows.file,
        where=tuple((column, as_text(fill(value, row))) for column, value in rows.where),
        data=each_template(rows.data, lambda template: template.bind(row, EACH)),
    )
