"""Tests of `aiotables.provision.importing.extruct`."""

from datetime import UTC, datetime
from typing import Any

from aiotables.core.convert import Converter
from aiotables.extruct._generated.models import TableHeaderWithStatus
from aiotables.provision.importing.extruct import entry_of


def header(**more: Any) -> TableHeaderWithStatus:  # noqa: ANN401 - JSON
    """A table as the service answers it."""
    made = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    columns = [("input", "input"), ("agent", "role"), ("company_name", "company_name"), ("new", "score")]
    facts = {
        "id": "t1",
        "created_at": made,
        "name": "A $",
        "kind": "people",
        "columns": [
            {
                "id": key,
                "created_at": made,
                "config": {"kind": kind, "name": key, "key": key, "value": {"prompt": "$"}},
            }
            for kind, key in columns
        ],
        "owner": {"id": "u", "email": "u@x.example", "name": "U"},
        "tags": ["aiotables:0123456789abcdef", "mine"],
        "status": {"num_columns": 4, "run_status": "idle", "num_rows": 2},
    }
    return Converter().decode({**facts, **more}, TableHeaderWithStatus)


def test_entry() -> None:
    """A table is named by its id; what the service makes by itself, our own marks and rows are left out, and told."""
    entry = entry_of(header(), "research")

    assert {
        "target": "research",
        "id": "t1",
        "key": "t1",
        "name": "A $$",
        "kind": "people",
        "tags": ["mine"],
    } == {key: value for key, value in entry.fields.items() if key != "columns"}
    assert ["input", "score"] == [column["key"] for column in entry.fields["columns"]]
    assert {"prompt": "$$"} == entry.fields["columns"][1]["value"]
    assert (
        "the columns that the service makes by itself: role, company_name",
        "its 2 rows",
    ) == entry.notes


def test_a_table_that_hangs_on_another() -> None:
    """A table that the service made for a column of another one is left out, and told."""
    relationship = {"table_id": "t0", "relationship_type": "company_people"}

    entry = entry_of(header(parent_relationships=[relationship]), "research")

    assert {} == entry.fields
    assert (
        "the table 'A $' (t1), company_people of the table t0; the service makes it by itself",
    ) == entry.notes
