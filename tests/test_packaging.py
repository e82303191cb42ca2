"""What a wheel is made of, as far as it can be told without building one."""

import re
import tomllib
from pathlib import Path


ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BUILD = PROJECT["tool"]["setuptools"]
MADE = {".c", ".py", ".pyc", ".pyd", ".so"}
"""Suffixes of code, and of what is made of it."""


def packages() -> dict[str, Path]:
    """The folders that setuptools finds in src/, by the names of their packages."""
    folders = (init.parent for init in SOURCE.rglob("__init__.py"))
    return {".".join(folder.relative_to(SOURCE).parts): folder for folder in folders}


def test_every_module_is_in_a_package() -> None:
    """No folder with modules lacks an __init__.py: setuptools would leave it out."""
    assert {module.parent for module in (SOURCE / "aiotables").rglob("*.py")} == set(packages().values())
    assert {"where": ["src"], "namespaces": False} == BUILD["packages"]["find"]


def test_every_other_file_is_package_data() -> None:
    """A page, a script or a table beside the modules comes with the wheel."""
    found = packages()
    patterns = BUILD["package-data"]
    everywhere = [(folder, pattern) for folder in found.values() for pattern in patterns["*"]]
    somewhere = [(found[name], pattern) for name in set(patterns) - {"*"} for pattern in patterns[name]]

    data = {file for folder, pattern in everywhere + somewhere for file in folder.glob(pattern)}

    assert data == {
        file for file in (SOURCE / "aiotables").rglob("*") if file.is_file() and file.suffix not in MADE
    }
    assert all(any(folder.glob(pattern)) for folder, pattern in somewhere)
    assert SOURCE / "aiotables" / "py.typed" in data


def test_extension_is_optional() -> None:
    """Without a compiler the package is installed all the same."""
    (extension,) = BUILD["ext-modules"]

    assert extension["optional"] is True


def test_setting_up_compiles_the_extension_of_the_build() -> None:
    """`make` sets up anew when the C source changes, and that source is of the module that the build names."""
    (extension,) = BUILD["ext-modules"]
    (source,) = extension["sources"]

    assert f"src/{extension['name'].replace('.', '/')}.c" == source
    assert (ROOT / source).is_file()
    assert f"\nEXTENSION := {source}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_what_builds_is_pinned() -> None:
    """The same releases of what builds make every wheel of a checkout."""
    needed = [re.split(r"[<>=~!]", requirement)[0] for requirement in PROJECT["build-system"]["requires"]]
    pinned = re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)

    assert "setuptools" in needed
    assert set() == set(needed) - set(pinned)
