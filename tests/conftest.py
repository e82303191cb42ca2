"""What tests of whole runs share: an emulator, a manifest, a journal, and a clock that nobody waits for."""

import contextlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from attrs import define, field, frozen
from hypothesis import HealthCheck, settings

from aiotables.core.clock import Clock
from aiotables.core.options import Options
from aiotables.core.settle import SettlePolicy
from aiotables.core.transport import Timeouts
from aiotables.emulator import Emulator
from aiotables.extruct import Extruct
from aiotables.provision.apply import Apply
from aiotables.provision.desired import Desired
from aiotables.provision.events import Event, RunEnded, Settling, TableDone
from aiotables.provision.expand import expand, load
from aiotables.provision.extruct import ExtructService
from aiotables.provision.journal import Journal, SqliteJournal, StepState
from aiotables.provision.manifest import Manifest
from aiotables.provision.planning import plans
from aiotables.provision.rows import RowReader
from aiotables.provision.steps import Service, TablePlan
from aiotables.provision.traffic import RequestCount
from aiotables.provision.zangtable import ZangTableService
from aiotables.zangtable import ZangTable
from tests.clocks import HastyClock
from tests.postgres import postgres
from tests.token_search import files_with_tokens, printed_tokens


TOKENS: Mapping[str, str] = {"ZANGTABLE_API_TOKEN": "pat_emulator", "EXTRUCT_API_TOKEN": "extruct-emulator"}

HEAD = """
manifest: lab
targets:
  crm: {service: zangtable, project: acme}
  research: {service: extruct}
tables:
"""


# A slow machine is no fault of ours.
settings.register_profile("aiotables", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("aiotables")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How often `aiotables apply` is killed, and how much is made at once while calls go wrong."""
    parser.addoption("--kills", type=int, default=20, help="how often to kill `aiotables apply` (default 20)")
    parser.addoption(
        "--teams", type=int, default=150, help="for how many teams workers make tables (default 150)"
    )
    parser.addoption(
        "--cut", type=float, default=3.0, help="seconds for which two hosts lose each other (default 3)"
    )
    parser.addoption("--creates", type=int, default=400, help="how much to make in chaos (default 400)")
    parser.addoption(
        "--points",
        type=int,
        default=6,
        help="at how many points of each kind to stop a run; 0 is every one (default 4)",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test whose output or log shows a token."""
    report = yield
    # At the end of a test all of its output is there.
    if report.when == "teardown" and (shown := printed_tokens(report.sections)):
        report.outcome = "failed"
        report.longrepr = f"the output or the log shows the tokens {shown}"
    return report


@pytest.fixture(scope="session", autouse=True)
def no_token_is_written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that a run of tests has written into its folders holds a token."""
    yield
    assert [] == files_with_tokens(tmp_path_factory.getbasetemp())


@frozen
class Report:
    """What a run told."""

    events: list[Event]

    @property
    def ended(self) -> RunEnded:
        """Its last event."""
        last = self.events[-1]
        assert isinstance(last, RunEnded)
        return last

    @property
    def tables(self) -> dict[str, TableDone]:
        """How each table ended, by its key."""
        return {event.key: event for event in self.events if isinstance(event, TableDone)}

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome of each table, by its key."""
        return {key: event.outcome.value for key, event in self.tables.items()}

    @property
    def settled(self) -> list[str]:
        """The steps whose replies were lost."""
        return [f"{event.key} {event.step}" for event in self.events if isinstance(event, Settling)]


@define
class Lab:
    """An emulator of both services with a manifest, a journal and clients that nobody waits for."""

    emulator: Emulator
    folder: Path
    clock: Clock = field(factory=HastyClock)
    timeout: float = 10.0
    """Seconds of the wall clock for one call."""

    policy: SettlePolicy = field(factory=SettlePolicy)
    width: int = 8
    settling: int = 1000
    tokens: dict[str, str] = field(factory=lambda: dict(TOKENS))
    requests: RequestCount = field(factory=RequestCount)

    @property
    def state(self) -> Path:
        """The folder of the journal."""
        return self.folder / "state"

    def write(self, name: str, text: str) -> Path:
        """Write a file beside the manifest."""
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return file

    def manifest(self, tables: str) -> Manifest:
        """A manifest with these `tables`, in YAML, for the targets `crm` (ZangTable) and `research` (Extruct)."""
        return load(self.write("lab.yaml", HEAD + tables), environ=TOKENS)

    def desired(self, tables: str) -> Desired:
        """The only table of such a manifest."""
        (only,) = expand(self.manifest(tables))
        return only

    @asynccontextmanager
    async def services(self) -> AsyncIterator[dict[str, Service]]:
        """Both services, with clients whose waits are over at once."""
        options = Options(
            base_url=self.emulator.url,
            clock=self.clock,
            observers=[self.requests],
            timeouts=Timeouts(answer=self.timeout),
            settling=self.policy,
        )
        zangtable, extruct = self.tokens["ZANGTABLE_API_TOKEN"], self.tokens["EXTRUCT_API_TOKEN"]
        with RowReader() as rows:
            async with (
                ZangTable(token=zangtable, project="acme", **options) as zang,
                Extruct(token=extruct, **options) as research,
            ):
                services: dict[str, Service] = {
                    "crm": ZangTableService(zang),
                    "research": ExtructService(research, rows, settling=self.policy, clock=self.clock),
                }
                try:
                    yield services
                finally:
                    for service in services.values():
                        service.close()

    @asynccontextmanager
    async def journal(self) -> AsyncIterator[SqliteJournal]:
        """The journal."""
        async with SqliteJournal.open(self.state) as journal:
            yield journal

    @asynccontextmanager
    async def run(self, journal: Journal) -> AsyncIterator[Apply]:
        """A run that has not begun."""
        self.requests = RequestCount()
        async with self.services() as services:
            yield Apply(services, journal, clock=self.clock, width=self.width, settling=self.settling)

    async def apply(
        self,
        tables: str,
        *,
        around: Callable[[Journal], Journal] = lambda journal: journal,
        seen: Callable[[Apply, Event], None] = lambda _run, _event: None,
    ) -> Report:
        """
        Apply such a manifest.

        Args:
            tables: The manifest's `tables`.
            around: Wraps the journal.
            seen: Called with each event.
        """
        manifest = self.manifest(tables)
        events: list[Event] = []
        async with self.journal() as journal, self.run(around(journal)) as run:
            totals = Counter(desired.target for desired in expand(manifest))
            async for event in run.run(expand(manifest), manifest="lab.yaml", digest="0", totals=totals):
                events.append(event)
                seen(run, event)
        return Report(events)

    async def plan(self, tables: str) -> list[tuple[TablePlan, list[str]]]:
        """What such a manifest would change: for each table the plan, and the names of its steps."""
        manifest = self.manifest(tables)
        async with self.journal() as journal, self.services() as services:
            for service in services.values():
                await service.refresh()
            found = plans(expand(manifest), services, journal)
            return [(plan, [step.name for step in plan.steps]) async for plan in found]

    async def steps(self, target: str, key: str) -> dict[str, StepState]:
        """What the journal has of a table."""
        async with self.journal() as journal:
            return await journal.steps(target, key)

    def forget(self) -> None:
        """Lose the journal."""
        shutil.rmtree(self.state, ignore_errors=True)

    async def still_open(self) -> list[str]:
        """The steps that the journal has as not settled."""
        async with self.journal() as journal:
            return [f"{intent.key} {intent.step}" async for intent in journal.open_intents()]

    def calls(self, operation: str) -> int:
        """How often an operation was called so far."""
        return sum(1 for call in self.emulator.calls if call.operation == operation)

    def made(self) -> dict[str, list[str]]:
        """Everything that is there, sorted, and whatever is there twice twice."""
        catalogue = self.folder / "emulator" / "emulator.sqlite"
        project = self.folder / "emulator" / "zangtable" / "acme.sqlite"
        return {
            "tables": texts(project, NAMES, "table"),
            "indexes": texts(project, NAMES, "index"),
            "columns": texts(project, COLUMNS),
            "extruct": texts(catalogue, "SELECT name FROM extruct_table ORDER BY name"),
            "keys": texts(catalogue, KEYS),
            "rows": texts(catalogue, ROWS),
            "runs": texts(catalogue, RUNS),
        }


NAMES = "SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite_%' ORDER BY name"
COLUMNS = """
    SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1
"""
KEYS = """
    SELECT t.name || '.' || c.key FROM extruct_column c JOIN extruct_table t ON t.pk = c.table_pk
    WHERE c.key NOT IN ('input', 'company_profile', 'company_name', 'company_website') ORDER BY 1
"""
ROWS = """
    SELECT t.name || ' ' || r.data FROM extruct_row r JOIN extruct_table t ON t.pk = r.table_pk ORDER BY r.pk
"""
RUNS = "SELECT t.name FROM extruct_run r JOIN extruct_table t ON t.pk = r.table_pk ORDER BY 1"


def texts(file: Path, query: str, *values: str) -> list[str]:
    """The first column of what a query finds."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return [text for (text,) in database.execute(query, values)]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """A lab whose emulator keeps its databases in files, for everybody to look into."""
    async with Emulator(data=tmp_path / "emulator") as emulator:
        yield Lab(emulator, tmp_path)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL, the same for all tests of a process."""
    with postgres() as server:
        yield server.get_uri()


@pytest.fixture
def empty_database(postgres_url: str) -> Callable[[], str]:
    """Gives its URL, when nothing that is ours is in it any more."""

    def empty() -> str:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS aiotables CASCADE")
            connection.execute("DROP SCHEMA IF EXISTS aiotables_queue CASCADE")
        return postgres_url

    return empty


@pytest.fixture
def url(empty_database: Callable[[], str]) -> str:
    """The URL of a PostgreSQL with nothing of ours in it."""
    return empty_database()
