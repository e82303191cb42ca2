"""Generated files as a whole: their names, their writing, and how they differ from what is on disk."""

from pathlib import Path
from typing import Any

import pytest

from codegen.generated import differences, generated_files, write
from codegen.spec import SpecError


FILES = {"a.py": "x = 1\n", "b.py": "y = 2\n"}


def test_files_of_a_service(fragments: Any) -> None:  # noqa: ANN401
    """A service has its models, its operations and a package to hold them, each saying where it is from."""
    files = generated_files(fragments.write())

    assert {"__init__.py", "models.py", "operations.py"} == files.keys()
    for content in files.values():
        assert content.startswith("# Generated from openapi/things. Do not edit: run `make generate`.\n")


def test_what_is_sent_and_received_is_told_from_the_operations(fragments: Any) -> None:  # noqa: ANN401
    """A class that only answers hold has None for absence; one that a body holds has UNSET, at any depth."""
    models = generated_files(fragments.write())["models.py"]

    assert "    shape: Shape | Unset = UNSET\n" in models
    assert "    last_fault: Fault | None = None\n" in models


def test_fragments_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    """A folder without fragments makes no empty package."""
    with pytest.raises(SpecError, match="there is no such file"):
        generated_files(tmp_path)


def test_files_are_written(tmp_path: Path) -> None:
    """What is written is what was generated, to the byte."""
    write(FILES, tmp_path / "deep" / "folder")

    assert b"x = 1\n" == (tmp_path / "deep" / "folder" / "a.py").read_bytes()


def test_files_that_are_no_longer_generated_go(tmp_path: Path) -> None:
    """A module that nothing is generated for any more does not stay behind; what is no code is left alone."""
    write({"old.py": ""}, tmp_path)
    (tmp_path / "notes.txt").touch()

    write(FILES, tmp_path)

    assert ["a.py", "b.py", "notes.txt"] == sorted(path.name for path in tmp_path.iterdir())


def test_same_files_do_not_differ(tmp_path: Path) -> None:
    """Freshly written code is not stale."""
    write(FILES, tmp_path)

    assert [] == list(differences(FILES, tmp_path))


def test_changed_file_is_shown_as_a_diff(tmp_path: Path) -> None:
    """Stale code is shown with the lines that would go and those that would come."""
    write(FILES | {"a.py": "x = 0\n"}, tmp_path)
    path = (tmp_path / "a.py").as_posix()

    assert [f"--- {path}", "+++ generated", "@@ -1 +1 @@", "-x = 0", "+x = 1"] == list(
        differences(FILES, tmp_path)
    )


def test_missing_file_is_shown_as_new(tmp_path: Path) -> None:
    """Code that was never committed is stale."""
    write({"a.py": "x = 1\n"}, tmp_path)

    assert ["@@ -0,0 +1 @@", "+y = 2"] == list(differences(FILES, tmp_path))[2:]


def test_surplus_file_is_shown_as_gone(tmp_path: Path) -> None:
    """A committed module that is no longer generated is stale."""
    write(FILES | {"c.py": "z = 3\n"}, tmp_path)

    assert ["@@ -1 +0,0 @@", "-z = 3"] == list(differences(FILES, tmp_path))[2:]


def test_other_line_ends_are_a_difference(tmp_path: Path) -> None:
    """The same lines with other ends are other bytes."""
    write(FILES, tmp_path)
    (tmp_path / "a.py").write_bytes(b"x = 1\r\n")

    assert list(differences(FILES, tmp_path))


def test_bytes_that_are_no_text_are_a_difference(tmp_path: Path) -> None:
    """A committed file that cannot even be read is stale, not a crash."""
    write(FILES, tmp_path)
    (tmp_path / "a.py").write_bytes(b"\xff")

    assert list(differences(FILES, tmp_path))
