"""A session in a database with our tables, and a run of workers in it."""

from collections.abc import AsyncIterator

import pytest

from aiotables.provision.desired import Desired, ZangTableSpec
from aiotables.provision.postgres import Session, shared_runs
from aiotables.provision.postgres.schema import migrate
from aiotables.provision.postgres.shared_runs import SharedRun
from aiotables.provision.targets import ZangTableTarget


@pytest.fixture
async def session(url: str) -> AsyncIterator[Session]:
    """A session in that database, with its tables made."""
    async with Session(url, patience=5.0) as opened:
        await migrate(opened)
        yield opened


@pytest.fixture
async def run(session: Session) -> SharedRun:
    """A run of one table that nobody has taken up."""
    table = Desired(
        target="crm",
        key="a",
        name="a",
        spec=ZangTableSpec(name="a"),
        identity="a" * 16,
        digest="0" * 32,
        origin="m.yaml:1",
    )
    targets = {"crm": ZangTableTarget(name="crm", token_env="T", project="acme")}
    begun = await shared_runs.begin(
        session, manifest="m.yaml", name="m", digest="0", targets=targets, tables=lambda: [(0, table)]
    )
    assert begun is not None
    return begun
