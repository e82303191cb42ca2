"""Lint as a whole: its stages, its order, and that the project's own fragments keep the rules."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codegen.lint import lint


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments

OPENAPI = Path(__file__).parents[2] / "openapi"


@pytest.mark.parametrize("service", ["extruct", "zangtable"])
def test_own_fragments_are_clean(service: str) -> None:
    """The fragments that this project is made of keep every rule."""
    assert [] == lint(OPENAPI / service)


def test_clean_fragments(fragments: "Fragments") -> None:
    """Fragments that keep every rule have no problem."""
    assert [] == fragments.problems()


def test_unreadable_files_are_told_together(fragments: "Fragments") -> None:
    """What cannot be read is told for all files at once, and nothing is concluded from the rest."""
    folder = fragments.write()
    (folder / "schemas" / "broken.yaml").write_text("a: [", encoding="utf-8")
    (folder / "paths" / "date.yaml").write_text("a: 2026-01-01\n", encoding="utf-8")

    assert [
        f"{folder.as_posix()}/paths/date.yaml",
        f"{folder.as_posix()}/schemas/broken.yaml",
    ] == [problem.file for problem in lint(folder)]


def test_later_stages_wait(fragments: "Fragments") -> None:
    """A reference that leads nowhere is told alone, since other rules rely on references."""
    fragments.put("schemas/things.yaml", "Thing", "allOf", 0, "$ref", value="#/Nothing")
    fragments.drop("schemas/things.yaml", "Fault", "x-source")

    assert [
        "schemas/things.yaml: Thing.allOf.0: '#/Nothing' leads to nothing: there is no 'Nothing'"
    ] == fragments.problems()


def test_problems_of_a_stage_are_in_order(fragments: "Fragments") -> None:
    """Problems of all rules of a stage are told together, by file and line, each once."""
    fragments.drop("schemas/things.yaml", "Fault", "x-source")
    fragments.drop("schemas/shapes.yaml", "Round", "x-evidence")
    fragments.drop("paths/things.yaml", "thing", "post", "x-effect")

    assert [
        "paths/things.yaml: thing.post: needs x-effect, one of read, replace, create, start",
        "schemas/shapes.yaml: Round: needs x-evidence, one of documented, example, inferred",
        "schemas/things.yaml: Fault: needs x-source, in words",
    ] == fragments.problems()


def test_printed_with_file_and_line(fragments: "Fragments") -> None:
    """A problem is printed so that an editor finds it, and says what is wrong where."""
    fragments.drop("schemas/shapes.yaml", "Round", "x-source")
    folder = fragments.write()

    [problem] = lint(folder)

    assert f"{folder.as_posix()}/schemas/shapes.yaml:22: Round: needs x-source, in words" == str(problem)
