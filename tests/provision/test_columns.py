"""Tests of `aiotables.provision.columns`."""

from collections.abc import Callable

import pytest

from aiotables.core.sentinels import UNSET, Unset
from aiotables.provision.columns import (
    ColumnTemplate,
    IndexTemplate,
    check_index,
    fill_columns,
    fill_identifier,
    fill_index,
)
from aiotables.provision.desired import ZangTableColumn, ZangTableIndex
from aiotables.provision.problems import Faults, Place
from aiotables.provision.template import Template, Templated
from aiotables.provision.tree import Node


PLACE = Place("m.yaml", 3)


def _template(text: str) -> Template:
    return Template.parse(Node(text, PLACE, "$.name"))


def _column(name: str, default: "Templated | Unset" = UNSET) -> ColumnTemplate:
    return ColumnTemplate(
        name=_template(name), type="TEXT", primary=False, unique=False, nullable=True, default=default
    )


def _index(*columns: str, name: str | None = None) -> IndexTemplate:
    return IndexTemplate(
        columns=tuple(_template(column) for column in columns),
        name=None if name is None else _template(name),
        unique=True,
        place=PLACE,
        path="$.indexes[0]",
    )


@pytest.mark.parametrize(
    ("column", "varies"),
    [
        (_column("a"), False),
        (_column("a", default=None), False),
        (_column("${a}"), True),
        (_column("a", default=_template("${a}")), True),
        (_column("a", default=_template("$$")), False),
    ],
)
def test_varies(column: ColumnTemplate, varies: bool) -> None:  # noqa: FBT001 - pytest passes it
    """A column differs from row to row when its name or its default names a column of the rows."""
    assert varies is column.varies


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("1a", 'expected a name of a letter, then letters, digits or _; got "1a" from t.csv:2'),
        ("", 'got "" from t.csv:2'),
        ("a-b", 'got "a-b" from t.csv:2'),
        ("größe", 'got "größe" from t.csv:2'),
        ("a\n", 'got "a'),
        ("sqlite_a", 'reserves names like "sqlite_a" from t.csv:2'),
    ],
)
def test_bad_identifiers(faults: Faults, name: str, message: str) -> None:
    """A value that makes no name is told with the row that it is from."""
    fill_identifier(_template("${a}"), {"a": name}, "t.csv:2", faults)

    (fault,) = faults
    assert ("$.name", 3) == (fault.path, fault.line)
    assert message in fault.message


def test_good_identifier(faults: Faults) -> None:
    """A name is what the template gives."""
    assert "acme_Artist" == fill_identifier(_template("${a}_Artist"), {"a": "acme"}, "t.csv:2", faults)
    assert [] == list(faults)


@pytest.mark.parametrize("default", [UNSET, None, 0, False, 1.5])
def test_defaults_survive(faults: Faults, default: Unset | float | None) -> None:
    """No default, null and values that count as false stay what they are."""
    (column,) = fill_columns([_column("a", default)], {}, "m.yaml:3", faults)

    assert ZangTableColumn(name="a", default=default) == column
    assert default is column.default


def test_defaults_are_filled_in(faults: Faults) -> None:
    """A default may come from the row."""
    (column,) = fill_columns([_column("a", _template("${a}"))], {"a": "x"}, "m.yaml:3", faults)

    assert "x" == column.default


def test_columns_that_cannot_be_together(faults: Faults) -> None:
    """Columns whose names are the same for one row are told."""
    fill_columns([_column("${a}"), _column("x")], {"a": "X"}, "t.csv:2", faults)

    (fault,) = faults
    assert 'the name "x" is that of column 1' in fault.message


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (_index("a"), "idx_acme_Artist_a"),
        (_index("a", "b"), "idx_acme_Artist_a_b"),
        (_index("a", name="by_${slug}"), "by_acme"),
    ],
)
def test_indexes_always_have_a_name(faults: Faults, index: IndexTemplate, name: str) -> None:
    """An index without a name gets the one that the service's own example suggests."""
    columns = tuple(column.text for column in index.columns)

    assert ZangTableIndex(name=name, columns=columns, unique=True) == fill_index(
        index, "acme_Artist", {"slug": "acme"}, "t.csv:2", faults
    )
    assert [] == list(faults)


def test_bad_index(tree: Callable[[str], Node], faults: Faults) -> None:
    """An index over a column that is not there is told at the index."""
    check_index(_index("b"), [ZangTableColumn(name="a", primary=True)], {}, faults)

    (fault,) = faults
    assert "$.indexes[0].columns" == fault.path
