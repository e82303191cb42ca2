"""Marks on tables and rows."""

from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.convert import Converter
from aiotables.core.sentinels import UNSET
from aiotables.extruct.marking import TAG_PREFIX, mark_of, mark_rows, mark_table, new_mark, tag_of
from aiotables.extruct.models import RowCreate, RowsCreate, TableCreate


tags = st.lists(st.text() | st.just("aiotables:old"))


def test_marks_differ() -> None:
    """A new mark is no other's."""
    assert 1000 == len({new_mark() for _ in range(1000)})


def test_marked_table() -> None:
    """The mark is a tag beside the others; the table that was given stays as it was."""
    table = TableCreate(name="Accounts", tags=["crm"])

    marked = mark_table(table, "m1")

    assert (["crm", "aiotables:m1"], ["crm"], "Accounts") == (marked.tags, table.tags, marked.name)


def test_table_without_tags() -> None:
    """A table may have no tags, or null in their place."""
    assert ["aiotables:m1"] == mark_table(TableCreate(), "m1").tags
    assert ["aiotables:m1"] == mark_table(TableCreate(tags=None), "m1").tags


def test_copied_marks_are_replaced() -> None:
    """A mark that was copied with another table's tags would lead to that table."""
    marked = mark_table(TableCreate(tags=["aiotables:old", "crm"]), "m1")

    assert ["crm", "aiotables:m1"] == marked.tags


@given(tags=tags | st.none(), mark=st.text(min_size=1))
def test_any_tags(tags: list[str] | None, mark: str) -> None:
    """Whatever tags there were, the mark that is read is the one that was put there."""
    marked = mark_table(TableCreate(tags=tags), mark)

    assert marked.tags
    assert TAG_PREFIX + mark == tag_of(marked.tags)
    assert [tag for tag in tags or () if not tag.startswith(TAG_PREFIX)] == marked.tags[:-1]


def test_tables_without_a_mark() -> None:
    """Tags of others are no marks."""
    assert tag_of(None) is None
    assert tag_of([]) is None
    assert tag_of(["crm", "my aiotables:m1"]) is None


def test_marked_rows() -> None:
    """The mark is in the metadata of each row, beside what else is there; the rows that were given stay as they were."""
    rows = RowsCreate(rows=[RowCreate(data={"a": 1}), RowCreate(data={}, metadata={"b": 2})], run=True)

    marked = mark_rows(rows, "m1")

    assert {
        "rows": [
            {"data": {"a": 1}, "metadata": {"aiotables": "m1"}},
            {"data": {}, "metadata": {"b": 2, "aiotables": "m1"}},
        ],
        "run": True,
    } == Converter().to_wire(marked)
    assert (UNSET, {"b": 2}) == (rows.rows[0].metadata, rows.rows[1].metadata)


def test_mark_of_rows() -> None:
    """A row's mark is text; what else may be at its place is none."""
    assert "m1" == mark_of({"aiotables": "m1", "b": 2})
    assert mark_of({"aiotables": 5}) is None
    assert mark_of({}) is None
    assert mark_of(None) is None
