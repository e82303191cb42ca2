"""`aiotables status --journal`."""

import asyncio
from typing import TYPE_CHECKING

from aiotables.provision.postgres import PostgresJournal


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

TABLES = "- {target: crm, name: a}\n- {target: crm, name: b}\n- {target: research, name: c}\n"


def test_before_the_first_run(alone: "Shell", url: str) -> None:
    """There is nothing to tell, whether or not a worker made the tables; the code is that of a folder without a run."""
    without = alone.run("status", "--journal", url)
    alone.run("worker", "--until-done", "--journal", url)
    empty = alone.run("status", "--journal", url)

    assert 1 == without.code
    assert "does not exist: nothing was applied there yet" in without.err
    assert (1, "no run yet\n") == (empty.code, empty.out)


def test_run_that_goes_on(shell: "Shell", url: str) -> None:
    """What is done so far is told for each target."""
    shell.run("apply", shell.manifest(TABLES), "--journal", url)

    result = shell.run("status", "--journal", url)

    assert 0 == result.code
    first, *targets = result.out.splitlines()
    assert first.endswith(", 3 tables: goes on")
    assert [
        "  crm: 0 of 1 shard done, 0 under way; nothing yet of 2 tables",
        "  research: 0 of 1 shard done, 0 under way; nothing yet of 1 table",
    ] == targets


def test_run_that_failed(shell: "Shell", url: str) -> None:
    """The exit code is that of the run, for programs that wait for it."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.create_table", when="before", what="status", status=422, nth=1)
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest, "--journal", url)
    shell.run("worker", "--until-done", "--journal", url)

    result = shell.run("status", manifest, "--json", "--journal", url)

    assert 1 == result.code
    (line,) = result.lines
    assert ("status", "apply", "failed", 3) == tuple(
        line[name] for name in ("event", "command", "ending", "tables")
    )
    assert [1, 0] == [target["failed"] for target in line["targets"]]


def test_run_that_is_no_workers(shell: "Shell", url: str) -> None:
    """When the last run was a command's, that is told as on one machine."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest, "--journal", url)
    shell.run("worker", "--until-done", "--journal", url)
    shell.run("settle", manifest, "--journal", url)

    result = shell.run("status", "--journal", url)

    assert 0 == result.code
    assert ", settle, begun " in result.out
    assert "          3  steps created" in result.out


async def test_command_that_goes_on(shell: "Shell", url: str) -> None:
    """A command is under way while its process has the journal, and killed when none does."""
    async with PostgresJournal.alone(url, manifest="shell") as journal:
        await journal.begin_run("m.yaml", "0", command="destroy")
        going = await asyncio.to_thread(shell.run, "status", "--journal", url)
    killed = await asyncio.to_thread(shell.run, "status", "--journal", url)

    assert (0, 130) == (going.code, killed.code)
    assert ": under way\n" in going.out
    assert ": killed; the same command goes on from there\n" in killed.out


def test_another_manifest(shell: "Shell", url: str) -> None:
    """A manifest that is named has to be the one whose journal it is."""
    shell.run("apply", shell.manifest(TABLES), "--journal", url)
    other = shell.write("other.json", '{"manifest": "other"}')

    result = shell.run("status", str(other), "--journal", url)

    assert 1 == result.code
    assert (
        'is that of the manifest "shell", not of "other": name another database with --journal' in result.err
    )
