"""`aiotables report`."""

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

TABLES = "- {target: crm, name: a}\n- {target: crm, name: b}\n"


def test_forms(shell: "Shell") -> None:
    """The last run is reported as Markdown, JSON or HTML, printed or written to a file."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)
    page = shell.folder / "report.html"

    text = shell.run("report", manifest)
    data = shell.run("report", manifest, "--format", "json")
    written = shell.run("report", manifest, "--format", "html", "--output", str(page))

    assert 0 == text.code == data.code == written.code
    assert "| crm | 2 |" in text.out
    (line,) = data.lines
    assert ("report", "done", {"created": 2}) == (line["event"], line["ending"], line["tables"])
    assert "" == written.out
    assert page.read_text().startswith("<!doctype html>")


def test_earlier_run(shell: "Shell") -> None:
    """A run can be named; one that is not known is told."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)
    first = shell.run("status", manifest, "--json").lines[0]["run_id"]
    shell.run("settle", manifest)

    assert "| Command | apply |" in shell.run("report", manifest, "--run", first).out
    unknown = shell.run("report", manifest, "--run", "run_x")
    assert (1, True) == (unknown.code, "knows no run run_x" in unknown.err)


def test_output_that_cannot_be_written(shell: "Shell") -> None:
    """Where the file cannot be written that is told in one message."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    result = shell.run("report", manifest, "--output", str(shell.folder / "no" / "where.md"))

    assert 2 == result.code
    assert "No such file or directory" in result.err
