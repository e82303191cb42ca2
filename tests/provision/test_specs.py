"""Tests of `aiotables.provision.specs`."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from aiotables.provision.desired import (
    ExtructSpec,
    RowSource,
    Spec,
    ZangTableColumn,
    ZangTableIndex,
    ZangTableSpec,
)
from aiotables.provision.manifest import Manifest
from aiotables.provision.problems import ManifestError
from aiotables.provision.sources import Row
from aiotables.provision.specs import spec_of


Fill = Callable[[str, Mapping[str, object]], tuple[str, Spec]]


@pytest.fixture
def fill(manifest: Callable[[str], Manifest], write: Callable[[str, str], Path]) -> Fill:
    """Key and spec of a table in YAML for a row; `rows.csv` is there as its for_each file, `c.csv` for rows."""
    write("c.csv", "segment,website\n")

    def fill(table: str, row: Mapping[str, object]) -> tuple[str, Spec]:
        write("rows.csv", ",".join(row) + "\n")
        (template,) = manifest(f"  - {{for_each: rows.csv, {table}}}").tables
        return spec_of(template, row, "rows.csv:2")

    return fill


def test_zangtable_spec(fill: Fill) -> None:
    """A ZangTable table is what its template says, with the row's values in it."""
    key, spec = fill(
        "target: crm, key: '${slug}/A', name: '${slug}_A', display_name: '${company}: a',"
        "columns: [{name: a}], indexes: [{columns: [a]}]",
        {"slug": "acme", "company": "Acme"},
    )

    assert "acme/A" == key
    assert (
        ZangTableSpec(
            name="acme_A",
            display_name="Acme: a",
            columns=(ZangTableColumn(name="a"),),
            indexes=(ZangTableIndex(name="idx_acme_A_a", columns=("a",)),),
        )
        == spec
    )


def test_columns_that_vary(fill: Fill) -> None:
    """Columns and indexes may be named by the row; a table may go without a display name."""
    _, spec = fill(
        "target: crm, name: t, columns: [{name: '${c}', default: '${d}'}], indexes: [{columns: ['${c}']}]",
        {"c": "price", "d": "5"},
    )

    assert (
        ZangTableSpec(
            name="t",
            columns=(ZangTableColumn(name="price", default="5"),),
            indexes=(ZangTableIndex(name="idx_t_price", columns=("price",)),),
        )
        == spec
    )


def test_extruct_spec(fill: Fill) -> None:
    """An Extruct table is what its template says; braces of prompts are left to the service."""
    key, spec = fill(
        "target: research, name: 'A: ${s}', kind: generic, description: '${s}!', tags: ['${s}'], run: true,"
        "columns: [{kind: agent, name: N, key: n, value: {agent_type: llm, prompt: '${s} of {input}'}}],"
        "rows: [{input: '${s}', n: [1]}]",
        {"s": "Chips"},
    )

    assert "A: Chips" == key
    assert (
        ExtructSpec(
            name="A: Chips",
            kind="generic",
            description="Chips!",
            tags=("Chips",),
            columns=(
                {
                    "kind": "agent",
                    "name": "N",
                    "key": "n",
                    "value": {"agent_type": "llm", "prompt": "Chips of {input}"},
                },
            ),
            rows=({"input": "Chips", "n": [1]},),
            run=True,
        )
        == spec
    )


def test_smallest_extruct_spec(fill: Fill) -> None:
    """A name is enough."""
    assert ExtructSpec(name="T") == fill("target: research, name: T", {"a": ""})[1]


def test_rows_of_a_file(fill: Fill) -> None:
    """What the for_each row gives is filled in, the columns of the other file stay open until it is read."""
    _, spec = fill(
        "target: research, name: T,"
        "rows: {from: c.csv, where: {segment: '${s}'}, data: {input: '${website}', note: '${each.s}'}}",
        {"s": "Chips"},
    )

    assert isinstance(spec, ExtructSpec)
    assert isinstance(spec.rows, RowSource)
    assert (("segment", "Chips"),) == spec.rows.where
    assert {"input": "https://x", "note": "Chips"} == spec.rows.data_of(Row(2, {"website": "https://x"}))


def test_rows_selected_by_numbers(fill: Fill) -> None:
    """A value of `where` that is no text is compared as text."""
    _, spec = fill("target: research, name: T, rows: {from: c.csv, where: {segment: 5}}", {"s": ""})

    assert isinstance(spec, ExtructSpec)
    assert isinstance(spec.rows, RowSource)
    assert (("segment", "5"),) == spec.rows.where


@pytest.mark.parametrize(
    ("table", "path", "message"),
    [
        ("target: crm, name: '${x}'", "name", 'got "" from rows.csv:2'),
        ("target: crm, name: t, key: '${x}'", "key", "the text is empty for rows.csv:2"),
        ("target: crm, name: t, columns: [{name: a}, {name: 'A${x}'}]", "columns[1].name", 'the name "A"'),
        (
            "target: crm, name: t, columns: [{name: a}], indexes: [{columns: ['b${x}']}]",
            "indexes[0].columns",
            'no column "b" to index',
        ),
        ("target: research, name: '${x}', key: k", "name", "the text is empty for rows.csv:2"),
        ("target: research, name: t, tags: ['${x}']", "tags[0]", "the text is empty for rows.csv:2"),
        ("target: research, name: t, tags: ['aiotables:${x}']", "tags[0]", "are kept for marking"),
        (
            "target: research, name: t, columns: [{kind: input, name: N, key: a}, {kind: input, name: N, key: 'a${x}'}]",
            "columns[1].key",
            'the key "a" is that of column 1',
        ),
    ],
)
def test_rows_that_make_no_table(fill: Fill, table: str, path: str, message: str) -> None:
    """A row whose values give no table that the service would take is told, at the template and with the row."""
    with pytest.raises(ManifestError) as caught:
        fill(table, {"x": ""})

    (problem,) = caught.value.problems
    assert f"$.tables[0].{path}" == problem.path
    assert message in problem.message


def test_rows_without_a_column(
    manifest: Callable[[str], Manifest], write: Callable[[str, str], Path]
) -> None:
    """A JSONL row that lacks a column is told with its line."""
    write("rows.jsonl", "")
    (table,) = manifest("  - {target: crm, for_each: rows.jsonl, name: '${slug}'}").tables

    with pytest.raises(ManifestError, match=r'no column "slug"; there are a \(from rows.jsonl:7\)'):
        spec_of(table, {"a": 1}, "rows.jsonl:7")
