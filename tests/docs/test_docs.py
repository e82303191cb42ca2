"""The pages of `docs/` work: their examples run, their links lead somewhere, and they build without a warning."""

import ast
import importlib
import importlib.util
import os
import pkgutil
import re
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import aiotables
from aiotables import Extruct, ZangTable
from aiotables._lazy import LazyPart
from aiotables.core.client import ApiClient


ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("reference/*.md"))]
SHARED = [DOCS / "workers.md", DOCS / "monitoring.md"]
TRIED = [page for page in PAGES if page.parent == DOCS and page not in SHARED]
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    """A page's name, for the report."""
    return page.relative_to(ROOT).as_posix()


@pytest.mark.slow
@pytest.mark.parametrize("page", TRIED, ids=name_of)
def test_examples_run(page: Path, try_as_reader: Callable[[Path], None]) -> None:
    """Everything that a page shows works, typed from its top to its end, with the emulator running."""
    try_as_reader(page)


@pytest.mark.slow
@pytest.mark.parametrize("page", SHARED, ids=name_of)
def test_examples_of_workers_run(page: Path, try_as_operator: Callable[[Path], None]) -> None:
    """So do the pages on many workers, with a database beside the emulator."""
    try_as_operator(page)


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


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages, made by Sphinx without a warning, as `make docs` promises."""
    pytest.importorskip("sphinx", reason="only the environment of `make check` has Sphinx")
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", "-d", "trees", str(DOCS), "html"]
    # Paths to import from are from where the tests run, and Sphinx runs elsewhere.
    paths = os.pathsep.join(str(Path(part).absolute()) for part in sys.path if part)
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert (0, "") == (done.returncode, done.stderr)
    return folder / "html"


@pytest.mark.slow
def test_pages_build(built: Path) -> None:
    """Each page is there."""
    pages = [page.relative_to(DOCS) for page in PAGES if page.is_relative_to(DOCS)]

    assert all((built / page.with_suffix(".html")).exists() for page in pages)


# The reference


@pytest.mark.slow
def test_every_public_name_is_on_a_page(built: Path) -> None:
    """What a package promises, all models and operations, and each method of the clients, can be looked up."""
    missing = {*public_names(), *method_names()} - documented(built)

    assert set() == missing, "put these on a page of docs/reference"


def documented(built: Path) -> set[str]:
    """The names that the pages explain, by the index that Sphinx makes of them."""
    *_, packed = (built / "objects.inv").read_bytes().split(b"\n", 4)
    lines = zlib.decompress(packed).decode().splitlines()
    return {line.split()[0] for line in lines if line.split()[1].startswith("py:")}


def public_names() -> Iterator[str]:
    """Every name that a package offers, and every model and operation."""
    packages = [
        found.name for found in pkgutil.walk_packages(aiotables.__path__, "aiotables.") if found.ispkg
    ]
    yield from (f"aiotables.{name}" for name in aiotables.__all__)
    for package in (each for each in packages if "._" not in each):
        names = getattr(importlib.import_module(package), "__all__", ())
        yield from (f"{package}.{name}" for name in names if name not in aiotables.__all__)
    for module in ("extruct.models", "extruct.operations", "zangtable.models", "zangtable.operations"):
        names = vars(importlib.import_module(f"aiotables.{module}"))
        # What pytest adds to a module is no identifier.
        public = (name for name in names if name.isidentifier() and not name.startswith("_"))
        yield from (f"aiotables.{module}.{name}" for name in public)


def method_names() -> Iterator[str]:
    """Every public method of the clients and of their groups."""
    for client in (Extruct(token="x", environ={}), ZangTable(token="x", project="x", environ={})):
        yield from named(type(client), f"aiotables.{type(client).__name__}")
        yield from named(ApiClient, "aiotables.core.client.ApiClient")
        for name, part in vars(type(client)).items():
            if isinstance(part, LazyPart):
                group = type(getattr(client, name))
                yield from named(group, f"{group.__module__}.{group.__name__}")


def named(class_: type, path: str) -> Iterator[str]:
    """Full names of the public methods that a class defines."""
    return (
        f"{path}.{name}"
        for name, each in vars(class_).items()
        if not name.startswith("_") and not isinstance(each, LazyPart)
    )
