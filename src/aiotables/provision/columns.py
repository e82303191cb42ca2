"""Columns and indexes of ZangTable tables: as templates, and filled in for one row."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from aiotables.core.classes import frozen
from aiotables.core.sentinels import UNSET, Unset
from aiotables.provision.desired import ZangTableColumn, ZangTableIndex
from aiotables.provision.dialect import column_problems, index_problems, is_reserved
from aiotables.provision.form import IDENTIFIER, IDENTIFIER_RULE
from aiotables.provision.problems import Faults, Place
from aiotables.provision.template import Template, Templated, fill, templates_in


_is_identifier: Final = re.compile(IDENTIFIER).fullmatch


@frozen(kw_only=True)
class ColumnTemplate:
    """A column of the tables of a template."""

    name: Template
    type: str
    primary: bool
    unique: bool
    nullable: bool
    default: "Templated | Unset"

    @property
    def varies(self) -> bool:
        """Whether it differs from row to row."""
        default = [] if isinstance(self.default, Unset) else templates_in(self.default)
        return any(template.columns for template in (self.name, *default))


@frozen(kw_only=True)
class IndexTemplate:
    """An index of the tables of a template."""

    columns: tuple[Template, ...]
    name: Template | None
    unique: bool
    place: Place
    path: str


def fill_identifier(template: Template, row: Mapping[str, object], origin: str, faults: Faults) -> str:
    """
    The name of a table, column or index for one row.

    Args:
        template: Its template.
        row: Values by column.
        origin: Where the row is from, for messages.
        faults: Told when the service would not take the name.
    """
    name = template.fill(row)
    if not _is_identifier(name):
        faults.add(template.place, template.path, f'expected {IDENTIFIER_RULE}; got "{name}" from {origin}')
    elif is_reserved(name):
        message = f'SQLite, which keeps the tables, reserves names like "{name}" from {origin}'
        faults.add(template.place, template.path, message)
    return name


def fill_columns(
    templates: Sequence[ColumnTemplate], row: Mapping[str, object], origin: str, faults: Faults
) -> tuple[ZangTableColumn, ...]:
    """The columns of one table; *faults* is told of those that cannot be together."""
    columns = tuple(_column(template, row, origin, faults) for template in templates)
    for position, message in column_problems(columns):
        name = templates[position].name
        faults.add(name.place, name.path, message)
    return columns


def _column(
    template: ColumnTemplate, row: Mapping[str, object], origin: str, faults: Faults
) -> ZangTableColumn:
    return ZangTableColumn(
        name=fill_identifier(template.name, row, origin, faults),
        type=template.type,
        primary=template.primary,
        unique=template.unique,
        nullable=template.nullable,
        default=UNSET if isinstance(template.default, Unset) else fill(template.default, row),
    )


def fill_index(
    template: IndexTemplate, table: str, row: Mapping[str, object], origin: str, faults: Faults
) -> ZangTableIndex:
    """The index of one table; *faults* is told when the service would not take its name."""
    columns = tuple(column.fill(row) for column in template.columns)
    if template.name is None:
        name = f"idx_{table}_{'_'.join(columns)}"
    else:
        name = fill_identifier(template.name, row, origin, faults)
    return ZangTableIndex(name=name, columns=columns, unique=template.unique)


def check_index(
    template: IndexTemplate, columns: Sequence[ZangTableColumn], row: Mapping[str, object], faults: Faults
) -> None:
    """Tell what is wrong with an index of a table with these columns."""
    for message in index_problems([column.fill(row) for column in template.columns], columns):
        faults.add(template.place, f"{template.path}.columns", message)
