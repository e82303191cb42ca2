"""Tests of `aiotables.provision.references`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aiotables.provision.problems import Faults
from aiotables.provision.references import Files, check_references
from aiotables.provision.tree import Node


Check = Callable[[str], Files]


@pytest.fixture
def check(
    tree: Callable[[str], Node], write: Callable[[str, str], Path], tmp_path: Path, faults: Faults
) -> Check:
    """Check a table beside `tenants.csv` (slug, company), `people.csv` (name, team) and `any.jsonl`."""
    write("tenants.csv", "slug,company\nacme,Acme\n")
    write("people.csv", "name,team\nAda,acme\n")
    write("any.jsonl", "{}\n")
    return lambda text: check_references(tree(text), faults)


@pytest.mark.parametrize(
    "table",
    [
        "{name: plain}",
        "{for_each: tenants.csv, name: '${slug}', columns: [{name: x, default: '${company}'}]}",
        "{for_each: any.jsonl, name: '${whatever}'}",
        "{for_each: tenants.csv, rows: [{a: '${slug}'}]}",
        "{for_each: tenants.csv, rows: {from: people.csv, where: {team: '${slug}'}, data: {a: '${name}'}}}",
        "{for_each: tenants.csv, rows: {from: people.csv, data: {a: [{b: '${each.slug} ${team}'}]}}}",
        "{for_each: any.jsonl, rows: {from: any.jsonl, where: {a: '${b}'}, data: {a: '${c} ${each.d}'}}}",
        "{rows: {from: people.csv}}",
    ],
)
def test_good_references(check: Check, faults: Faults, table: str) -> None:
    """Columns that there are, or that only the rows of a JSONL file can tell, are no fault."""
    assert check(table).complete
    assert [] == list(faults)


@pytest.mark.parametrize(
    ("table", "path", "message"),
    [
        ("{name: '${slug}'}", "$.name", 'no column "slug"; there are none'),
        (
            "{for_each: tenants.csv, name: '${slg}'}",
            "$.name",
            'no column "slg" (did you mean slug?); there are slug, company',
        ),
        ("{for_each: tenants.csv, rows: [{a: '${name}'}]}", "$.rows[0].a", 'no column "name"'),
        (
            "{for_each: tenants.csv, rows: {from: people.csv, where: {slug: x}}}",
            "$.rows.where.slug",
            'no column "slug"; there are name, team',
        ),
        (
            "{for_each: tenants.csv, rows: {from: people.csv, where: {team: '${team}'}}}",
            "$.rows.where.team",
            'no column "team"; there are slug, company',
        ),
        (
            "{for_each: tenants.csv, rows: {from: people.csv, data: {a: '${slug}'}}}",
            "$.rows.data.a",
            'no column "slug"; there are name, team',
        ),
        (
            "{for_each: tenants.csv, rows: {from: people.csv, data: {a: '${each.name}'}}}",
            "$.rows.data.a",
            'no column "name"; there are slug, company',
        ),
        (
            "{rows: {from: people.csv, data: {a: '${each.slug}'}}}",
            "$.rows.data.a",
            'no column "slug"; there are none',
        ),
    ],
)
def test_missing_columns(
    check: Check, messages: Callable[[], list[str]], table: str, path: str, message: str
) -> None:
    """A column that the file does not have is told at the template, before any row is read."""
    assert check(table).complete
    (found,) = messages()
    assert found.startswith(f"{path}: {message}")


@pytest.mark.parametrize(
    "table",
    [
        "{for_each: nowhere.csv, name: '${slug}'}",
        "{for_each: tenants.csv, name: '${slug}', rows: {from: nowhere.csv, data: {a: '${b}'}, where: {c: d}}}",
        "{for_each: nowhere.csv, rows: {from: people.csv, data: {a: '${each.slug}'}}}",
    ],
)
def test_missing_files_are_told_once(check: Check, messages: Callable[[], list[str]], table: str) -> None:
    """What a missing file would hold nobody knows, so nothing is said about its columns."""
    assert not check(table).complete
    (found,) = messages()
    assert "cannot be read" in found


@pytest.mark.parametrize(
    "table",
    [
        "[]",
        "{name: '${', columns: 5}",
        "{for_each: 5, name: '${slug}'}",
        "{for_each: tenants.txt}",
        "{rows: 5}",
        "{rows: {}}",
        "{rows: {from: 5, where: 5, data: 5}}",
    ],
)
def test_what_does_not_fit_is_passed_over(check: Check, faults: Faults, table: str) -> None:
    """Nodes that do not have the shape of a table are somebody else's to report."""
    check(table)

    assert [] == list(faults)
