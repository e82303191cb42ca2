"""`aiotables destroy` and `rollback`: what they list, ask and print."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

TABLES = "- {target: research, name: Labels, rows: [{input: a.example}]}\n- {target: research, name: Shops}\n"


def run_of(shell: "Shell", manifest: str) -> str:
    """The id of the last run."""
    return str(shell.run("status", manifest, "--json").lines[0]["run_id"])


def test_destroy(shell: "Shell") -> None:
    """With `--yes` all that was made goes, and a second time there is nothing to delete."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    first, second = (shell.run("destroy", manifest, "--yes") for _ in range(2))

    assert (0, 0) == (first.code, second.code)
    assert "2 to delete\n2 deleted, 0 gone, 0 left, 0 failed, 0 unknown; done in " in first.out
    assert "nothing to delete\n" == second.out


def test_list_without_leave(shell: "Shell") -> None:
    """Without `--yes` and a terminal to ask at, the tables are listed and stay; the exit code is 2."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    result = shell.run("destroy", manifest)

    assert (2, "- research/Labels\n- research/Shops\n2 to delete\n") == (result.code, result.out)
    assert "--yes deletes them\nnothing was deleted\n" == result.err
    assert "extruct.delete_table" not in shell.calls


def at_terminal(
    shell: "Shell", manifest: str, answer: Callable[["subprocess.Popen[bytes]", int], object]
) -> int:
    """The exit code of a `destroy` at a terminal, whose question is answered."""
    person, program = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "aiotables", "destroy", manifest],
        env={**os.environ, **shell.environ},
        stdin=program,
        stdout=subprocess.DEVNULL,
        stderr=program,
    )
    os.close(program)
    try:
        read = b""
        while not read.endswith(b"Delete them for ever? Type yes: "):
            read += os.read(person, 4096)
        answer(process, person)
        return process.wait(60)
    finally:
        process.kill()
        process.wait()
        os.close(person)


@pytest.mark.parametrize(
    ("answer", "code"), [("yes\n", 0), ("YES \n", 0), ("y\n", 2), ("\n", 2), ("\x04", 2)]
)
def test_asked(shell: "Shell", answer: str, code: int) -> None:
    """At a terminal it asks, and only the whole word is leave."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    assert code == at_terminal(shell, manifest, lambda _, person: os.write(person, answer.encode()))
    assert (code == 0) == ("extruct.delete_table" in shell.calls)


def test_interrupted_at_the_question(shell: "Shell") -> None:
    """Ctrl-C in place of an answer ends it at once, and nothing is deleted."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    assert 130 == at_terminal(shell, manifest, lambda process, _: process.send_signal(signal.SIGINT))
    assert "extruct.delete_table" not in shell.calls


def test_json(shell: "Shell") -> None:
    """As JSON each thing is an event: what would be deleted, and what became of it."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    asked = shell.run("destroy", manifest, "--json")
    done = shell.run("destroy", manifest, "--json", "--yes")

    assert 2 == asked.code
    assert ["to_remove", "to_remove"] == [line["event"] for line in asked.lines]
    assert ["Labels", "Shops"] == [line["key"] for line in asked.lines]
    assert ["removal_started", "removed", "removed", "removal_ended"] == [
        line["event"] for line in done.lines
    ]
    assert {"done"} == {done.lines[-1]["ending"]}


def test_many(shell: "Shell") -> None:
    """Twenty are named, and the rest is counted; so it is with those that could not be deleted."""
    assert shell.emulator is not None
    manifest = shell.manifest("".join(f"- {{target: research, name: T{n:02}}}\n" for n in range(23)))
    shell.run("apply", manifest)
    shell.emulator.fault("extruct.delete_table", when="before", what="status", status=403)

    listed, failed = shell.run("destroy", manifest), shell.run("destroy", manifest, "--yes")

    assert "- research/T19\n  … and 3 more\n23 to delete\n" in listed.out
    assert 1 == failed.code
    assert 20 == failed.out.count("failed: research/T")
    assert "… and 3 more; --json names all\n0 deleted" in failed.out


def test_rollback(shell: "Shell") -> None:
    """What a run made is listed by table and step, and goes."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)
    shell.run("apply", shell.manifest(TABLES.replace("a.example}", "a.example}, {input: b.example}")))
    run_id = run_of(shell, manifest)

    listed = shell.run("rollback", manifest, run_id)
    done = shell.run("rollback", manifest, run_id, "--yes")

    assert (2, "- research/Labels rows:1\n1 to delete\n") == (listed.code, listed.out)
    assert 0 == done.code
    assert "1 deleted" in done.out
    assert "extruct.delete_table" not in shell.calls


def test_rollback_of_no_run(shell: "Shell") -> None:
    """A run that is not known is told in one message."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    result = shell.run("rollback", manifest, "run_x", "--yes")

    assert 1 == result.code
    assert "The journal knows no run run_x" in result.err


def test_before_the_first_run(shell: "Shell") -> None:
    """Before the first run there is nothing to destroy."""
    result = shell.run("destroy", shell.manifest(TABLES), "--yes")

    assert 1 == result.code
    assert "nothing was applied there yet" in result.err


def test_interrupted(shell: "Shell", monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped at once it says so by its exit code, and the next run goes on."""
    assert shell.emulator is not None
    manifest = shell.manifest(TABLES)
    file = shell.folder / "m.yaml"
    file.write_text(file.read_text().replace("timeout: 1, grace: 1.5", "timeout: 60"))
    shell.run("apply", manifest)
    shell.emulator.fault("extruct.delete_table", when="after", what="stall", stall_seconds=30.0)
    process = shell.start("destroy", manifest, "--yes", "--json")
    assert process.stdout is not None
    assert "removal_started" in process.stdout.readline()
    with closing(sqlite3.connect(shell.folder / ".aiotables" / "m" / "journal.sqlite")) as journal:
        while not journal.execute("SELECT 1 FROM facts WHERE step = 'delete:create'").fetchone():
            time.sleep(0.01)

    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "once more to stop at once" in process.stderr.readline()
    process.send_signal(signal.SIGINT)

    assert 130 == shell.finish(process).code
    shell.emulator.clear_faults()
    assert 0 == shell.run("destroy", manifest, "--yes").code


def test_new_project(shell: "Shell") -> None:
    """A project that was made is listed with its tables, and deleted with leave alone."""
    manifest = shell.founding("- {target: crm, name: a}\n")
    assert 0 == shell.run("apply", manifest, "--yes", ACME_PASSWORD="x").code
    run_id = run_of(shell, manifest)

    listed = shell.run("destroy", manifest)
    left = shell.run("rollback", manifest, run_id, "--yes")
    gone = shell.run("destroy", manifest, "--yes", "--projects")

    assert "- crm/ project\n- crm/a\n2 to delete\n" == listed.out
    assert 1 == left.code
    assert "left: crm/ project: the project acme-crm was made by" in left.out
    assert (0, True) == (gone.code, "1 deleted, 1 gone" in gone.out)
