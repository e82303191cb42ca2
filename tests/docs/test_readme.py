"""The README is true: what it shows works when typed as it stands."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.slow
def test_examples_run(root: Path, try_as_newcomer: Callable[[Path], None]) -> None:
    """Someone who has set nothing up and types everything in the README gets what it shows."""
    try_as_newcomer(root / "README.md")


def test_extras_exist(root: Path) -> None:
    """Each extra that the README installs is one of the package's."""
    named = set(re.findall(r"pip install '[^\[']+\[([a-z]+)\]'", (root / "README.md").read_text()))
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]

    assert {"cli"} == named
    assert named <= project["optional-dependencies"].keys()


def test_names_what_continuous_integration_runs(root: Path) -> None:
    """The commands of the README for checking and testing are the ones that continuous integration calls."""
    (targets,) = re.findall(r"^for target in (.*); do$", (root / ".ci" / "run").read_text(), re.MULTILINE)
    named = re.findall(r"^make ([a-z]+)", (root / "README.md").read_text(), re.MULTILINE)

    assert sorted(targets.split()) == sorted(named)
