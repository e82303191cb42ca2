"""Tests of `aiotables.provision.configs`."""

from collections.abc import Callable

import pytest

from aiotables.provision.configs import check_configs
from aiotables.provision.problems import Faults
from aiotables.provision.tree import Node


@pytest.mark.parametrize(
    "columns",
    [
        "{}",
        "{columns: []}",
        "{columns: [{kind: input, name: Company, key: input}]}",
        "{columns: [{kind: agent, name: D, key: d, value: {agent_type: llm, prompt: x, output_format: text}}]}",
        "{columns: [{kind: agent, name: D, key: d, value: {agent_type: new_one, prompt: x, more: [1]}}]}",
        "{columns: [{kind: from_next_year, name: D, key: d, anything: {else: 1}}]}",
    ],
)
def test_good_configs(tree: Callable[[str], Node], faults: Faults, columns: str) -> None:
    """Documented configs fit, and so do kinds, values and keys that the docs do not list."""
    check_configs(tree(columns), faults)

    assert [] == list(faults)


@pytest.mark.parametrize(
    ("value", "path", "column"),
    [
        ("{agent_type: llm, prompt: 5}", "$.columns[1].value.prompt", 67),
        ("{agent_type: llm, prompt: x, labels: [a, 2]}", "$.columns[1].value.labels[1]", 82),
        ("x", "$.columns[1].value", 41),
    ],
)
def test_wrong_types(tree: Callable[[str], Node], faults: Faults, value: str, path: str, column: int) -> None:
    """A value of the wrong type is told at its own path and place."""
    text = f"columns:\n- {{kind: input, name: C, key: c}}\n- {{kind: agent, name: D, key: d, value: {value}}}"

    check_configs(tree(text), faults)

    (fault,) = faults
    assert (path, 3, column) == (fault.path, fault.line, fault.column)


def test_missing_value(tree: Callable[[str], Node], faults: Faults) -> None:
    """A key that is missing is told where it belongs, at the column's place."""
    check_configs(tree("columns:\n- {kind: agent, name: D, key: d}"), faults)

    (fault,) = faults
    assert ("$.columns[0].value", 2, 3) == (fault.path, fault.line, fault.column)
