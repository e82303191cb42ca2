"""Projects: their databases, what is kept in step, and what is limited."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aiotables.emulator import ManualClock
from aiotables.emulator.catalogue import open_catalogue
from aiotables.emulator.ids import Ids
from aiotables.emulator.zangtable import projects as module
from aiotables.emulator.zangtable.columns import plan_columns
from aiotables.emulator.zangtable.projects import Projects, descriptors, most_open
from aiotables.emulator.zangtable.refusal import Refusal
from aiotables.emulator.zangtable.tables import Tables


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A catalogue in a folder."""
    with closing(open_catalogue(tmp_path)) as connection:
        yield connection


@pytest.fixture
def projects(catalogue: sqlite3.Connection, tmp_path: Path, clock: ManualClock) -> Iterator[Projects]:
    """Projects in a folder."""
    opened = Projects(catalogue, tmp_path / "zangtable", clock, Ids())
    yield opened
    opened.close()


def make(projects: Projects, slug: str, token: str = "") -> int:
    """A project with a token."""
    with projects.create(slug, slug) as (project_id, _):
        pass
    projects.add_token(project_id, token, None)
    return project_id


def test_a_token_opens_its_project_alone(projects: Projects) -> None:
    """A token of one project is unknown to another."""
    make(projects, "a", "pat_a")
    make(projects, "b", "pat_b")

    assert "a" == projects.admit("A", "pat_a").slug
    with pytest.raises(Refusal, match="unknown"):
        projects.admit("b", "pat_a")


def test_a_token_is_not_kept(projects: Projects, tmp_path: Path) -> None:
    """Only a digest of a token is in the files."""
    make(projects, "a", "pat_very_secret")
    files = b"".join(file.read_bytes() for file in tmp_path.rglob("*.sqlite*"))

    assert b"pat_very_secret" not in files
    assert projects.admit("a", "pat_very_secret").token_id == projects.add_token(1, "pat_very_secret", None)


def test_what_was_cut_short_between_two_commits(
    catalogue: sqlite3.Connection, projects: Projects, tmp_path: Path, clock: ManualClock
) -> None:
    """Metadata without its table or column is gone when the project is next opened; the rest stays."""
    project_id = make(projects, "a")
    tables = Tables(projects, project_id, "a")
    for name in ("whole", "half", "none"):
        tables.create(name, None, plan_columns([]))
    projects.close()
    with closing(sqlite3.connect(tmp_path / "zangtable" / "a.sqlite")) as database, database:
        database.execute("DROP TABLE none")
    catalogue.execute(
        "INSERT INTO project_column SELECT project_id, table_id, 99, 'x', type, 1, 'null', 0, 0, 0, '', '' "
        "FROM project_column WHERE table_id = 2"
    )

    again = Projects(catalogue, tmp_path / "zangtable", clock, Ids())
    with closing(again.database(project_id, "a")):
        tables = Tables(again, project_id, "a")
        assert (True, True, False) == tuple(tables.has(name) for name in ("whole", "half", "none"))
        assert ["id"] == [column["column_name"] for column in tables.columns(2, "half")]
        assert ["whole", "half"] == again.names(project_id, "a")


def test_a_change_that_fails_half_way_is_put_right(projects: Projects) -> None:
    """When the project does not commit after the catalogue has, the next use removes the metadata."""
    project_id = make(projects, "a")
    tables = Tables(projects, project_id, "a")

    def change() -> None:
        with projects.change(project_id, "a") as database:
            tables.add_table(database, "x", None, plan_columns([]))
            # Ends the project's transaction, so that its own commit fails.
            database.execute("ROLLBACK")

    with pytest.raises(sqlite3.OperationalError):
        change()
    assert tables.has("x")

    projects.database(project_id, "a")
    assert not tables.has("x")


def test_a_deletion_that_was_cut_short_is_finished(
    catalogue: sqlite3.Connection, projects: Projects, tmp_path: Path, clock: ManualClock
) -> None:
    """A project that is marked as deleted is not seen, and is gone after the next start."""
    project_id = make(projects, "a")
    projects.close()
    catalogue.execute("UPDATE project SET deleted = 1")

    assert projects.find("a") is None
    assert [] == projects.all()
    assert [] == Projects(catalogue, tmp_path / "zangtable", clock, Ids()).all()
    assert [] == list((tmp_path / "zangtable").iterdir())
    assert project_id + 1 == make(projects, "a")


def test_only_so_many_databases_are_open(
    catalogue: sqlite3.Connection, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More projects than files may be open work all the same."""
    monkeypatch.setattr(module, "FEW_OPEN", 2)
    monkeypatch.setattr(module, "descriptors", lambda: None)
    projects = Projects(catalogue, tmp_path / "zangtable", clock, Ids())
    try:
        ids = [make(projects, slug) for slug in "abcd"]
        for round_ in "xy":
            for project_id, slug in zip(ids, "abcd", strict=True):
                Tables(projects, project_id, slug).create(round_, None, plan_columns([]))

        assert [["x", "y"]] * 4 == [projects.names(*pair) for pair in zip(ids, "abcd", strict=True)]
        assert 2 == len(projects._open)
    finally:
        projects.close()


@pytest.mark.parametrize(("limit", "expected"), [(None, 48), (100, 48), (1024, 256), (10**6, 1000)])
def test_how_many_may_be_open(limit: int | None, expected: int) -> None:
    """A quarter of the descriptors, within reason."""
    assert expected == most_open(limit)


class FakeResource:
    """The module `resource` of a system with one limit."""

    RLIMIT_NOFILE = 7
    RLIM_INFINITY = -1

    def __init__(self, soft: int) -> None:
        self._soft = soft

    def getrlimit(self, _: int) -> tuple[int, int]:
        """Soft and hard limit."""
        return self._soft, -1


@pytest.mark.parametrize(
    ("fake", "expected"), [(None, None), (FakeResource(-1), None), (FakeResource(99), 99)]
)
def test_how_many_descriptors(monkeypatch: pytest.MonkeyPatch, fake: Any, expected: int | None) -> None:  # noqa: ANN401
    """What the system tells, if it tells."""
    monkeypatch.setitem(sys.modules, "resource", fake)

    assert expected == descriptors()
