"""`aiotables doctor`."""

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

TABLES = "- {target: crm, name: a}\n- {target: crm, name: b}\n"


def test_whole(shell: "Shell") -> None:
    """Nothing is the matter with the journal of a run; before the first run there is none, which is harmless."""
    manifest = shell.manifest(TABLES)

    before = shell.run("doctor", manifest)
    shell.run("apply", manifest)
    after = shell.run("doctor", manifest, "--repair")

    assert (0, "none_there: There is no journal. ") == (before.code, before.out[:33])
    assert (0, "nothing is the matter\n") == (after.code, after.out)


def test_torn(shell: "Shell") -> None:
    """A damaged journal is told with code 1, and repaired when that is asked for; apply goes on from what is there."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)
    file = shell.folder / ".aiotables" / "m" / "journal.sqlite"
    file.write_bytes(b"\0" * 100 + file.read_bytes()[100:])

    told, done = shell.run("doctor", manifest), shell.run("doctor", manifest, "--repair")

    assert 1 == told.code
    assert "torn: The file is damaged: " in told.out
    assert 0 == done.code
    assert "kept as it was: " in done.out
    assert "in the journal now: 0 facts of 0 runs; lost: 0 facts" in done.out
    assert 0 == shell.run("apply", manifest).code
    assert 0 == shell.run("verify", manifest).code


def test_json(shell: "Shell") -> None:
    """As JSON, findings and what was done are events."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)
    other = shell.write("m.json", '{"manifest": "labels"}')

    result = shell.run("doctor", str(other), "--json", "--repair")

    finding, mended = result.lines
    assert ("finding", "foreign", False) == (finding["event"], finding["trouble"], finding["harmless"])
    assert ("mended", 0) == (mended["event"], mended["lost"])
    assert 0 == result.code
    assert "none_there" in shell.run("doctor", manifest, "--json").out
