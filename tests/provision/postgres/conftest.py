"""A session in a database with our tables."""

from collections.abc import AsyncIterator

import pytest

from aiotables.provision.postgres import Session
from aiotables.provision.postgres.schema import migrate


@pytest.fixture
async def session(url: str) -> AsyncIterator[Session]:
    """A session in that database, with its tables made."""
    async with Session(url, patience=5.0) as opened:
        await migrate(opened)
        yield opened
