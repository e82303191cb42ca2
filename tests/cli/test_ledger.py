"""`aiotables settle` and `state`: what they print, and the codes that they exit with."""

import shutil
from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

TABLES = "- {target: crm, name: a, indexes: [{columns: [id]}]}\n- {target: crm, name: b}\n"


def test_settle(shell: "Shell") -> None:
    """What is open is named with its outcome; the exit code is 4 as long as some is unknown."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.create_table", when="after", what="drop", nth=2)
    shell.emulator.fault("zangtable.get_table", when="before", what="status", status=403)
    manifest = shell.manifest(TABLES)
    assert 4 == shell.run("apply", manifest).code

    unknown = shell.run("settle", manifest)
    shell.emulator.clear_faults()
    found, nothing = shell.run("settle", manifest, "--json"), shell.run("settle", manifest)

    assert 4 == unknown.code
    assert "unknown: crm/b create: create: the token may not look" in unknown.out
    assert unknown.out.endswith("1 unknown\n")
    assert ("settled", "adopted") == (found.lines[0]["event"], found.lines[0]["outcome"])
    assert (0, "settle_ended") == (found.code, found.lines[1]["event"])
    assert (0, "nothing is open\n") == (nothing.code, nothing.out)


@pytest.mark.parametrize("command", [["settle"], ["state", "list"], ["state", "runs"]])
def test_before_the_first_run(shell: "Shell", command: list[str]) -> None:
    """Without a journal that is said, and none is made."""
    result = shell.run(*command, shell.manifest(TABLES))

    assert 1 == result.code
    assert "nothing was applied there yet" in result.err
    assert not (shell.folder / ".aiotables").exists()


def test_list(shell: "Shell") -> None:
    """Each table is a line with its state, its id and how much else there is."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    assert (
        "created    crm/a  1  and 1 more step\ncreated    crm/b  2\n"
        == shell.run("state", "list", manifest).out
    )
    assert ["a", "b"] == [line["key"] for line in shell.run("state", "list", manifest, "--json").lines]


def test_runs(shell: "Shell") -> None:
    """Runs come latest first, each with what it was to do."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)
    shell.run("settle", manifest)

    lines = shell.run("state", "runs", manifest).out.splitlines()
    runs = shell.run("state", "runs", manifest, "--json").lines

    assert [["settle", "done"], ["apply", "done"]] == [line.split()[1:] for line in lines]
    assert ["settle", "apply"] == [run["command"] for run in runs]


def test_show(shell: "Shell") -> None:
    """All facts of a table come with their time, the reason included."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.create_index", when="before", what="status", status=422)
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    lines = shell.run("state", "show", manifest, "crm/a").out.splitlines()
    facts = shell.run("state", "show", manifest, "crm/a", "--json").lines

    assert ["create intent", "create created 1", "index:idx_a_id intent"] == [line[31:] for line in lines[:3]]
    assert "index:idx_a_id failed  zangtable.create_index: " in lines[3]
    assert ["intent", "created", "intent", "failed"] == [fact["outcome"] for fact in facts]


def test_show_nothing(shell: "Shell") -> None:
    """A table that is not in the journal, or not named as one, is told in one message."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    unknown, wrong = shell.run("state", "show", manifest, "crm/x"), shell.run("state", "show", manifest, "a")

    assert (1, 2) == (unknown.code, wrong.code)
    assert "The journal has nothing of crm/x" in unknown.err
    assert "a table is named as TARGET/KEY, such as crm/contacts; got 'a'" in wrong.err


def test_forget(shell: "Shell") -> None:
    """Forgotten tables are told, and stay."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    result = shell.run("state", "forget", manifest, "crm/a", "crm/b")

    assert (0, "2 forgotten; the tables are as they were\n") == (result.code, result.out)
    assert "absent     crm/b\n" in shell.run("state", "list", manifest).out
    assert 0 == shell.run("verify", manifest).code


def test_adopt(shell: "Shell") -> None:
    """When the journal was lost it is built anew; the exit code is 1 when a table is missing."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)
    shutil.rmtree(shell.folder / ".aiotables")

    first = shell.run("state", "adopt", manifest)
    more = shell.run("state", "adopt", shell.manifest(TABLES + "- {target: crm, name: c}\n"), "--json")

    assert (0, "found     crm/a  1\nfound     crm/b  2\n") == (first.code, first.out)
    assert 1 == more.code
    assert ["known", "known", "missing"] == [line["taken"] for line in more.lines]
    differing = (
        "- {target: crm, name: a, columns: [{name: id, primary: true, type: TEXT, nullable: false}]}\n"
    )
    assert "conflict  crm/a: column id is there" in shell.run("state", "adopt", shell.manifest(differing)).out
