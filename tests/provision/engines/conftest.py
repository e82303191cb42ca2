"""A database with our tables, an emulator, and workers in the test's own process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import LiteralString, TypeAlias

import psycopg
import pytest
from attrs import define, field

from aiotables.emulator import Emulator
from aiotables.provision.engines.events import WorkerEvent
from aiotables.provision.engines.procrastinate import ProcrastinateEngine
from aiotables.provision.engines.sharing import ALL, Asked, Shared, share
from aiotables.provision.engines.worker import Worker
from aiotables.provision.manifest import load_manifest
from aiotables.provision.postgres import PostgresJournal, Session, migrate, shared_runs
from aiotables.provision.postgres.sums import TargetSums, sums_of


InQueue: TypeAlias = Callable[[LiteralString], Awaitable[None]]


async def in_queue(url: str, statement: LiteralString) -> None:
    """Do something in the engine's schema, as its triggers want it."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("SET search_path = aiotables_queue")
        await connection.execute(statement)


@pytest.fixture(name="in_queue")
def in_queue_of(url: str) -> InQueue:
    """Does something in the engine's schema."""
    return partial(in_queue, url)


@pytest.fixture
async def session(url: str) -> AsyncIterator[Session]:
    """A session in a database with our tables."""
    async with Session(url, patience=5.0) as opened:
        await migrate(opened)
        yield opened


@pytest.fixture
async def engine(url: str, session: Session) -> ProcrastinateEngine:
    """An engine in it that is quick to find out that a worker died."""
    engine = ProcrastinateEngine(url, session, lease=1.0)
    await engine.prepare()
    return engine


@define
class Shop:
    """A manifest, the services that it is for, and the database that workers share."""

    url: str
    session: Session
    engine: ProcrastinateEngine
    environ: dict[str, str]
    folder: Path
    told: list[WorkerEvent] = field(factory=list[WorkerEvent])

    async def share(self, manifest: str, asked: Asked = ALL, **files: str) -> Shared:
        """Give a manifest to the workers; `sites="…"` writes a file `sites.csv` beside it."""
        for name, text in files.items():
            (self.folder / f"{name}.csv").write_text(text, encoding="utf-8")
        path = self.folder / "shop.yaml"
        path.write_text(manifest, encoding="utf-8")
        return await share(self.session, self.engine, load_manifest(path, environ=self.environ), asked)

    @asynccontextmanager
    async def worker(
        self, environ: Mapping[str, str] | None = None, *, width: int = 32
    ) -> AsyncIterator[Worker]:
        """A worker that has not begun."""
        given = self.environ if environ is None else environ
        opened = Worker.open(
            self.url, environ=given, show=self.told.append, width=width, lease=1.0, later=0.0
        )
        async with opened as worker:
            yield worker

    async def work(self, environ: Mapping[str, str] | None = None) -> None:
        """Work until nothing is left."""
        async with self.worker(environ) as worker, asyncio.timeout(60):
            await worker.run(at_once=2, until_done=True)

    async def ending(self) -> str | None:
        """How the last run ended."""
        run = await shared_runs.find(self.session)
        assert run is not None
        return run.ending

    async def sums(self) -> list[TargetSums]:
        """What became of the tables of the last run."""
        run = await shared_runs.find(self.session)
        assert run is not None
        return await sums_of(self.session, run.run_id)

    def events(self, kind: type[WorkerEvent]) -> list[WorkerEvent]:
        """What was told of one kind."""
        return [event for event in self.told if isinstance(event, kind)]

    async def until(self, kind: type[WorkerEvent], count: int = 1) -> None:
        """Wait until so many events of a kind were told."""
        for _ in range(600):
            if len(self.events(kind)) >= count:
                return
            await asyncio.sleep(0.05)
        pytest.fail(f"no {kind.__name__} was told, but {self.told}")

    async def in_queue(self, statement: LiteralString) -> None:
        """Do something in the engine's schema."""
        await in_queue(self.url, statement)

    def journal(self) -> AbstractAsyncContextManager[PostgresJournal]:
        """The journal."""
        return PostgresJournal.open(self.url)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """Both services."""
    async with Emulator() as running:
        yield running


@pytest.fixture
async def shop(
    url: str, session: Session, engine: ProcrastinateEngine, emulator: Emulator, tmp_path: Path
) -> Shop:
    """A shop whose tables the emulator keeps."""
    environ = {
        "ZANGTABLE_API_TOKEN": "pat_emulator",
        "ZANGTABLE_BASE_URL": emulator.url,
        "EXTRUCT_API_TOKEN": "extruct-emulator",
        "EXTRUCT_BASE_URL": emulator.url,
    }
    return Shop(url=url, session=session, engine=engine, environ=environ, folder=tmp_path)
