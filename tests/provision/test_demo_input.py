"""Tests of the demo's input in `docs/demo`: that it is what it says it is."""

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from aiotables.provision.desired import Desired, ExtructSpec, ZangTableSpec
from aiotables.provision.expand import expand, load
from aiotables.provision.rows import RowReader


DEMO = Path(__file__).parents[2] / "docs" / "demo"

CHINOOK = {
    "Album": 3,
    "Artist": 2,
    "Customer": 13,
    "Employee": 15,
    "Genre": 2,
    "Invoice": 9,
    "InvoiceLine": 5,
    "MediaType": 2,
    "Playlist": 2,
    "PlaylistTrack": 2,
    "Track": 9,
}
"""Tables of the Chinook database and how many columns each has."""


@pytest.fixture(scope="module")
def tables() -> list[Desired]:
    """Everything that the demo's manifest expands to."""
    environ = {"ZANGTABLE_API_TOKEN": "x", "EXTRUCT_API_TOKEN": "x"}
    return list(expand(load(DEMO / "chinook.yaml", environ=environ)))


def _rows(name: str) -> list[Mapping[str, str]]:
    with (DEMO / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_eleven_tables_for_each_of_two_hundred_shops(tables: list[Desired]) -> None:
    """Each shop has the eleven tables of Chinook with all their columns."""
    found = Counter(each.name.rsplit("_", 1)[1] for each in tables if isinstance(each.spec, ZangTableSpec))
    columns = {
        each.name.rsplit("_", 1)[1]: len(each.spec.columns)
        for each in tables
        if isinstance(each.spec, ZangTableSpec)
    }

    assert dict.fromkeys(CHINOOK, 200) == found
    assert CHINOOK == columns


def test_seven_indexes_for_each_shop(tables: list[Desired]) -> None:
    """Each table with foreign keys has one index."""
    assert 7 * 200 == sum(len(each.spec.indexes) for each in tables if isinstance(each.spec, ZangTableSpec))


def test_fifty_extruct_tables_with_rows(tables: list[Desired]) -> None:
    """Each segment has a table with an input and agent columns, and at least five companies."""
    extruct = [each for each in tables if isinstance(each.spec, ExtructSpec)]
    with RowReader() as reader:
        counts = [sum(1 for _ in reader.read(each)) for each in extruct]

    assert 50 == len(extruct)
    assert 5 <= min(counts)
    assert len(_rows("companies.csv")) == sum(counts)
    for each in extruct:
        assert isinstance(each.spec, ExtructSpec)
        assert ["input", "agent", "agent", "agent"] == [column["kind"] for column in each.spec.columns]


def test_identities_are_all_different(tables: list[Desired]) -> None:
    """No two tables of the demo are taken for each other."""
    assert 2_250 == len({each.identity for each in tables})


def test_companies_are_listed_once(tables: list[Desired]) -> None:
    """No company and no website is there twice, and each website is an https address without a path."""
    companies = _rows("companies.csv")

    assert 250 <= len(companies)
    assert (
        len(companies)
        == len({each["company"] for each in companies})
        == len({each["website"] for each in companies})
    )
    assert all(
        each["website"].startswith("https://") and each["website"].count("/") == 2 for each in companies
    )
    assert {each["segment"] for each in companies} == {each["segment"] for each in _rows("segments.csv")}
