"""Table templates: the entries of `tables`; with `for_each` they become one table for each row of a file."""

from pathlib import Path
from typing import Any, TypeAlias, cast

from attrs import evolve

from aiotables.core.classes import frozen
from aiotables.core.sentinels import UNSET
from aiotables.provision.columns import ColumnTemplate, IndexTemplate, check_index, fill_columns
from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.form import EXTRUCT
from aiotables.provision.problems import Faults, Place
from aiotables.provision.references import Files
from aiotables.provision.sources import RowFile
from aiotables.provision.template import Template, Templated, templated
from aiotables.provision.tree import Node, plain


@frozen(kw_only=True)
class DependencyTemplate:
    """Another table, which has to be there first."""

    target: str
    key: Template


@frozen(kw_only=True)
class TableTemplate:
    """What the tables of both services have in common."""

    target: str
    name: Template

    key: Template
    """What tells the table from all others of its target; by default the name."""

    depends_on: tuple[DependencyTemplate, ...] = ()

    protect: bool = False
    """Whether nothing may delete the table."""

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

    shared_columns: tuple[ZangTableColumn, ...] | None = None
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

    id: Template | None
    """Of a table that is there."""

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


def read_table(node: Node, files: Files, *, service: str, faults: Faults) -> AnyTemplate:
    """
    The table template in a node that fits its shape and whose references were checked.

    Args:
        node: The node.
        files: The files of rows that it names.
        service: The service of its target.
        faults: Told of columns and indexes that the service would not take.
    """
    if service == EXTRUCT:
        # With it come the models of a service that may not be used at all.
        from aiotables.provision.configs import check_configs

        check_configs(node, faults)
        return _extruct(node, files)

    table = _zangtable(node, files)
    return table if any(column.varies for column in table.columns) else _with_shared_columns(table, faults)


def _with_shared_columns(table: ZangTableTemplate, faults: Faults) -> ZangTableTemplate:
    shared = fill_columns(table.columns, {}, table.origin, faults)
    for index in table.indexes:
        if not any(column.columns for column in index.columns):
            check_index(index, shared, {}, faults)
    return evolve(table, shared_columns=shared)


def _common(node: Node, files: Files) -> dict[str, Any]:
    name = Template.parse(node.fields["name"])
    return {
        "target": node.fields["target"].text,
        "name": name,
        "key": _template(node, "key") or name,
        "depends_on": tuple(_dependency(each, node) for each in _items(node, "depends_on")),
        "protect": _flag(node, "protect"),
        "for_each": files.for_each,
        "place": node.place,
        "path": node.path,
    }


def _template(node: Node, key: str) -> Template | None:
    return Template.parse(node.fields[key]) if key in node.fields else None


def _flag(node: Node, key: str) -> bool:
    return key in node.fields and bool(node.fields[key].value)


def _dependency(node: Node, table: Node) -> DependencyTemplate:
    if isinstance(node.value, dict):
        return DependencyTemplate(target=node.fields["target"].text, key=Template.parse(node.fields["key"]))
    return DependencyTemplate(target=table.fields["target"].text, key=Template.parse(node))


def _items(node: Node, key: str) -> tuple[Node, ...]:
    return node.fields[key].items if key in node.fields else ()


def _zangtable(node: Node, files: Files) -> ZangTableTemplate:
    return ZangTableTemplate(
        **_common(node, files),
        display_name=_template(node, "display_name"),
        columns=tuple(_column(column) for column in _items(node, "columns")),
        indexes=tuple(_index(index) for index in _items(node, "indexes")),
    )


def _column(node: Node) -> ColumnTemplate:
    facts = plain(node)
    return ColumnTemplate(
        name=Template.parse(node.fields["name"]),
        type=facts.get("type", "TEXT"),
        primary=facts.get("primary", False),
        unique=facts.get("unique", False),
        nullable=facts.get("nullable", True),
        default=templated(node.fields["default"]) if "default" in node.fields else UNSET,
    )


def _index(node: Node) -> IndexTemplate:
    return IndexTemplate(
        columns=tuple(Template.parse(column) for column in _items(node, "columns")),
        name=_template(node, "name"),
        unique=plain(node).get("unique", False),
        place=node.place,
        path=node.path,
    )


def _extruct(node: Node, files: Files) -> ExtructTemplate:
    columns = _items(node, "columns")
    return ExtructTemplate(
        **_common(node, files),
        id=_template(node, "id"),
        kind=node.fields["kind"].text if "kind" in node.fields else "company",
        description=_template(node, "description"),
        tags=tuple(Template.parse(tag) for tag in _items(node, "tags")),
        columns=tuple(templated(column) for column in columns),
        column_keys=tuple(Template.parse(column.fields["key"]) for column in columns),
        rows=_rows(node, files),
        run=_flag(node, "run"),
    )


def _rows(node: Node, files: Files) -> RowsTemplate | tuple[Templated, ...]:
    if files.rows is None:
        return tuple(templated(row) for row in _items(node, "rows"))

    fields = node.fields["rows"].fields
    where = fields["where"].fields if "where" in fields else {}
    return RowsTemplate(
        file=files.rows,
        where=tuple((column, templated(where[column])) for column in sorted(where)),
        data=cast("dict[str, Templated]", templated(fields["data"])) if "data" in fields else None,
    )
