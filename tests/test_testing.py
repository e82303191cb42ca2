"""The pytest plugin, in test runs of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import aiotables


TEST = """
import aiohttp
from aiotables.extruct.models import TableCreate as NewTable
from aiotables.zangtable.models import TableCreate

{mark}
async def test_it(aiotables_emulator, extruct, zang):
    async with aiohttp.ClientSession(aiotables_emulator.url) as session:
        async with session.get("/v1/user", headers={{"Authorization": "Bearer extruct-emulator"}}) as response:
            assert response.status == 200
    assert aiotables_emulator.count_tables("acme") == 0
    await zang.tables.create(TableCreate(table_name="a"))
    assert aiotables_emulator.table_names("acme") == ["a"]
    table = await extruct.tables.create(NewTable(name="b"))
    assert aiotables_emulator.extruct_tables() == [(table.id, "b", ())]
    assert extruct.clock is zang.clock is aiotables_emulator.clock
"""

ASYNCIO = "import pytest\n@pytest.mark.asyncio"

OWN = """
import pytest

@pytest.fixture
def zang():
    return "own"

def test_it(zang):
    assert zang == "own"
"""

# As in an environment without pytest-asyncio; this module runs the fixture by itself.
WITHOUT = """
import asyncio
import inspect
import sys
sys.modules["pytest_asyncio"] = None
import aiotables.testing

async def run():
    generator = inspect.unwrap(aiotables.testing.aiotables_emulator)()
    emulator = await anext(generator)
    assert emulator.count_tables("acme") == 0
    for client in (aiotables.testing.zang, aiotables.testing.extruct):
        opened = inspect.unwrap(client)(emulator)
        assert str(emulator.url) in repr(await anext(opened))
        assert await anext(opened, None) is None
    assert await anext(generator, None) is None

def test_it():
    asyncio.run(run())
"""

LIGHT = """
import sys
before = set(sys.modules)
import aiotables.testing
heavy = {"aiohttp", "attrs", "cattrs", "orjson", "sqlite3", "aiotables.emulator"} & (set(sys.modules) - before)
assert not heavy, heavy
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs Python in a folder of its own, where pytest loads no plugin by itself."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(Path(aiotables.__file__).parents[1]))

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


@pytest.mark.parametrize(("mode", "mark"), [("auto", ""), ("strict", ASYNCIO)])
def test_the_fixture_in_both_modes(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, mode: str, mark: str
) -> None:
    """A test that asks for the fixture has a running emulator, in either mode of pytest-asyncio, without a warning."""
    (tmp_path / "test_it.py").write_text(TEST.format(mark=mark))

    plugins = ("-p", "pytest_asyncio.plugin", "-p", "aiotables.testing")
    options = ("-o", f"asyncio_mode={mode}", "-o", "asyncio_default_fixture_loop_scope=function")
    done = run("-m", "pytest", *plugins, *options, "-W", "error", "-q")

    assert (0, True) == (done.returncode, "1 passed" in done.stdout), done.stdout + done.stderr


def test_without_pytest_asyncio(run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    """The plugin loads all the same, and its fixture is one of pytest's own."""
    (tmp_path / "test_it.py").write_text(WITHOUT)

    done = run("-m", "pytest", "-q", "-W", "error", "-p", "no:asyncio")

    assert (0, True) == (done.returncode, "1 passed" in done.stdout), done.stdout + done.stderr


def test_own_fixtures_take_the_place_of_these(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """A fixture of a test file wins over one of the plugin, without a word."""
    (tmp_path / "test_it.py").write_text(OWN)

    done = run("-m", "pytest", "-q", "-W", "error", "-p", "aiotables.testing")

    assert (0, True) == (done.returncode, "1 passed" in done.stdout), done.stdout + done.stderr


def test_loading_it_costs_nothing(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """Nothing heavy is imported before a test asks for the fixture."""
    done = run("-c", "import pytest_asyncio\n" + LIGHT)

    assert 0 == done.returncode, done.stderr
