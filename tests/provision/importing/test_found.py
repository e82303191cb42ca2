"""Tests of `aiotables.provision.importing.found`."""

from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.importing.found import (
    FoundIndex,
    FoundTable,
    escaped,
    extruct_entries,
    zangtable_entries,
)


def test_escaped() -> None:
    """Each `$` is doubled, wherever it stands in JSON; keys and numbers stay."""
    assert {"$k": ["a$$", 1, None, {"b": "$${c}"}]} == escaped({"$k": ["a$", 1, None, {"b": "${c}"}]})


def test_zangtable_entry() -> None:
    """What is the service's default is left out; names that it does not take are changed, and that is said."""
    table = FoundTable(
        name="my table",
        display_name="It costs $5",
        columns=(
            ZangTableColumn(name="key", type="INTEGER", primary=True, unique=True, nullable=False),
            ZangTableColumn(name="E-mail", unique=True),
            ZangTableColumn(name="price", type="REAL", nullable=False, default="$"),
        ),
        indexes=(
            FoundIndex(columns=("E-mail", "key"), name="by mail", unique=True),
            FoundIndex(columns=("gone",)),
        ),
        count=1,
        notes=("a note",),
    )

    (entry,) = zangtable_entries([table], "crm")

    assert {
        "target": "crm",
        "name": "my_table",
        "display_name": "It costs $$5",
        "columns": [
            {"name": "key", "type": "INTEGER", "primary": True, "nullable": False},
            {"name": "E_mail", "unique": True},
            {"name": "price", "type": "REAL", "nullable": False, "default": "$$"},
        ],
        "indexes": [{"columns": ["E_mail", "key"], "name": "by_mail", "unique": True}, {"columns": ["gone"]}],
    } == entry.fields
    assert (
        "the name 'my table', which is my_table here",
        "the name 'E-mail', which is E_mail here",
        "a note",
        "its 1 row: ZangTable documents no call that creates records",
    ) == entry.notes


def test_an_id_that_is_no_key() -> None:
    """Where no column is primary the service makes `id`, so another one of that name gets a number."""
    (entry,) = zangtable_entries([FoundTable(name="t", columns=(ZangTableColumn(name="id"),))], "crm")

    assert [{"name": "id_2"}] == entry.fields["columns"]
    assert {"target": "crm", "name": "t"} == zangtable_entries([FoundTable(name="t")], "crm")[0].fields


def test_tables_of_one_name() -> None:
    """Two tables of one name get two."""
    entries = zangtable_entries([FoundTable(name="t"), FoundTable(name="T")], "crm")

    assert ["t", "T_2"] == [entry.fields["name"] for entry in entries]


def test_extruct_entry() -> None:
    """Columns become input columns with keys in lower case, and rows of a file their values."""
    columns = (
        ZangTableColumn(name="Web Site"),
        ZangTableColumn(name="Cost $", type="REAL"),
        ZangTableColumn(name="a}b"),
    )
    table = FoundTable(
        name="t",
        columns=columns,
        rows="t.csv",
        count=3,
        indexes=(FoundIndex(columns=("a}b",)),),
        notes=("n",),
    )

    (entry,) = extruct_entries([table], "research")

    assert {
        "target": "research",
        "name": "t",
        "kind": "generic",
        "columns": [
            {"kind": "input", "name": "Web Site", "key": "web_site"},
            {"kind": "input", "name": "Cost $$", "key": "cost"},
            {"kind": "input", "name": "a}b", "key": "a_b"},
        ],
        "rows": {"from": "t.csv", "data": {"web_site": "${Web Site}", "cost": "${Cost $}"}},
    } == entry.fields
    assert (
        "n",
        "the values of column 'a}b': no template can name it",
        "types of columns, since Extruct's input columns have none: 'Cost $' (REAL)",
        "indexes: Extruct has none",
    ) == entry.notes


def test_rows_that_are_in_no_file() -> None:
    """Rows that a manifest cannot name are told."""
    (entry,) = extruct_entries([FoundTable(name="t", display_name="T", count=2000)], "research")

    assert ("its 2,000 rows: put them into a CSV file and name it under rows",) == entry.notes
    assert "T" == entry.fields["name"]


def test_rows_that_are_nowhere() -> None:
    """An empty table has nothing to tell."""
    (entry,) = extruct_entries([FoundTable(name="t")], "research")

    assert () == entry.notes
