"""
A pytest plugin: fixtures for tests of programs that use Extruct or ZangTable.

pytest loads it with every test run of an environment that has aiotables, so it imports nothing that costs time.
"""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from pytest_asyncio import fixture

    from aiotables.emulator import Emulator
else:
    try:
        from pytest_asyncio import fixture
    except ImportError:
        # Another plugin, such as anyio's, then runs async fixtures.
        from pytest import fixture  # noqa: PT013 - one name, from either


@fixture
async def aiotables_emulator() -> "AsyncIterator[Emulator]":
    """
    An emulator of both services for one test, in memory.

    Its projects are `{"acme": "pat_emulator"}`, its Extruct token is `extruct-emulator`, its base URL is `.url`.
    """
    from aiotables.emulator import Emulator

    async with Emulator() as emulator:
        yield emulator
