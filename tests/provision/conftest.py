"""Fixtures of the tests of manifests: files, trees and faults."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import pytest

from aiotables.provision.manifest import Manifest, load_manifest
from aiotables.provision.problems import Faults
from aiotables.provision.tree import Node, read_tree
from tests.postgres import postgres


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


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL without tables, the same for all tests of a process."""
    with postgres() as server:
        yield server.get_uri()


@pytest.fixture
def empty_database(postgres_url: str) -> Callable[[], Awaitable[str]]:
    """Gives its URL, when nothing that is ours is in it any more."""

    async def empty() -> str:
        async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as connection:
            await connection.execute("DROP SCHEMA IF EXISTS aiotables CASCADE")
            await connection.execute("DROP SCHEMA IF EXISTS aiotables_queue CASCADE")
        return postgres_url

    return empty


@pytest.fixture
async def url(empty_database: Callable[[], Awaitable[str]]) -> str:
    """The URL of a PostgreSQL with nothing of ours in it."""
    return await empty_database()
