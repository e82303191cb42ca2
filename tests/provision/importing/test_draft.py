"""Tests of `aiotables.provision.importing.draft`: from a source to a manifest, and back."""

import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest
from attrs import evolve

from aiotables.core.errors import SettingsError
from aiotables.provision.desired import ExtructSpec
from aiotables.provision.expand import expand, load
from aiotables.provision.importing.draft import Importer


if TYPE_CHECKING:
    from tests.conftest import Lab

TABLES = """
- target: crm
  name: contacts
  display_name: "Contacts $$"
  columns:
    - {name: email, nullable: false, unique: true}
    - {name: age, type: INTEGER, default: 18}
    - {name: note, default: "$${x}"}
  indexes: [{columns: [email, age]}, {columns: [age], name: by_age, unique: true}]
- {target: crm, name: keyed, columns: [{name: code, primary: true, nullable: false}]}
- target: research
  key: accounts
  name: "Accounts of $$"
  description: Whom to call.
  tags: [mine]
  columns:
    - {kind: input, name: Company, key: input}
    - kind: agent
      name: Profile
      key: profile
      value:
        agent_type: llm
        prompt: "Describe {input}.\\nIn $$, please: how much would such a company pay, and for what, in your opinion?"
        output_format: select
        labels: [much, little]
    - {kind: criterion_grade, name: Fit, key: fit, value: {criterion: "Pays $$10?"}}
    - {kind: company_people_finder, name: Heads, key: heads, value: {roles: [CEO], max_results: 3}}
  rows: [{input: a.example}]
- {target: research, key: people, name: People, kind: people, columns: [{kind: input, name: In, key: input}]}
- {target: research, key: bare, name: Bare, kind: generic}
"""


def environ_of(lab: "Lab") -> dict[str, str]:
    """The environment that leads to a lab."""
    url = lab.emulator.url
    return {
        **lab.tokens,
        "ZANGTABLE_BASE_URL": url,
        "EXTRUCT_BASE_URL": url,
        "ZANGTABLE_PROJECT": "acme",
    }


async def written(importer: Importer, file: Path) -> str:
    """The text of a manifest that is written to a file."""
    ((_, text),) = (await importer.draft()).files(file)
    file.write_text(text, encoding="utf-8")  # noqa: ASYNC240 -- nobody waits
    return text


async def test_services_round_trip(lab: "Lab") -> None:
    """What is imported from both services is planned as unchanged, and applied without sending anything that changes."""
    made = await lab.apply(TABLES)
    assert {"created"} == set(made.outcomes.values()), made.tables
    before = lab.made()
    lab.forget()
    file = lab.folder / "imported.yaml"
    importer = Importer(
        sources=["zangtable", "extruct"], folder=lab.folder, name="imported", environ=environ_of(lab)
    )

    text = await written(importer, file)

    tables = text.partition("tables:\n")[2].replace("target: zangtable", "target: crm")
    tables = tables.replace("target: extruct", "target: research")
    plans = await lab.plan(tables)
    assert [("unchanged", [])] * 5 == [(plan.action.value, steps) for plan, steps in plans]
    report = await lab.apply(tables)
    assert {"unchanged"} == set(report.outcomes.values())
    assert before == lab.made()
    again = await lab.apply(tables)
    assert 5 == again.ended.counts["unchanged"]
    assert "its 1 row" in text
    assert "made by itself" not in text
    assert "company_profile, company_name, company_website" in text


async def test_zangtable_on_a_new_project(lab: "Lab") -> None:
    """A project that was imported can be made anew: the same tables, columns and indexes."""
    await lab.apply(TABLES.partition("- target: research")[0])
    before = lab.made()
    importer = Importer(sources=["zangtable"], folder=lab.folder, name="m", environ=environ_of(lab))
    text = await written(importer, lab.folder / "m.yaml")
    assert "{name: id," not in text

    lab.emulator.reset()
    lab.forget()
    await lab.apply(text.partition("tables:\n")[2].replace("target: zangtable", "target: crm"))

    assert before == lab.made()


async def test_an_id_that_is_gone(lab: "Lab") -> None:
    """A table that the manifest names by its id and that is not there is in conflict, and never made."""
    ((plan, _),) = await lab.plan("- {target: research, id: gone, name: A}\n")

    assert ("conflict", "there is no table gone; without id a new one is made") == (
        plan.action.value,
        plan.reason,
    )


async def test_a_table_that_the_listing_lacks(lab: "Lab") -> None:
    """A table that is not listed, because it is new, is asked for by its id."""
    await lab.apply("- {target: research, key: a, name: A}\n")
    table_id = (await lab.steps("research", "a"))["create"].remote_id
    manifest = f"- {{target: research, id: {table_id}, name: A}}\n"
    async with lab.services() as services:
        desired = lab.desired(manifest)
        plan = await services["research"].plan(desired, {})

    assert "unchanged" == plan.action.value


def test_the_id_is_part_of_the_digest(lab: "Lab") -> None:
    """Another id is another table; without one the digest is what it was."""
    desired = lab.desired("- {target: research, id: a, key: k, name: A}\n")

    assert isinstance(desired.spec, ExtructSpec)
    assert "a" == desired.spec.id
    assert desired.digest != lab.desired("- {target: research, key: k, name: A}\n").digest


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a source of each kind."""
    with contextlib.closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        database.executescript(
            "CREATE TABLE orders (nr INTEGER PRIMARY KEY, sum REAL); CREATE INDEX i ON orders (sum);"
        )
    (tmp_path / "people.csv").write_text("id,name\n1,Ada\n", encoding="utf-8")
    package = {"resources": [{"name": "cities", "schema": {"fields": [{"name": "city"}]}}]}
    (tmp_path / "datapackage.json").write_bytes(orjson.dumps(package))
    return tmp_path


async def test_files_make_the_same_tables(lab: "Lab", files: Path) -> None:
    """Tables of a SQLite file, a CSV file and a data package are made on ZangTable as they are there."""
    sources = [str(files / name) for name in ("shop.db", "people.csv", "datapackage.json")]
    importer = Importer(sources=sources, folder=files, name="m", environ={}, project="acme")
    text = await written(importer, files / "m.yaml")

    await lab.apply(text.partition("tables:\n")[2].replace("target: zangtable", "target: crm"))

    made = lab.made()
    assert ["cities", "orders", "people"] == made["tables"]
    assert ["i"] == made["indexes"]
    assert ["cities.city", "cities.id", "orders.nr", "orders.sum", "people.id", "people.name"] == made[
        "columns"
    ]


async def test_a_csv_file_for_extruct(lab: "Lab", files: Path) -> None:
    """A CSV file becomes a table with its rows."""
    importer = Importer(
        sources=[str(files / "people.csv")], folder=files, name="m", environ={}, service="extruct"
    )
    text = await written(importer, files / "m.yaml")

    await lab.apply(text.partition("tables:\n")[2].replace("target: extruct", "target: research"))

    assert ["people"] == lab.made()["extruct"]
    assert ['people {"id":"1","name":"Ada"}'] == lab.made()["rows"]


async def test_the_manifest_is_whole(files: Path, environ: Mapping[str, str]) -> None:
    """What is written loads as it stands."""
    importer = Importer(sources=[str(files / "shop.db")], folder=files, name="m", environ={}, project="acme")
    file = files / "m.yaml"
    await written(importer, file)

    assert ["orders"] == [each.name for each in expand(load(file, environ=environ))]


@pytest.mark.parametrize("name", ["nowhere.csv", "nowhere.db", "nowhere.json"])
async def test_files_that_are_missing(files: Path, name: str) -> None:
    """A file that is not there is told first, whatever else is missing, and of whatever kind it is."""
    importer = Importer(sources=[str(files / name)], folder=files, name="m", environ={})

    with pytest.raises(SettingsError, match=r"nowhere\.\w+ cannot be read: No such file or directory$"):
        await importer.draft()


async def test_what_is_missing(files: Path) -> None:
    """A source that is none, a project that nobody named, and a token that is not set are told."""
    importer = Importer(sources=["https://x.txt"], folder=files, name="m", environ={})

    with pytest.raises(
        SettingsError, match=r"^https://x\.txt is no source: expected zangtable, extruct or a file"
    ):
        await importer.draft()
    for source in ("zangtable", str(files / "people.csv")):
        with pytest.raises(SettingsError, match="no project: name one, or set ZANGTABLE_PROJECT"):
            await evolve(importer, sources=[source]).draft()
    with pytest.raises(SettingsError, match="no API token"):
        await evolve(importer, sources=["extruct"]).draft()
