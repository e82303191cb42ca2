"""What the emulator keeps: the databases of both services, and the services on top of them."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, closing
from itertools import chain
from pathlib import Path
from typing import Any

from attrs import field, frozen

from aiotables.emulator.catalogue import VERSION, open_catalogue
from aiotables.emulator.choices import PROJECT_TOKEN, Choices
from aiotables.emulator.clock import Clock
from aiotables.emulator.extruct.account import Account
from aiotables.emulator.extruct.discovery import Discovery
from aiotables.emulator.extruct.findings import Findings
from aiotables.emulator.extruct.research import Research
from aiotables.emulator.extruct.rows import Rows
from aiotables.emulator.extruct.runs import Pace, Runs
from aiotables.emulator.extruct.service import ExtructService
from aiotables.emulator.extruct.tables import Tables
from aiotables.emulator.first_state import FirstState, Planting
from aiotables.emulator.ids import Ids
from aiotables.emulator.snapshots import CATALOGUE, project_file, read_snapshot, write_snapshot
from aiotables.emulator.sqlite import empty
from aiotables.emulator.zangtable.names import is_slug
from aiotables.emulator.zangtable.projects import Projects
from aiotables.emulator.zangtable.refusal import Refusal as ZangTableRefusal
from aiotables.emulator.zangtable.service import ZangTableService
from aiotables.emulator.zangtable.tables import Tables as ProjectTables


PROJECTS_FOLDER = "zangtable"


@frozen(kw_only=True)
class Settings:
    """How the services are set up; see `Emulator`."""

    data: Path | None
    clock: Clock
    projects: Mapping[str, str] = field(repr=False)
    extruct_token: str = field(repr=False)
    run_seconds: float
    run_lag: float
    query_seconds: float
    choices: Choices = field(factory=Choices)
    seed: int = 0
    first: FirstState = field(factory=FirstState)


class Store:
    """
    The databases, open, and the services on top of them.

    In a folder, the catalogue is `emulator.sqlite` and each ZangTable project is `zangtable/<slug>.sqlite`, all plain
    SQLite in WAL mode, which other processes may read at any time.

    Raises:
        ValueError: The folder was made by another version, or a project's slug is not valid.
    """

    def __init__(self, settings: Settings) -> None:
        folder = settings.data
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._settings = settings
        with ExitStack() as opened:
            self._catalogue = opened.enter_context(closing(open_catalogue(folder)))
            projects = None if folder is None else folder / PROJECTS_FOLDER
            self._ids = Ids(settings.seed)
            self._projects = opened.enter_context(
                closing(Projects(self._catalogue, projects, settings.clock, self._ids))
            )
            self._tables = Tables(self._catalogue, settings.clock, self._ids)
            self.zangtable = ZangTableService(
                self._projects, settings.clock, settings.query_seconds, settings.choices
            )
            self.extruct = self._extruct()
            self._begin()
            self._opened = opened.pop_all()

    def add_project(self, slug: str, token: str) -> None:
        """
        Have the project *slug*, and let *token* open it.

        Raises:
            ValueError: The slug is not valid.
        """
        if not is_slug(slug):
            msg = f"{slug!r} is not a valid project slug"
            raise ValueError(msg)

        project_id = self._projects.find(slug)
        if project_id is None:
            with self._projects.create(slug, slug) as (project_id, _):
                pass
        self._projects.add_token(project_id, token, None)

    def add_records(self, slug: str, table: str, records: Iterable[Mapping[str, Any]]) -> None:
        """
        Put rows into a table of the project *slug*: all or none.

        Raises:
            KeyError: There is no such project.
            ValueError: The table has no such column, or refuses a value.
        """
        project_id = self._project_id(slug)
        tables = ProjectTables(self._projects, project_id, slug)
        try:
            with self._projects.change(project_id, slug) as database:
                for record in records:
                    tables.insert(database, table, dict(record))
        except (ZangTableRefusal, sqlite3.Error, OverflowError) as error:
            msg = f"rows cannot be put into {table}: {error}"
            raise ValueError(msg) from error

    @property
    def projects(self) -> list[str]:
        """The slugs of the projects, oldest first."""
        return [slug for _, slug in self._projects.all()]

    def table_names(self, slug: str) -> list[str]:
        """
        The tables in the project's own database, oldest first.

        Raises:
            KeyError: There is no such project.
        """
        return self._projects.names(self._project_id(slug), slug)

    def extruct_tables(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Id, name and tags of every Extruct table, oldest first."""
        rows = self._catalogue.execute("SELECT id, name, coalesce(tags, '[]') FROM extruct_table ORDER BY pk")
        return [(table_id, name, tuple(json.loads(tags))) for table_id, name, tags in rows]

    @property
    def catalogue(self) -> sqlite3.Connection:
        """The catalogue, to be read."""
        return self._catalogue

    @property
    def project_databases(self) -> Projects:
        """The databases of the projects."""
        return self._projects

    def extruct_columns(self, table: sqlite3.Row) -> list[sqlite3.Row]:
        """The columns of an Extruct table, in order."""
        return self._tables.columns(table["pk"])

    def extruct_page(self, table: sqlite3.Row, offset: int, limit: int) -> list[dict[str, Any]]:
        """Rows of an Extruct table, as the service answers them."""
        return self._rows.page(table, offset=offset, limit=limit)

    def count_rows(self, table_id: str) -> int:
        """
        Rows of an Extruct table.

        Raises:
            KeyError: There is no such table.
        """
        found = self._catalogue.execute(
            """
            SELECT (SELECT count(*) FROM extruct_row WHERE table_pk = extruct_table.pk)
            FROM extruct_table WHERE id = ?
            """,
            (table_id,),
        ).fetchone()
        if found is None:
            msg = f"the emulator has no Extruct table {table_id}"
            raise KeyError(msg)

        return int(found[0])

    def reset(self) -> None:
        """Delete all projects and tables, and have the first ones again."""
        self._clear()
        self._begin()

    def snapshot(self, file: Path) -> None:
        """
        Write all that is kept to *file*.

        Raises:
            OSError: It cannot be written.
        """
        projects = (
            (project_file(slug), self._projects.database(project_id, slug))
            for project_id, slug in self._projects.all()
        )
        write_snapshot(file, chain([(CATALOGUE, self._catalogue)], projects))

    def restore(self, file: Path) -> None:
        """
        Have what a snapshot holds in place of all that is there. In a folder this is not done whole when it is killed.

        Raises:
            ValueError: It is no snapshot, or one of another version.
            OSError: It cannot be read.
        """
        with read_snapshot(file) as databases:
            slugs = _slugs_of(file, databases)
            self._clear()
            databases[CATALOGUE].backup(self._catalogue)
            for project_id, slug in self._projects.all():
                databases[slugs[slug]].backup(self._projects.new_database(project_id, slug))
        self._ids.begin(self._so_far())

    def close(self) -> None:
        """Close all databases."""
        self._opened.close()

    def _project_id(self, slug: str) -> int:
        project_id = self._projects.find(slug)
        if project_id is None:
            msg = f"the emulator has no project {slug}"
            raise KeyError(msg)

        return project_id

    def _clear(self) -> None:
        empty(self._catalogue)
        self._projects.clear()
        self.zangtable.forget_runs()

    def _begin(self) -> None:
        so_far = self._so_far()
        self._ids.begin(so_far)
        for slug, token in self._settings.projects.items():
            self.add_project(slug, token)
        if not so_far:
            self._plant(self._settings.first)

    def _so_far(self) -> str:
        """What was there until now, in short: another text whenever an id was given that is still in use."""
        counted = self._catalogue.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name").fetchall()
        runs = self._catalogue.execute("SELECT id FROM extruct_run ORDER BY id").fetchall()
        if not counted:
            return ""

        return hashlib.sha256(repr([tuple(row) for row in (*counted, *runs)]).encode()).hexdigest()

    def _plant(self, first: FirstState) -> None:
        try:
            self._plant_all(first)
        except BaseException:
            # Half of it would be taken for the whole at the next start.
            self._clear()
            raise

    def _plant_all(self, first: FirstState) -> None:
        planting = Planting(self.zangtable, self.extruct)
        for slug, project in first.projects.items():
            token = project.token or self._settings.projects.get(slug) or PROJECT_TOKEN
            self.add_project(slug, token)
            for table, rows in planting.zangtable_tables(slug, token, project):
                self.add_records(slug, table, rows)
        planting.extruct_tables(self._settings.extruct_token, first.extruct)

    def _extruct(self) -> ExtructService:
        catalogue, settings = self._catalogue, self._settings
        unit, clock, choices = settings.run_seconds, settings.clock, settings.choices
        account = Account(catalogue, clock, choices)
        pace = Pace(cell=unit, lag=settings.run_lag)
        runs = Runs(catalogue, tables=self._tables, account=account, clock=clock, pace=pace, choices=choices)
        rows = self._rows = Rows(catalogue, self._tables, runs, clock)
        return ExtructService(
            catalogue,
            tables=self._tables,
            rows=rows,
            runs=runs,
            findings=Findings(catalogue, self._tables, rows, clock),
            discovery=Discovery(
                catalogue,
                tables=self._tables,
                rows=rows,
                clock=clock,
                account=account,
                price=choices.result_credits,
                unit=unit,
            ),
            research=Research(catalogue, clock, account, unit, self._ids),
            account=account,
            clock=clock,
            token=settings.extruct_token,
            people_at_once=choices.people_table == "add",
        )


def _slugs_of(file: Path, databases: Mapping[str, sqlite3.Connection]) -> Mapping[str, str]:
    """Where the database of each project of a snapshot is."""
    if CATALOGUE not in databases:
        msg = f"{file} is no snapshot of an emulator: it holds no {CATALOGUE}"
        raise ValueError(msg)

    (version,) = databases[CATALOGUE].execute("PRAGMA user_version").fetchone()
    if version != VERSION:
        msg = f"{file} is of version {version}, this emulator reads {VERSION} alone"
        raise ValueError(msg)

    slugs = [slug for (slug,) in databases[CATALOGUE].execute("SELECT slug FROM project WHERE NOT deleted")]
    missing = [slug for slug in slugs if not is_slug(slug) or project_file(slug) not in databases]
    if missing:
        msg = f"{file} lacks the databases of {', '.join(missing)}"
        raise ValueError(msg)

    return {slug: project_file(slug) for slug in slugs}
