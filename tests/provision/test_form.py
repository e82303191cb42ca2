"""Tests of `aiotables.provision.form`."""

from collections.abc import Callable

import pytest

from aiotables.provision.form import (
    COLUMN_KINDS,
    COLUMN_TYPES,
    EXTRUCT_TABLE,
    EXTRUCT_TARGET,
    TABLE_KINDS,
    ZANGTABLE_TABLE,
    ZANGTABLE_TARGET,
    manifest_form,
    service_of,
)
from aiotables.provision.problems import Faults
from aiotables.provision.records import Record
from aiotables.provision.shapes import Shape
from aiotables.provision.tree import Node


def test_what_the_services_list() -> None:
    """Types and kinds are those of the docs, by way of the models."""
    assert ("INTEGER", "REAL", "TEXT", "BLOB", "ANY") == tuple(COLUMN_TYPES)
    assert {"company", "people", "generic"} == set(TABLE_KINDS)
    assert {
        "input",
        "agent",
        "criterion_grade",
        "company_people_finder",
        "email_finder",
        "phone_finder",
        "reverse_email_lookup",
        "company_profile",
        "company_name",
        "company_website",
        "discovery_scores",
    } == set(COLUMN_KINDS)


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (ZANGTABLE_TARGET, "{service: zangtable, project: a-b_1}"),
        (
            EXTRUCT_TARGET,
            (
                "{service: extruct, token_env: _T1, base_url: https://x, allow_http: false, in_flight: 1, rate: 0.5,"
                " timeout: 1, grace: 2}"
            ),
        ),
        (
            ZANGTABLE_TABLE,
            "{target: a, name: '${x}_${y}', columns: [{name: 'a${b}'}], indexes: [{columns: [a]}]}",
        ),
        (
            ZANGTABLE_TABLE,
            "{target: a, name: b, for_each: some/where.jsonl, key: '$5 ${a}', display_name: x}",
        ),
        (
            ZANGTABLE_TABLE,
            "{target: a, name: b, columns: [{name: a, default: ''}, {name: b, default: null}]}",
        ),
        (
            EXTRUCT_TABLE,
            "{target: a, name: '$$ ${x y}', columns: [{kind: other, name: N, key: k, more: [{a: 1}]}]}",
        ),
        (EXTRUCT_TABLE, "{target: a, name: b, description: '', tags: [], rows: []}"),
        (
            EXTRUCT_TABLE,
            "{target: a, name: b, rows: {from: c.csv, where: {'a b': 1, c: null}, data: {d: [1]}}}",
        ),
        (EXTRUCT_TABLE, "{target: a, name: b, rows: [{c: 1, d: {e: null}}], run: true}"),
    ],
)
def test_good_entries(tree: Callable[[str], Node], faults: Faults, shape: Record, text: str) -> None:
    """The form takes what the docs of the manifest say."""
    assert shape.fits(tree(text), faults), list(faults)


@pytest.mark.parametrize(
    ("shape", "text", "path"),
    [
        (ZANGTABLE_TARGET, "{service: zangtable}", "$"),
        (ZANGTABLE_TARGET, "{service: zangtable, project: Upper}", "$.project"),
        (EXTRUCT_TARGET, "{service: extruct, project: p}", "$.project"),
        (EXTRUCT_TARGET, "{service: zangtable}", "$.service"),
        (EXTRUCT_TARGET, "{service: extruct, token_env: lower}", "$.token_env"),
        (EXTRUCT_TARGET, "{service: extruct, in_flight: 0}", "$.in_flight"),
        (EXTRUCT_TARGET, "{service: extruct, rate: 0}", "$.rate"),
        (ZANGTABLE_TABLE, "{target: a}", "$"),
        (ZANGTABLE_TABLE, "{target: a, name: a-b}", "$.name"),
        (ZANGTABLE_TABLE, "{target: a, name: '1${x}'}", "$.name"),
        (ZANGTABLE_TABLE, "{target: a, name: '$${x}'}", "$.name"),
        (ZANGTABLE_TABLE, "{target: a, name: a, for_each: x.txt}", "$.for_each"),
        (ZANGTABLE_TABLE, '{target: a, name: a, for_each: "\\0.csv"}', "$.for_each"),
        (ZANGTABLE_TABLE, "{target: a, name: a, columns: [{name: b, type: text}]}", "$.columns[0].type"),
        (ZANGTABLE_TABLE, "{target: a, name: a, columns: [{name: b, default: [1]}]}", "$.columns[0].default"),
        (ZANGTABLE_TABLE, "{target: a, name: a, indexes: [{columns: []}]}", "$.indexes[0].columns"),
        (EXTRUCT_TABLE, "{target: a, name: 'a ${'}", "$.name"),
        (EXTRUCT_TABLE, "{target: a, name: a, kind: firm}", "$.kind"),
        (EXTRUCT_TABLE, "{target: a, name: a, columns: [{name: N, key: k}]}", "$.columns[0]"),
        (
            EXTRUCT_TABLE,
            "{target: a, name: a, columns: [{kind: x, name: N, key: k, v: ['${']}]}",
            "$.columns[0].v[0]",
        ),
        (EXTRUCT_TABLE, "{target: a, name: a, rows: {where: {}}}", "$.rows"),
        (EXTRUCT_TABLE, "{target: a, name: a, rows: [x]}", "$.rows[0]"),
        (EXTRUCT_TABLE, "{target: a, name: a, rows: x}", "$.rows"),
    ],
)
def test_bad_entries(
    tree: Callable[[str], Node], faults: Faults, shape: Record, text: str, path: str
) -> None:
    """The form refuses anything else, at its path."""
    assert not shape.fits(tree(text), faults)
    assert [path] == [fault.path for fault in faults]


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("{service: extruct}", "extruct"),
        ("{service: other}", None),
        ("{service: {}}", None),
        ("{}", None),
        ("x", None),
    ],
)
def test_service_of(tree: Callable[[str], Node], text: str, service: str | None) -> None:
    """Only a service that there is counts."""
    assert service == service_of(tree(text))


@pytest.mark.parametrize(
    ("services", "path"),
    [
        ({"a": "zangtable"}, "$.tables[0].kind"),
        ({"a": "extruct"}, "$.tables[0].indexes"),
        ({}, "$.tables[0].kind"),
    ],
)
def test_a_table_is_held_against_its_service(
    tree: Callable[[str], Node], faults: Faults, services: dict[str, str], path: str
) -> None:
    """What a table may hold depends on the service of its target; where that is not known, on what fits best."""
    manifest = "{manifest: m, targets: {a: {service: extruct}}, tables: [{target: a, name: n, indexes: [], kind: company}]}"

    manifest_form(services).fits(tree(manifest), faults)

    assert [path] == [fault.path for fault in faults]


def test_every_field_says_what_it_is_for() -> None:
    """The JSON Schema explains every field to whoever writes a manifest."""
    shapes: list[Shape] = [
        manifest_form({}),
        ZANGTABLE_TARGET,
        EXTRUCT_TARGET,
        ZANGTABLE_TABLE,
        EXTRUCT_TABLE,
    ]

    for shape in shapes:
        assert isinstance(shape, Record)
        assert all(each.says.endswith((".", "_.")) for each in shape.fields.values())
