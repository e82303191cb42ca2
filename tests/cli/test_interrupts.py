"""Ctrl-C: once finishes what is under way, twice stops at once, and both can be gone on from."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from aiotables.cli.interrupts import interrupts


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

MANY = "".join(f"- {{target: crm, name: t{number:03}}}\n" for number in range(300))
FINISHING = "finishing what is under way; once more to stop at once\n"


def until(process: "subprocess.Popen[str]", event: str) -> list[dict[str, Any]]:
    """Read JSON events of a process until one of this name."""
    assert process.stdout is not None
    events: list[dict[str, Any]] = []
    while not events or events[-1]["event"] != event:
        events.append(orjson.loads(process.stdout.readline()))
    return events


def tables(shell: "Shell") -> list[str]:
    """The tables that are there."""
    file = shell.folder / "emulator" / "zangtable" / "acme.sqlite"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        query = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        return [name for (name,) in database.execute(query)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_once(shell: "Shell", number: signal.Signals) -> None:
    """At the first signal no table is begun any more, those under way are finished, and the next run goes on."""
    manifest = shell.manifest(MANY)
    slowly(shell)
    process = shell.start("apply", manifest, "--json", "--width", "4")
    before = until(process, "table_done")

    process.send_signal(number)
    result = shell.finish(process)

    assert 130 == result.code
    assert FINISHING == result.err
    ended = result.lines[-1]
    assert ("run_ended", "interrupted") == (ended["event"], ended["ending"])
    done = [line for line in [*before, *result.lines] if line["event"] == "table_done"]
    assert {"created"} == {line["outcome"] for line in done}
    assert sorted(line["key"] for line in done) == tables(shell)
    assert len(done) < 300

    again = shell.run("apply", manifest, "--json")
    assert (0, len(done)) == (again.code, again.lines[-1]["counts"]["unchanged"])
    assert 300 == len(tables(shell))


def slowly(shell: "Shell") -> None:
    """Make every creation take a while."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.create_table", when="before", what="stall", stall_seconds=0.05)


def patiently(shell: "Shell", tables: str) -> str:
    """A manifest with these tables whose calls may take their time."""
    manifest = shell.manifest(tables)
    text = (shell.folder / "m.yaml").read_text()
    shell.write("m.yaml", text.replace("timeout: 1, grace: 1.5", "timeout: 30, grace: 60"))
    return manifest


def test_twice(shell: "Shell") -> None:
    """At the second signal the run stops at once; what was under way is settled by the next one."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.create_table", when="after", what="stall", nth=5)
    manifest = patiently(shell, MANY)
    process = shell.start("apply", manifest, "--json")
    assert process.stderr is not None
    until(process, "table_done")

    process.send_signal(signal.SIGINT)
    assert FINISHING == process.stderr.readline()
    process.send_signal(signal.SIGINT)
    result = shell.finish(process)

    assert 130 == result.code
    assert "" == result.err
    assert "run_ended" not in result.out
    assert "killed; the same command goes on from there" in shell.run("status", manifest).out
    shell.emulator.clear_faults()
    again = shell.run("apply", shell.manifest(MANY), "--json")
    assert 0 == again.code
    assert "adopted" in {line.get("outcome") for line in again.lines}
    assert 300 == len(tables(shell))


def test_before_anything_is_begun(shell: "Shell") -> None:
    """Interrupted while it reads what there is, a run ends in the same way, with nothing made."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.get_current_auth", when="before", what="stall", stall_seconds=0.5)
    process = shell.start("apply", shell.manifest(MANY), "--json")
    until(process, "run_started")

    process.send_signal(signal.SIGINT)
    result = shell.finish(process)

    assert 130 == result.code
    assert "interrupted" == result.lines[-1]["ending"]
    assert [] == tables(shell)


def test_plan(shell: "Shell") -> None:
    """A plan that is interrupted stops at once, without a traceback."""
    assert shell.emulator is not None
    shell.emulator.fault("extruct.list_tables", when="before", what="stall")
    process = shell.start("plan", patiently(shell, MANY))
    while "zangtable.query_records" not in shell.calls:
        assert process.poll() is None
        time.sleep(0.02)

    process.send_signal(signal.SIGINT)
    result = shell.finish(process)

    assert 130 == result.code
    assert "Traceback" not in result.err


async def counted(send: Callable[[], None]) -> tuple[int, int]:
    """How often the first and the second handler were called for so many signals."""
    drained, stopped = [], []
    with interrupts(lambda: drained.append(1), lambda: stopped.append(1)):
        for _ in range(3):
            send()
            await asyncio.sleep(0.01)
    return len(drained), len(stopped)


def interrupt() -> None:
    """Press Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


async def test_handlers(capsys: pytest.CaptureFixture[str]) -> None:
    """The first signal drains, each further one stops; the first is answered with what the next would do."""
    assert (1, 2) == await counted(interrupt)
    assert FINISHING == capsys.readouterr().err


async def test_loop_without_signal_handlers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where loops take no signal handlers, as on Windows, Python's own are used, and it works just the same."""

    def missing(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(asyncio.get_running_loop(), "add_signal_handler", missing)

    assert (1, 2) == await counted(interrupt)
    assert FINISHING == capsys.readouterr().err


async def test_handlers_are_put_back() -> None:
    """Afterwards signals are handled as they were before."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    with interrupts(lambda: None, lambda: None):
        assert before != [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    assert before == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
