"""Fixtures of the tests of manifests: files, trees and faults."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from aiotables.provision.manifest import Manifest, load_manifest
from aiotables.provision.problems import Faults
from aiotables.provision.tree import Node, read_tree


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
