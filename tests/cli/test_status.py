"""`aiotables status`: what the journal knows, from outside."""

import asyncio
from typing import TYPE_CHECKING

from aiotables.provision.journal import SqliteJournal


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

TABLES = "- {target: crm, name: a, indexes: [{columns: [id]}]}\n- {target: crm, name: b}\n"


def test_before_the_first_run(shell: "Shell") -> None:
    """Before the first run there is nothing to tell; that is said in one message."""
    result = shell.run("status", shell.manifest(TABLES))

    assert 1 == result.code
    assert "does not exist: nothing was applied there yet" in result.err


def test_nothing_named(shell: "Shell") -> None:
    """Without a manifest, what can be named is said, the manifest first."""
    result = shell.run("status")

    assert 2 == result.code
    assert "name the manifest; or for a run of workers, name the database with --journal" in result.err


def test_journal_of_workers(shell: "Shell", url: str) -> None:
    """The journal that is named is the one that is read, also when the manifest is named."""
    manifest = shell.manifest("- {target: crm, name: a}\n")
    shell.run("apply", manifest, "--journal", url)

    result = shell.run("status", manifest, "--journal", url)

    assert 0 == result.code
    assert ", 1 table: goes on" in result.out


def test_journal_without_a_run(shell: "Shell") -> None:
    """A journal that was opened and not yet used has no run, which is told as what was never applied is."""

    async def opened() -> None:
        async with SqliteJournal.open(shell.folder / ".aiotables" / "m"):
            pass

    asyncio.run(opened())

    result = shell.run("status", shell.manifest(TABLES))

    assert (1, "no run yet\n") == (result.code, result.out)
    assert None is shell.run("status", shell.manifest(TABLES), "--json").lines[0]["run_id"]


def test_after_a_run(shell: "Shell") -> None:
    """The ending and the steps by outcome are told, and each problem with its reason."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.create_index", when="before", what="status", status=422)
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    result = shell.run("status", manifest)

    assert 1 == result.code
    assert ": failed\n" in result.out
    assert "          2  steps created" in result.out
    assert "          1  steps failed" in result.out
    assert "failed: crm/a index:idx_a_id: zangtable.create_index" in result.out


def test_json(shell: "Shell") -> None:
    """As JSON the same is one object."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.create_index", when="before", what="status", status=422)
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    (line,) = shell.run("status", manifest, "--json").lines

    assert ("status", "failed") == (line["event"], line["ending"])
    assert {"created": 2, "failed": 1, "intent": 0} == {
        name: line["steps"][name] for name in ("created", "failed", "intent")
    }
    (problem,) = line["problems"]
    assert ("crm", "a", "index:idx_a_id", "failed") == tuple(
        problem[name] for name in ("target", "key", "step", "outcome")
    )
    assert "zangtable.create_index" in problem["reason"]


def test_run_that_was_killed(shell: "Shell") -> None:
    """A run that has not ended, and that nobody holds the folder for, was killed; what it left open is counted."""

    async def killed() -> None:
        async with SqliteJournal.open(shell.folder / ".aiotables" / "m") as journal:
            await journal.begin_run("m.yaml", "0")

    asyncio.run(killed())

    result = shell.run("status", shell.manifest(TABLES))

    assert 130 == result.code
    assert ": killed; the same command goes on from there\n" in result.out
    assert "          0  steps open (sent, no outcome yet)" in result.out


def test_journal_of_another_manifest(shell: "Shell") -> None:
    """A manifest that comes upon another's journal, because it has its file's name, is told so; nothing is mixed."""
    assert 0 == shell.run("apply", shell.manifest(TABLES)).code
    other = shell.write(
        "m.json",
        '{"manifest": "labels", "targets": {"crm": {"service": "zangtable", "project": "acme"}}, '
        '"tables": [{"target": "crm", "name": "a"}]}',
    )

    results = [shell.run(command, str(other)) for command in ("status", "plan", "apply")]

    assert {1} == {result.code for result in results}
    assert all('is that of the manifest "shell", not of "labels"' in result.err for result in results)


async def test_run_that_goes_on(shell: "Shell") -> None:
    """A run that goes on is told as such, from another process or thread."""
    manifest = shell.manifest(TABLES)
    async with SqliteJournal.open(shell.folder / ".aiotables" / "m", manifest="shell") as journal:
        await journal.begin_run("m.yaml", "0", command="destroy")

        told = await asyncio.to_thread(shell.run, "status", manifest)
        data = await asyncio.to_thread(shell.run, "status", manifest, "--json")

    assert 0 == told.code
    assert ", destroy, begun " in told.out
    assert ": under way\n" in told.out
    assert ("destroy", None, True) == tuple(data.lines[0][name] for name in ("command", "ending", "going_on"))
