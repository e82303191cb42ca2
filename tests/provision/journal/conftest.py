"""A journal in a folder of its own, and facts about made-up tables."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from aiotables.provision.journal import Intent, Outcome, OutcomeKind, Record, Run, SqliteJournal
from aiotables.provision.postgres import PostgresJournal


NOTHING: Mapping[str, object] = {}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that does not exist yet, with all that URLs give a meaning to in its name."""
    return tmp_path / "tenants & co" / "job #1? 100% größer"


@pytest.fixture
async def journal(folder: Path) -> AsyncIterator[SqliteJournal]:
    """An open journal whose clock stands at 1,000 s."""
    async with SqliteJournal.open(folder, clock=lambda: 1000.0) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgres"])
async def either(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Record]:
    """An open journal of each kind, one after the other."""
    if request.param == "sqlite":
        async with SqliteJournal.open(folder) as opened:
            yield opened
    else:
        async with PostgresJournal.open(request.getfixturevalue("url")) as database:
            yield database


@pytest.fixture
async def run(journal: Record) -> Run:
    """A run of that journal."""
    return await journal.begin_run("manifest.yaml", "sha256:0")


@pytest.fixture
def intent() -> Callable[..., Intent]:
    """Makes intents: `intent(run, "acme/contacts")`."""

    def make(
        run: Run,
        key: str,
        step: str = "create",
        *,
        target: str = "crm",
        at: float = 1.5,
        detail: Mapping[str, object] = NOTHING,
    ) -> Intent:
        return Intent(run_id=run.run_id, target=target, key=key, step=step, at=at, detail=detail)

    return make


@pytest.fixture
def outcome() -> Callable[..., Outcome]:
    """Makes outcomes: `outcome(run, "acme/contacts", OutcomeKind.CREATED)`."""

    def make(
        run: Run,
        key: str,
        kind: OutcomeKind,
        *,
        at: float = 2.5,
        remote_id: str | None = None,
        detail: Mapping[str, object] = NOTHING,
    ) -> Outcome:
        return Outcome(
            run_id=run.run_id,
            target="crm",
            key=key,
            step="create",
            at=at,
            outcome=kind,
            remote_id=remote_id,
            detail=detail,
        )

    return make
