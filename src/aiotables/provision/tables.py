"""Table templates: the entries of `tables`; with `for_each` they become one table for each row of a file."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, cast

from attrs import evolve, frozen

from aiotables.core.sentinels import UNSET
from aiotables.provision.columns import ColumnTemplate, IndexTemplate, check_index, fill_columns
from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.form import EXTRUCT
from aiotables.provision.problems import Faults, Place
from aiotables.provision.sources import RowFile, find_row_file
from aiotables.provision.template import Template, Templated, no_such_column, templated, templates_in
from aiotables.provision.tree import Node, plain


EACH = "each."
"""How references to the `for_each` row start where `${column}` is a column of another file."""


@frozen(kw_only=True)
class TableTemplate:
    """What the tables of both services have in common."""

    target: str
    name: Template

    key: Template
    """What tells the table from all others of its target; by default the name."""

    for_each: RowFile | None
    place: Place
    path: str

    @property
    def origin(self) -> str:
        """Where it stands: `manifest.yaml:12`."""
        return f"{Path(self.place.file).name}:{self.place.line}"


@frozen(kw_only=True)
class ZangTableTemplate(TableTemplate):
    """Tables of ZangTable."""

    display_name: Template | None
    columns: tuple[ColumnTemplate, ...]
    indexes: tuple[IndexTemplate, ...]

    shared_columns: tuple[ZangTableColumn, ...] | None
    """The columns of all its tables, when they do not differ from row to row."""


@frozen(kw_only=True)
class RowsTemplate:
    """Rows of a file as rows of Extruct tables."""

    file: RowFile
    where: tuple[tuple[str, Templated], ...]
    """By column, sorted by its name. The templates name columns of the `for_each` file."""

    data: dict[str, Templated] | None
    """By column key. The templates name columns of *file*, and with `each.` those of the `for_each` file."""


@frozen(kw_only=True)
class ExtructTemplate(TableTemplate):
    """Tables of Extruct."""

    kind: str
    description: Template | None
    tags: tuple[Template, ...]

    columns: tuple[Templated, ...]
    """Column configs."""

    column_keys: tuple[Template, ...]
    """The `key` of each column config."""

    rows: RowsTemplate | tuple[Templated, ...]
    run: bool


AnyTemplate: TypeAlias = ZangTableTemplate | ExtructTemplate


def read_table(node: Node, *, service: str, folder: Path, faults: Faults) -> AnyTemplate | None:
    """
    The table template in a node that fits its shape, or `None` if it cannot be expanded.

    Args:
        node: The node.
        service: The service of its target.
        folder: The manifest's folder, from which files of rows are found.
        faults: Told of files that are not there and of columns that they do not have.
    """
    found = Faults()
    file = node.fields.get("for_each")
    for_each = find_row_file(file, folder, found) if file is not None else None
    common = _Common(node, for_each, found)
    table: AnyTemplate | None = None
    if file is None or for_each is not None:
        table = _extruct(common, folder) if service == EXTRUCT else _zangtable(common)
    faults.take(found)
    return None if found else table


class _Common:
    """A node of a table with what reading its fields needs."""

    def __init__(self, node: Node, for_each: RowFile | None, faults: Faults) -> None:
        self.fields = node.fields
        self.for_each = for_each
        self.faults = faults
        self._node = node

    def facts(self) -> dict[str, Any]:
        """The arguments that all templates take."""
        name = self.template("name")
        return {
            "target": self.fields["target"].text,
            "name": name,
            "key": self.template("key") or name,
            "for_each": self.for_each,
            "place": self._node.place,
            "path": self._node.path,
        }

    def template(self, key: str) -> Template | None:
        """The template of an optional field."""
        return self.checked(Template.parse(self.fields[key])) if key in self.fields else None

    def checked(self, template: Template) -> Template:
        """The template, after a look at the columns it names."""
        check_columns(template, columns_of(self.for_each), self.faults)
        return template

    def json(self, node: Node) -> Templated:
        """Templated JSON, after a look at the columns it names."""
        value = templated(node)
        for template in templates_in(value):
            self.checked(template)
        return value

    def items(self, key: str) -> tuple[Node, ...]:
        """The items of an optional list."""
        return self.fields[key].items if key in self.fields else ()


def columns_of(file: RowFile | None) -> tuple[str, ...] | None:
    """The columns that templates can name, none without a file; `None` when each row has its own."""
    return file.columns if file is not None else ()


def check_columns(template: Template, columns: tuple[str, ...] | None, faults: Faults) -> None:
    """Tell of columns that the template names and the file has not."""
    if columns is None:
        return
    for column in template.columns:
        if column not in columns:
            faults.add(template.place, template.path, no_such_column(column, columns))


def _zangtable(common: _Common) -> ZangTableTemplate:
    table = ZangTableTemplate(
        **common.facts(),
        display_name=common.template("display_name"),
        columns=tuple(_column(node, common) for node in common.items("columns")),
        indexes=tuple(_index(node, common) for node in common.items("indexes")),
        shared_columns=None,
    )
    if any(column.varies for column in table.columns):
        return table

    shared = fill_columns(table.columns, {}, table.origin, common.faults)
    for index in table.indexes:
        if not any(column.columns for column in index.columns):
            check_index(index, shared, {}, common.faults)
    return evolve(table, shared_columns=shared)


def _column(node: Node, common: _Common) -> ColumnTemplate:
    facts = plain(node)
    return ColumnTemplate(
        name=common.checked(Template.parse(node.fields["name"])),
        type=facts.get("type", "TEXT"),
        primary=facts.get("primary", False),
        unique=facts.get("unique", False),
        nullable=facts.get("nullable", True),
        default=common.json(node.fields["default"]) if "default" in node.fields else UNSET,
    )


def _index(node: Node, common: _Common) -> IndexTemplate:
    fields = node.fields
    return IndexTemplate(
        columns=tuple(common.checked(Template.parse(item)) for item in fields["columns"].items),
        name=common.checked(Template.parse(fields["name"])) if "name" in fields else None,
        unique=bool(plain(fields["unique"])) if "unique" in fields else False,
        place=node.place,
        path=node.path,
    )


def _extruct(common: _Common, folder: Path) -> ExtructTemplate:
    fields = common.fields
    columns = common.items("columns")
    return ExtructTemplate(
        **common.facts(),
        kind=fields["kind"].text if "kind" in fields else "company",
        description=common.template("description"),
        tags=tuple(common.checked(Template.parse(tag)) for tag in common.items("tags")),
        columns=tuple(common.json(column) for column in columns),
        column_keys=tuple(Template.parse(column.fields["key"]) for column in columns),
        rows=_rows(fields["rows"], common, folder) if "rows" in fields else (),
        run=bool(plain(fields["run"])) if "run" in fields else False,
    )


def _rows(node: Node, common: _Common, folder: Path) -> RowsTemplate | tuple[Templated, ...]:
    if isinstance(node.value, tuple):
        return tuple(common.json(item) for item in node.items)

    fields = node.fields
    file = find_row_file(fields["from"], folder, common.faults)
    if file is None:
        return ()
    where = fields["where"].fields if "where" in fields else {}
    _check_where(where, file, common.faults)
    return RowsTemplate(
        file=file,
        where=tuple((column, common.json(where[column])) for column in sorted(where)),
        data=_data(fields["data"], file, common) if "data" in fields else None,
    )


def _check_where(where: Mapping[str, Node], file: RowFile, faults: Faults) -> None:
    for column, value in where.items():
        if file.columns is not None and column not in file.columns:
            faults.add(value.key_place, value.path, no_such_column(column, file.columns))


def _data(node: Node, file: RowFile, common: _Common) -> dict[str, Templated]:
    data = cast("dict[str, Templated]", templated(node))
    for template in templates_in(data):
        check_columns(template, _visible(file, common.for_each, template.columns), common.faults)
    return data


def _visible(file: RowFile, for_each: RowFile | None, named: Iterable[str]) -> tuple[str, ...] | None:
    """The columns that templates of `data` can name; of a JSONL file, whatever they name."""
    own = file.columns
    each = columns_of(for_each)
    if own is None:
        own = tuple(column for column in named if not column.startswith(EACH))
    if each is None:
        each = tuple(column.removeprefix(EACH) for column in named if column.startswith(EACH))
    return (*own, *(f"{EACH}{column}" for column in each))
