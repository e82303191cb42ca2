"""`aiotables apply --journal` and `cancel`."""

import asyncio
import os
from typing import TYPE_CHECKING

import psycopg

from aiotables.provision.postgres import PostgresJournal


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

TABLES = "- {target: crm, name: a}\n- {target: crm, name: b}\n- {target: research, name: c}\n"


def test_apply_gives_the_work_to_workers(shell: "Shell", url: str) -> None:
    """Nothing is made, and what is to be done is said; asked again, the same run goes on."""
    manifest = shell.manifest(TABLES)

    first = shell.run("apply", manifest, "--journal", url)
    again = shell.run("apply", manifest, "--journal", url)

    assert (0, 0) == (first.code, again.code)
    assert " begun: 3 tables in 2 shards\n" in first.out
    assert "aiotables worker, on any machine with the tokens, carries it out" in first.out
    assert " goes on: 3 tables in 2 shards\n" in again.out
    assert [] == shell.calls


def test_apply_as_json(shell: "Shell", url: str) -> None:
    """As JSON it is one object."""
    (line,) = shell.run("apply", shell.manifest(TABLES), "--json", AIOTABLES_JOURNAL=url).lines

    assert line.pop("run_id").startswith("run_")
    assert 3 == line.pop("workers")["requests"]
    assert {"event": "shared", "new": True, "tables": 3, "shards": 2, "tickets": 2} == line


def test_another_version_waits(shell: "Shell", url: str) -> None:
    """While a run goes on, another version of the manifest is not begun."""
    shell.run("apply", shell.manifest(TABLES), "--journal", url)

    result = shell.run("apply", shell.manifest(TABLES + "- {target: crm, name: d}\n"), "--journal", url)

    assert 1 == result.code
    assert (
        "of another version of this manifest, or with other options, goes on: wait for it, or cancel it"
        in result.err
    )


def test_database_of_another_manifest(shell: "Shell", url: str) -> None:
    """One database is the journal of one manifest."""
    shell.run("apply", shell.manifest(TABLES), "--journal", url)
    other = shell.write(
        "other.yaml",
        "manifest: other\ntargets: {crm: {service: zangtable, project: acme}}\ntables: [{target: crm, name: a}]\n",
    )

    result = shell.run("apply", str(other), "--journal", url)

    assert 1 == result.code
    assert 'is that of the manifest "shell", not of "other"' in result.err


def test_some_tables(shell: "Shell", url: str) -> None:
    """Only what is selected is given to workers."""
    manifest = shell.manifest(TABLES)

    wrong = shell.run("apply", manifest, "--journal", url, "--only", "crm/x")
    result = shell.run("apply", manifest, "--journal", url, "--only", "crm/*", "--except", "*/b")

    assert (2, 0) == (wrong.code, result.code)
    assert "no table matches 'crm/x'" in wrong.err
    assert " begun: 1 table in 1 shard\n" in result.out


def test_what_workers_do_not_do(shell: "Shell", url: str) -> None:
    """A canary, waves and a width are bad usage, and it is said what to do instead."""
    manifest = shell.manifest(TABLES)
    results = [
        shell.run("apply", manifest, "--journal", url, *words)
        for words in (("--canary", "1"), ("--wave", "2"), ("--width", "5"))
    ]

    assert [2, 2, 2] == [result.code for result in results]
    canary, wave, width = (" ".join(result.err.split()) for result in results)
    assert "workers make no canary and no waves" in canary
    assert "workers make no canary and no waves" in wave
    assert "--width is for each worker to say" in width


def test_why_a_run_was_stopped(shell: "Shell", url: str) -> None:
    """A run that took what it may says so in its status."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.create_table", when="before", what="status", status=400)
    shell.run("apply", shell.manifest(TABLES), "--journal", url, "--on-error", "stop")
    shell.run("worker", "--journal", url, "--until-done", "--shards", "1", "--width", "1")

    result = shell.run("status", "--journal", url)

    assert 1 == result.code
    assert ", 3 tables: failed: 1 table failed, and 0 may\n" in result.out


def test_saved_plan(shell: "Shell", url: str) -> None:
    """A saved plan is for one machine: it is neither made nor carried out with a database."""
    manifest, file = shell.manifest(TABLES), str(shell.folder / "plan.json")

    made = shell.run("plan", manifest, "--out", file, "--journal", url)
    shell.run("plan", manifest, "--out", file)
    applied = shell.run("apply", file, "--journal", url)

    assert (2, 2) == (made.code, applied.code)
    assert "a saved plan is carried out on one machine, by a journal in a folder" in made.err
    assert "a saved plan is carried out on one machine: leave --journal" in applied.err


async def test_journal_that_somebody_changes(shell: "Shell", url: str) -> None:
    """While another command has the journal to itself, nothing is given to workers."""
    async with PostgresJournal.alone(url, manifest="shell"):
        result = await asyncio.to_thread(shell.run, "apply", shell.manifest(TABLES), "--journal", url)

    assert 3 == result.code
    assert f"is held by process {os.getpid()} on " in result.err


def test_database_without_a_journal(alone: "Shell", url: str) -> None:
    """A database that is not ours is told as such, and stays as it is."""
    result = alone.run("cancel", "--journal", url)

    assert 1 == result.code
    assert "does not exist: nothing was applied there yet" in result.err
    with psycopg.connect(url) as connection:
        assert [] == connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'aiotables'").fetchall()


def test_cancel(shell: "Shell", url: str) -> None:
    """A run that nobody works on ends at once, as interrupted; a second time there is none to cancel."""
    shell.run("apply", shell.manifest(TABLES), "--journal", url)

    first = shell.run("cancel", "--journal", url)
    again = shell.run("cancel", "--journal", url)

    assert 0 == first.code
    assert first.out.endswith(" cancelled\n")
    assert (1, "there is no such run that goes on\n") == (again.code, again.out)
    result = shell.run("status", "--journal", url, "--json")
    assert 130 == result.code
    assert ("status", "interrupted", 3) == tuple(
        result.lines[0][name] for name in ("event", "ending", "tables")
    )
    assert ["crm", "research"] == [target["target"] for target in result.lines[0]["targets"]]


def test_cancel_while_a_worker_is_at_it(shell: "Shell", url: str) -> None:
    """A worker that has a shard finishes what it began, so the run has not ended yet."""
    run_id = shell.run("apply", shell.manifest(TABLES), "--journal", url, "--json").lines[0]["run_id"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "UPDATE aiotables.shards SET state = 'doing', due_at = clock_timestamp() + interval '1 hour' WHERE number = 0"
        )

    (line,) = shell.run("cancel", run_id, "--journal", url, "--json").lines

    assert {"event": "cancelled", "run_id": run_id, "tickets": 2, "ended": False} == line
    assert ": cancelling\n" in shell.run("status", "--journal", url).out
    assert "cancelled; workers finish the tables" in shell.run("cancel", run_id, "--journal", url).out


def test_no_journal_named(alone: "Shell") -> None:
    """What works on shared runs alone needs the name of a database."""
    results = [alone.run(command) for command in ("worker", "cancel", "status")]

    assert [2, 2, 2] == [result.code for result in results]
    assert all("name the database with --journal or AIOTABLES_JOURNAL" in result.err for result in results)


def test_journal_that_is_no_database(alone: "Shell") -> None:
    """What is no URL is refused, and not shown, for there may be a password in it."""
    result = alone.run("worker", "--journal", "mysql://me:secret@db/x")

    assert 2 == result.code
    assert "this is no URL of a PostgreSQL database" in result.err
    assert "secret" not in result.err
