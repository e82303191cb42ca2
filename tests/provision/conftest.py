"""Fixtures of the tests of manifests: files, trees and faults."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import define, field

from aiotables.core.options import Options
from aiotables.core.settle import SettlePolicy
from aiotables.core.transport import Timeouts
from aiotables.provision.course import NO_RULES, Rules
from aiotables.provision.events import Event, ProjectMade, RunEnded, TableDone
from aiotables.provision.expand import load
from aiotables.provision.job import Job
from aiotables.provision.journal import Record, SqliteJournal
from aiotables.provision.manifest import Manifest, load_manifest
from aiotables.provision.problems import Faults
from aiotables.provision.tree import Node, read_tree
from aiotables.zangtable import ZangTable


if TYPE_CHECKING:
    from tests.conftest import Lab


@pytest.fixture
def environ() -> Mapping[str, str]:
    """An environment with the tokens of both services."""
    return {"ZANGTABLE_API_TOKEN": "pat_made_up", "EXTRUCT_API_TOKEN": "made-up"}


@pytest.fixture
def faults() -> Faults:
    """Nothing wrong so far."""
    return Faults()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a file, by name and text, into the test's folder."""

    def write(name: str, text: str) -> Path:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.fixture
def tree(write: Callable[[str, str], Path]) -> Callable[[str], Node]:
    """The tree of a YAML text without faults; its file is `tree.yaml`."""

    def tree(text: str) -> Node:
        faults = Faults()
        root = read_tree(write("tree.yaml", text), faults)
        assert [] == list(faults)
        assert root is not None
        return root

    return tree


@pytest.fixture
def manifest(write: Callable[[str, str], Path], environ: Mapping[str, str]) -> Callable[[str], Manifest]:
    """The manifest with these `tables` in YAML, for the targets `crm` (ZangTable) and `research` (Extruct)."""

    def manifest(tables: str) -> Manifest:
        head = (
            "manifest: test\n"
            "targets: {crm: {service: zangtable, project: p}, research: {service: extruct}}\n"
            "tables:\n"
        )
        return load_manifest(write("m.yaml", head + tables), environ=environ)

    return manifest


@pytest.fixture
def messages(faults: Faults) -> Callable[[], list[str]]:
    """The faults as `path: message`."""
    return lambda: [f"{fault.path}: {fault.message}" for fault in faults]


FOUNDING = """
manifest: founding
targets:
  crm:
    service: zangtable
    project: acme-crm
    create_project:
      name: Acme CRM
      username: server
      password_env: ACME_PASSWORD
      account_user_id: 7
      token_file: crm.token
tables:
"""


@define
class Founding:
    """A manifest whose project is to be made, and somebody who can look into the admin panel."""

    lab: "Lab"
    client_class: type[ZangTable] = ZangTable
    environ: dict[str, str] = field(
        factory=lambda: {"ZANGTABLE_API_TOKEN": "pat_emulator", "ACME_PASSWORD": "s3cret-long"}
    )

    @property
    def token_file(self) -> Path:
        """Where the project's token is kept."""
        return self.lab.folder / "crm.token"

    @property
    def projects(self) -> list[str]:
        """The projects that there are."""
        return self.lab.emulator.projects

    @property
    def tables(self) -> list[str]:
        """The tables of the project."""
        return sorted(self.lab.emulator.table_names("acme-crm"))

    @property
    def bootstraps(self) -> int:
        """How often a project was to be made."""
        return self.lab.calls("zangtable.bootstrap_project")

    def manifest(self, tables: str) -> Manifest:
        """A manifest with these `tables`, in YAML, for the target `crm`."""
        return load(self.lab.write("founding.yaml", FOUNDING + tables), environ=self.environ)

    def mint(self) -> None:
        """Make a token in the admin panel, and write it into its file."""
        assert "acme-crm" in self.projects
        self.lab.emulator.add_project("acme-crm", "pat_by_hand")
        self.token_file.write_text("pat_by_hand\n", encoding="ascii")

    @asynccontextmanager
    async def job(self, tables: str, *, state: Path | Record | None = None) -> AsyncIterator[Job]:
        """A job of such a manifest, with a client whose waits are over at once."""
        options = Options(
            base_url=self.lab.emulator.url,
            clock=self.lab.clock,
            timeouts=Timeouts(answer=10),
            settling=SettlePolicy(grace=45),
        )
        client = self.client_class(token="pat_emulator", project="acme-crm", **options)
        manifest = load(self.lab.write("founding.yaml", FOUNDING + tables))
        async with client:
            with Job(
                manifest,
                {"crm": client},
                state=state or self.lab.state,
                clock=self.lab.clock,
                environ=self.environ,
            ) as job:
                yield job

    async def apply(self, tables: str, *, rules: Rules = NO_RULES) -> "Told":
        """Apply such a manifest."""
        async with self.job(tables) as job:
            return Told([event async for event in job.apply(rules=rules)])

    async def states(self, key: str) -> dict[str, str]:
        """What the journal has of the steps of a table; of the project, by an empty key."""
        async with SqliteJournal.read(self.lab.state) as journal:
            steps = await journal.steps("crm", key)
        return {name: str(state.outcome or "intent") for name, state in steps.items()}


@define
class Told:
    """What a run told."""

    events: list[Event]

    @property
    def project(self) -> ProjectMade:
        """What became of the project."""
        (only,) = [event for event in self.events if isinstance(event, ProjectMade)]
        return only

    @property
    def outcomes(self) -> dict[str, str]:
        """What became of each table, by its key."""
        return {event.key: event.outcome.value for event in self.events if isinstance(event, TableDone)}

    @property
    def reasons(self) -> set[str]:
        """Why tables ended as they did."""
        return {event.reason for event in self.events if isinstance(event, TableDone)}

    @property
    def ending(self) -> str:
        """How the run ended."""
        last = self.events[-1]
        assert isinstance(last, RunEnded)
        return last.ending


@pytest.fixture
def founding(lab: "Lab") -> Founding:
    """A project that is yet to be made."""
    return Founding(lab)
