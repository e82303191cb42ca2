"""Desired tables and targets as JSON."""

from collections.abc import Callable, Mapping
from pathlib import Path

import orjson
import pytest

from aiotables.provision.expand import expand, load
from aiotables.provision.portable import desired_json, desired_of, row_files, targets_json, targets_of


MANIFEST = """
manifest: lab
targets:
  crm: {service: zangtable, project: acme, rate: 5, timeout: 2, grace: 3}
  research: {service: extruct, base_url: "http://127.0.0.1:1", in_flight: 3}
tables:
  - target: crm
    for_each: teams.csv
    name: "${team}_notes"
    display_name: "Notes of ${team}"
    protect: true
    columns:
      - {name: nothing, default: null}
      - {name: number, type: INTEGER, default: 0, nullable: false}
      - {name: text, unique: true}
    indexes: [{columns: [number], unique: true}]
  - target: crm
    name: plain
  - target: research
    name: Files
    columns:
      - {kind: input, name: Company, key: input}
      - kind: agent
        name: Fit
        key: fit
        value: {agent_type: llm, prompt: "Is {input} a fit?", output_format: select, labels: ["yes", "no"]}
    rows:
      from: sites.csv
      where: {country: "NO"}
      data: {input: "${site} $$", more: ["${site}", {deep: "x", flag: true, none: null, number: 1.5}]}
    run: true
  - target: research
    name: Whole rows
    columns: [{kind: input, name: Site, key: site}]
    rows: {from: sites.csv}
  - target: research
    name: Inline
    tags: [a, b]
    description: Some rows.
    columns: [{kind: input, name: Company, key: input}]
    rows: [{input: acme.example}, {input: null}]
"""


@pytest.fixture
def path(write: Callable[[str, str], Path]) -> Path:
    """A manifest with all that a table can have."""
    write("teams.csv", "team\nred\ngreen\n")
    write("sites.csv", "site,country\nacme.example,NO\n")
    return write("lab.yaml", MANIFEST)


def test_desired_tables_come_back(path: Path, environ: Mapping[str, str]) -> None:
    """What is written as JSON and read again is equal, and has the same rows to give."""
    tables = list(expand(load(path, environ=environ)))

    assert tables == desired_of(desired_json(tables))


def test_what_is_not_said_is_left_out(path: Path, environ: Mapping[str, str]) -> None:
    """The JSON is short: what has its default is not in it."""
    plain = next(table for table in expand(load(path, environ=environ)) if table.name == "plain")
    (told,) = orjson.loads(desired_json([plain]))

    assert {"name": "plain", "service": "ZangTableSpec"} == told["spec"]


def test_files_of_rows(path: Path, environ: Mapping[str, str]) -> None:
    """The files that workers need are those that rows are read from, and not those of `for_each`."""
    tables = list(expand(load(path, environ=environ)))

    assert {path.parent / "sites.csv"} == row_files(tables)
    assert set() == row_files(tables[:3])


def test_targets_come_back_without_tokens(path: Path, environ: Mapping[str, str]) -> None:
    """Targets are carried with all of their settings; where the token is found is among them, and no token."""
    targets = load(path, environ=environ).targets
    told = orjson.dumps(targets_json(targets))

    assert targets == targets_of(orjson.loads(told))
    assert not any(token in told.decode() for token in environ.values())
