"""
A pytest plugin: fixtures for tests of programs that use Extruct or ZangTable.

pytest loads it with every test run of an environment that has aiotables, so it imports nothing that costs time.
A fixture of your own that has the name of one of these takes its place, as always in pytest.
"""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from pytest_asyncio import fixture

    from aiotables import Extruct, ZangTable
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


@fixture
async def extruct(aiotables_emulator: "Emulator") -> "AsyncIterator[Extruct]":
    """A client of Extruct on `aiotables_emulator`, whose clock it goes by."""
    from aiotables import Extruct
    from aiotables.emulator.choices import EXTRUCT_TOKEN

    async with Extruct(
        token=EXTRUCT_TOKEN, base_url=aiotables_emulator.url, clock=aiotables_emulator.clock, environ={}
    ) as client:
        yield client


@fixture
async def zang(aiotables_emulator: "Emulator") -> "AsyncIterator[ZangTable]":
    """A client of ZangTable on `aiotables_emulator`, for its project `acme`, and by its clock."""
    from aiotables import ZangTable
    from aiotables.emulator.choices import PROJECT_TOKEN

    async with ZangTable(
        token=PROJECT_TOKEN,
        project="acme",
        base_url=aiotables_emulator.url,
        clock=aiotables_emulator.clock,
        environ={},
    ) as client:
        yield client
