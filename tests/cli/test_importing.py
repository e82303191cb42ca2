"""`aiotables import`: from what exists to a manifest."""

from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from tests.cli.conftest import Shell


@pytest.fixture
def people(shell: "Shell") -> str:
    """A CSV file."""
    return str(shell.write("people.csv", "id,name\n1,Ada\n"))


def test_print(shell: "Shell", people: str) -> None:
    """Without an output the manifest is printed, called after the source."""
    result = shell.run("import", people, "--project", "acme")

    assert 0 == result.code
    assert result.out.startswith(
        "manifest: people\ntargets:\n  zangtable: {service: zangtable, project: acme}\n"
    )


def test_write_and_apply(shell: "Shell", people: str) -> None:
    """What is written can be applied as it stands, and then imported from the service."""
    file = shell.folder / "my people.yaml"
    manifest = str(file)

    result = shell.run("import", people, "--project", "acme", "--output", manifest)

    assert (0, "") == (result.code, result.out)
    assert f"wrote {manifest}\n" == result.err
    assert "manifest: my-people\n" in file.read_text(encoding="utf-8")
    assert 0 == shell.run("apply", manifest, "--json").code
    again = shell.run("import", "zangtable", "--project", "acme", "--name", "again")
    assert "manifest: again\n" in again.out
    assert "- {name: id, type: INTEGER, primary: true, nullable: false}" in again.out


def test_nothing_there(shell: "Shell") -> None:
    """Where there is no table the manifest is none that could be applied, and that is said."""
    result = shell.run("import", "extruct")

    assert 1 == result.code
    assert result.out.endswith("tables:\n")
    assert "no table was found, and a manifest needs one at least\n" == result.err


def test_a_file_that_is_there_stays(shell: "Shell", people: str) -> None:
    """An output that is there is written over only when that is asked for."""
    file = shell.write("m.yaml", "mine")
    manifest = str(file)

    result = shell.run("import", people, "--project", "acme", "--output", manifest)

    assert (2, f"{manifest} is there already; --force writes over it\n") == (result.code, result.err)
    assert "mine" == file.read_text(encoding="utf-8")
    assert 0 == shell.run("import", people, "--project", "acme", "--output", manifest, "--force").code
    assert "mine" != file.read_text(encoding="utf-8")


def test_a_manifest_of_several_files(shell: "Shell") -> None:
    """One that is too large for a file needs an output, beside which the others are written."""
    files = []
    for number in range(3):
        header = ",".join(f"c{column}" for column in range(9000))
        files.append(str(shell.write(f"wide{number}.csv", f"{header}\n")))

    printed = shell.run("import", *files, "--project", "acme")
    written = shell.run("import", *files, "--project", "acme", "--output", str(shell.folder / "m.yaml"))

    assert (2, "the manifest takes 4 files; name it by --output\n") == (printed.code, printed.err)
    assert f"wrote {shell.folder / 'm.yaml'} and 3 files that it includes\n" == written.err
    assert ["m-1.yaml", "m-2.yaml", "m-3.yaml", "m.yaml"] == sorted(
        file.name for file in shell.folder.glob("*.yaml")
    )


def test_bad_usage(shell: "Shell", people: str) -> None:
    """A source that is none, a name that no manifest can have, and a file that cannot be read end with code 2."""
    assert 2 == shell.run("import").code
    assert 2 == shell.run("import", "nonsense").code
    assert 2 == shell.run("import", people, "--to", "nowhere").code
    assert 2 == shell.run("import", "none.csv", "--project", "acme").code
    assert 2 == shell.run("import", people, "--project", "acme", "--name", "a b").code
    nowhere = shell.folder / "nowhere" / "m.yaml"
    result = shell.run("import", people, "--project", "acme", "--output", str(nowhere))
    assert (2, f"{nowhere} cannot be written: No such file or directory\n") == (result.code, result.err)
