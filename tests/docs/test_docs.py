"""The pages of `docs/` work: their examples run, their links lead somewhere, and they build without a warning."""

import ast
import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.glob("*.md"))]
# The example of the emulator's page shows a form; the tests of the emulator try what it says.
TRIED = [page for page in PAGES if page.parent == DOCS and page.name != "emulator.md"]
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    """A page's name, for the report."""
    return page.name


@pytest.mark.slow
@pytest.mark.parametrize("page", TRIED, ids=name_of)
def test_examples_run(page: Path, try_as_reader: Callable[[Path], None]) -> None:
    """Everything that a page shows works, typed from its top to its end, with the emulator running."""
    try_as_reader(page)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_examples_import_public_names(page: Path, python_of: Callable[[Path], list[str]]) -> None:
    """Examples import nothing private, and only what a module names as public where it does."""
    for module, name in (pair for source in python_of(page) for pair in imported(source)):
        assert not any(part.startswith("_") for part in [*module.split("."), name])
        public = getattr(importlib.import_module(module), "__all__", None)
        assert public is None or name in public or importlib.util.find_spec(f"{module}.{name}")


def imported(source: str) -> Iterator[tuple[str, str]]:
    """Module and name of each import from aiotables."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "aiotables":
            yield from ((str(node.module), alias.name) for alias in node.names)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """Each link to a file of the repository leads to one, and to a heading of it where it names one."""
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", page.read_text())):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        found = page.parent / name if name else page
        assert found.exists(), f"{target} is not there"
        assert not anchor or anchor in anchors(found), f"{target} is no heading"


def anchors(page: Path) -> set[str]:
    """What links to the headings of a page end in."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_targets_exist(page: Path) -> None:
    """Each `make …` that a page names is a target."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), re.MULTILINE)

    assert set(named) <= set(targets)


@pytest.mark.slow
def test_pages_build(tmp_path: Path) -> None:
    """Sphinx makes of the pages what `make docs` promises, without a warning."""
    pytest.importorskip("sphinx", reason="only the environment of `make check` has Sphinx")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", "-d", "trees", str(DOCS), "html"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, encoding="utf-8")

    assert "" == done.stderr
    assert 0 == done.returncode
    assert (tmp_path / "html" / "index.html").exists()
