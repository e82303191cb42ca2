"""`aiotables worker`."""

import asyncio
import signal
import sys
import time
from typing import TYPE_CHECKING

import psycopg
import pytest

from aiotables.cli.worker import Signals, _line
from aiotables.provision.engines.events import (
    ShardLeft,
    ShardTaken,
    SharedRunEnded,
    WorkerEvent,
    WorkerLacks,
)
from aiotables.provision.events import Settling, TableDone
from aiotables.provision.journal import OutcomeKind


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

TABLES = "- {target: crm, name: a}\n- {target: crm, name: b}\n- {target: research, name: c}\n"


def test_worker_makes_what_was_shared(shell: "Shell", url: str) -> None:
    """It makes all tables, tells of shards and of the end, and ends."""
    shell.run("apply", shell.manifest(TABLES), "--journal", url)

    result = shell.run("worker", "--until-done", "--journal", url)

    assert 0 == result.code
    lines = result.err.splitlines()
    assert {"crm shard 0: 2 tables", "crm shard 0 done: 2 created", "research shard 1 done: 1 created"} <= {
        *lines
    }
    assert lines[-1].endswith(" ended")
    assert ": done\n" in shell.run("status", "--journal", url).out


def test_as_json(shell: "Shell", url: str) -> None:
    """As JSON each event is an object with the name of the worker."""
    shell.run("apply", shell.manifest(TABLES), "--journal", url)

    lines = shell.run("worker", "--until-done", "--name", "w", "--json", "--journal", url).lines

    assert {"w"} == {line["worker"] for line in lines}
    events = [line["event"] for line in lines]
    assert (2, 3, 2, 1) == tuple(
        events.count(name) for name in ("shard_taken", "table_done", "shard_left", "run_ended")
    )
    assert ["a", "b", "c"] == sorted(line["key"] for line in lines if line["event"] == "table_done")


def test_nothing_to_do(alone: "Shell", url: str) -> None:
    """When there is no run, one that is to end with the last run ends."""
    result = alone.run("worker", "--until-done", "--journal", url)

    assert (0, "", "") == (result.code, result.out, result.err)


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
def test_interrupts(shell: "Shell", url: str) -> None:
    """An interrupt once lets it finish what is under way; while a call hangs, a second one stops it."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.create_table", when="before", what="stall", stall_seconds=60)
    manifest = shell.manifest(TABLES.replace("\n- {target: research, name: c}", ""))
    text = (shell.folder / "m.yaml").read_text()
    shell.write("m.yaml", text.replace("timeout: 1, grace: 1.5", "timeout: 50, grace: 60"))
    shell.run("apply", manifest, "--journal", url)
    worker = shell.start("worker", "--journal", url, "--json")
    assert worker.stdout is not None
    assert worker.stderr is not None
    assert '"shard_taken"' in worker.stdout.readline()
    # Taken is not begun: before its first intent a table is not under way, and one interrupt would be enough.
    with psycopg.connect(url, autocommit=True) as connection:
        while not connection.execute("SELECT 1 FROM aiotables.steps").fetchone():
            time.sleep(0.05)

    worker.send_signal(signal.SIGINT)
    assert worker.stderr.readline().startswith("finishing what is under way")
    worker.send_signal(signal.SIGINT)
    result = shell.finish(worker)

    assert (130, "") == (result.code, result.err)
    (left,) = (line for line in result.lines if line["event"] == "shard_left")
    assert ("lost", "the worker was stopped") == (left["ending"], left["reason"])


async def test_signals_while_it_connects() -> None:
    """Before it works it has nothing to finish; when even stopping takes too long, a third signal ends the process."""
    codes: list[int] = []
    task = asyncio.create_task(asyncio.sleep(60))
    signals = Signals(task, end=codes.append)

    signals.drain()
    await asyncio.wait([task])
    signals.stop()

    assert task.cancelled()
    assert [] == codes
    signals.stop()
    assert [130] == codes


ABOUT = {"run_id": "run_1", "target": "crm"}


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("crm shard 3: 10 tables", ShardTaken(**ABOUT, shard=3, tables=10, tries=1)),
        (
            "crm shard 3 again: 1 created: it is gone",
            ShardLeft(
                **ABOUT,
                shard=3,
                ending="again",
                counts={"created": 1, "failed": 0},
                requests=1,
                reason="it is gone",
            ),
        ),
        ("crm shard 3 lost: nothing", ShardLeft(**ABOUT, shard=3, ending="lost", counts={}, requests=0)),
        ("cannot work on crm: no token", WorkerLacks(**ABOUT, reason="no token")),
        ("run_1 ended", SharedRunEnded(run_id="run_1")),
        (
            "failed: crm/a: in the way",
            TableDone(
                target="crm",
                key="a",
                outcome=OutcomeKind.FAILED,
                steps=1,
                reason="in the way",
                origin="m.yaml:1",
            ),
        ),
        (
            None,
            TableDone(
                target="crm", key="a", outcome=OutcomeKind.CREATED, steps=1, reason="", origin="m.yaml:1"
            ),
        ),
        (None, Settling(target="crm", key="a", step="create", reason="lost")),
    ],
)
def test_lines(line: str | None, event: WorkerEvent) -> None:
    """A person is told of shards, of what is lacking and of what went wrong; not of each table that was made."""
    assert line == _line(event)
