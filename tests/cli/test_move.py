"""`aiotables move`."""

import time
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

TABLES = "- {target: crm, name: a}\n- {target: crm, name: b}\n"


def test_run_goes_on_in_the_database(shell: "Shell", url: str) -> None:
    """A run whose reply was lost is moved; workers settle what it left, make the rest, and nothing twice."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.create_table", when="after", what="drop", nth=1)
    manifest = shell.manifest(TABLES)
    apply = shell.start("apply", manifest, "--json")
    while "zangtable.create_table" not in shell.calls:
        time.sleep(0.05)
    apply.kill()
    shell.finish(apply)
    state = str(shell.folder / ".aiotables" / "m")

    moved = shell.run("move", state, url)
    refused = shell.run("apply", manifest)
    shell.run("apply", manifest, "--journal", url)
    worked = shell.run("worker", "--until-done", "--journal", url)

    assert (0, 1, 0) == (moved.code, refused.code, worked.code)
    assert "aiotables apply --journal goes on with them" in moved.out
    assert "was moved to the database" in refused.err
    assert ": done\n" in shell.run("status", "--journal", url).out
    assert 0 == shell.run("verify", manifest).code


def test_as_json(shell: "Shell", url: str) -> None:
    """As JSON it is one object; the database may be named by the environment."""
    assert 0 == shell.run("apply", shell.manifest(TABLES)).code
    state = str(shell.folder / ".aiotables" / "m")

    (line,) = shell.run("move", state, "--json", AIOTABLES_JOURNAL=url).lines

    assert {"event": "moved", "manifest": "shell", "runs": 1, "facts": 4} == line


def test_where_to(alone: "Shell") -> None:
    """Without a database there is nowhere to move to."""
    result = alone.run("move", str(alone.folder))

    assert 2 == result.code
    assert "name the database with --journal or AIOTABLES_JOURNAL" in result.err
