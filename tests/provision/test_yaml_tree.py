"""YAML needs PyYAML; JSON does not."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aiotables.provision.expand import expand, load
from aiotables.provision.problems import Faults, ManifestError
from aiotables.provision.yaml_tree import read_yaml


JSON = '{"manifest": "m", "targets": {"crm": {"service": "zangtable", "project": "p"}}, "tables": [%s]}'


@pytest.fixture
def without_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML is not installed."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    for name in ("compose", "yaml_tree"):
        monkeypatch.delitem(sys.modules, f"aiotables.provision.{name}", raising=False)


@pytest.mark.usefixtures("without_yaml")
def test_without_yaml(write: Callable[[str, str], Path]) -> None:
    """Without PyYAML a manifest in JSON is read, and one in YAML is refused with what to do."""
    table = '{"target": "crm", "for_each": "rows.jsonl", "name": "${slug}"}'
    write("rows.jsonl", '{"slug": "a"}\n')

    assert ["a"] == [desired.name for desired in expand(load(write("m.json", JSON % table)))]
    with pytest.raises(
        ManifestError, match=r"m\.yaml:1:1: is YAML, which needs PyYAML: pip install 'aiotables"
    ):
        load(write("m.yaml", "manifest: m"))


def test_with_yaml(write: Callable[[str, str], Path], faults: Faults) -> None:
    """With it YAML is read."""
    root = read_yaml(write("m.yaml", "a: [1]"), faults)

    assert root is not None
    assert (1,) == tuple(item.value for item in root.fields["a"].items)
    assert read_yaml(write("n.yaml", ""), faults) is None
