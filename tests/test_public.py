"""The names that the package promises."""

import ast
import importlib
import subprocess
import sys
from importlib.resources import files
from types import ModuleType

import pytest

import aiotables
from aiotables import extruct, provision, zangtable
from aiotables.core import errors


PACKAGES = [aiotables, extruct, provision, zangtable]


def declared(package: ModuleType) -> set[str]:
    """The names that type checkers see: those imported under `if TYPE_CHECKING`."""
    tree = ast.parse((files(package) / "__init__.py").read_text(encoding="utf-8"))
    blocks = [
        node for node in tree.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    ]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in imports for alias in node.names}


def name(package: ModuleType) -> str:
    """For the test's id."""
    return package.__name__


@pytest.mark.parametrize("package", PACKAGES, ids=name)
def test_all_names_are_there(package: ModuleType) -> None:
    """Each promised name can be had, and is promised once."""
    assert all(hasattr(package, name) for name in package.__all__)
    assert len(set(package.__all__)) == len(package.__all__)


@pytest.mark.parametrize("package", PACKAGES, ids=name)
def test_checkers_see_the_same_names(package: ModuleType) -> None:
    """What type checkers see is what is promised."""
    assert set(package.__all__) - {"__version__"} == declared(package)


@pytest.mark.parametrize("package", PACKAGES, ids=name)
def test_names_come_from_where_checkers_see_them(package: ModuleType) -> None:
    """Each name is the object that its declared import gives, under its own name."""
    tree = ast.parse((files(package) / "__init__.py").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]

    for node in imports:
        home = importlib.import_module(node.module or "")
        for alias in node.names:
            if alias.name in package.__all__:
                assert getattr(home, alias.name) is getattr(package, alias.name)


def test_star_import() -> None:
    """All names come with a star, too."""
    names: dict[str, object] = {}

    exec("from aiotables import *", names)  # noqa: S102 -- what a user types

    assert set(aiotables.__all__) <= set(names)


def test_unknown_name() -> None:
    """A name that is not promised is an attribute that is not there."""
    with pytest.raises(AttributeError, match="module 'aiotables' has no attribute 'Other'"):
        _ = aiotables.Other


def test_every_error_is_public() -> None:
    """Each error of the tree can be caught by its public name."""
    own = {
        thing.__name__
        for thing in vars(errors).values()
        if isinstance(thing, type) and issubclass(thing, errors.AiotablesError)
    }

    assert own <= set(aiotables.__all__)


def test_importing_is_cheap() -> None:
    """Importing the package loads neither a service nor what sends and converts."""
    code = (
        "import sys; before = set(sys.modules); import aiotables; "
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before}), "
        "sorted(name for name in sys.modules if name.startswith('aiotables.')))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "['aiotables.core" not in done.stdout
    assert not any(f"'{heavy}'" in done.stdout for heavy in ("aiohttp", "cattrs", "orjson", "yarl", "attrs"))
    assert "['aiotables._lazy', 'aiotables._version']" in done.stdout


@pytest.mark.parametrize("first", ["Extruct", "ZangTable"])
def test_one_service_does_not_load_the_other(first: str) -> None:
    """Who uses one service loads neither the other nor aiohttp, which comes with the first call."""
    code = f"import sys, aiotables; aiotables.{first}; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    other = {"Extruct": "aiotables.zangtable", "ZangTable": "aiotables.extruct"}[first]
    assert {"aiohttp", other, f"{other}.client"}.isdisjoint(loaded)


def test_models_and_operations_are_public() -> None:
    """The models and operations of a service have modules of their own, and what is generated is all there."""
    for service in (extruct, zangtable):
        for module in ("models", "operations"):
            public = importlib.import_module(f"{service.__name__}.{module}")
            generated = importlib.import_module(f"{service.__name__}._generated.{module}")
            assert all(getattr(public, name) is getattr(generated, name) for name in generated.__all__)


def test_types_are_shipped() -> None:
    """The package says that it is typed."""
    assert (files(aiotables) / "py.typed").is_file()
