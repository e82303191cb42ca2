"""The page about changes of a service is true: its edits can be made, and the commands print what it shows."""

import doctest
import importlib.util
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from aiotables.core.convert import Converter
from codegen.__main__ import main


ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "aiotables"
PAGE = (ROOT / "docs" / "spec-changes.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", PAGE, re.MULTILINE))
OPERATION = "An operation"


def blocks(section: str) -> Iterator[str]:
    """The blocks of a section, in their order."""
    yield from re.findall(r"^```text\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def edit(openapi: Path, text: str) -> None:
    """Do what a block asks for: the first line names the file, the others are its old lines and its new ones."""
    name, *lines = text.splitlines()
    file = openapi.parent / name
    old = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
    new = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
    content = file.read_text()
    assert 1 == content.count(old), f"not there, or not once:\n{old}"
    file.write_text(content.replace(old, new))


def assert_shown(expected: str, printed: str) -> None:
    """What the page shows was printed, line for line; `...` leaves lines out."""
    at = 0
    lines = [line.rstrip() for line in printed.splitlines()]
    for piece in re.split(r"^\.\.\.$", expected, flags=re.MULTILINE):
        wanted = [line.rstrip() for line in piece.strip("\n").splitlines()]
        places = (place for place in range(at, len(lines)) if wanted == lines[place : place + len(wanted)])
        place = next(places, None)
        assert place is not None, f"expected\n{piece}\nprinted\n{printed}"
        at = place + len(wanted)


def generated_models(source: Path) -> ModuleType:
    """The models of Extruct that were generated into a folder."""
    spec = importlib.util.spec_from_file_location("drill", source / "extruct" / "_generated" / "models.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["drill"] = module
    spec.loader.exec_module(module)
    return module


def assert_python(text: str, source: Path) -> None:
    """The lines work with the generated models, and print what the page shows."""
    known = {"models": generated_models(source), "converter": Converter()}
    test = doctest.DocTestParser().get_doctest(text, known, "page", "spec-changes.md", 0)
    told: list[str] = []
    result = doctest.DocTestRunner().run(test, out=told.append)
    assert 0 == result.failed, "".join(told)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """The fragments of Extruct as they are, and a copy to edit."""
    for name in ("old", "new"):
        shutil.copytree(ROOT / "openapi" / "extruct", tmp_path / name / "openapi" / "extruct")
    yield tmp_path / "old" / "openapi", tmp_path / "new" / "openapi"
    sys.modules.pop("drill", None)


def test_page_has_the_four_changes() -> None:
    """A field, a value of an enum, a column kind and an operation are shown."""
    assert ["A field", "A value of an enum", "A column kind", OPERATION] == list(SECTIONS)
    assert all("Left to write: nothing." in SECTIONS[name] for name in SECTIONS if name != OPERATION)


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_section(
    section: str, services: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who makes the edits of a section sees what it shows, and the generated code does what it says."""
    old, new = services
    commands = {
        "$ python -m codegen diff HEAD": ["diff", str(old), str(new)],
        "$ python -m codegen check": ["check", "--openapi", str(new), "--source", str(SOURCE)],
    }
    for block in blocks(SECTIONS[section]):
        first, _, rest = block.partition("\n")
        if first in commands:
            main(commands[first])
            assert_shown(rest, capsys.readouterr().out)
        elif first.startswith(">>>"):
            main(["generate", "--openapi", str(new), "--source", str(tmp_path)])
            assert_python(block, tmp_path)
        else:
            edit(new, block)
