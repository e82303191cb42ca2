"""
Runs plan and apply in processes that are stopped at a point asked for.

Started as a process of its own, it reads one order a line, as JSON, forks for each, and answers with the exit code. Forking
is what makes thousands of points affordable: the modules are imported once. Nothing here has threads before the fork.

A point is one of

- `kill`: SIGKILL when a task goes on after an await;
- `raise`: an exception out of that await;
- `write`: SIGKILL before a statement that changes the journal, the ends of transactions included.

Points are counted from 1. An order for a point beyond the last one runs to its end.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Coroutine, Generator
from pathlib import Path
from typing import Any

import orjson

from aiotables.core.options import Options
from aiotables.core.settle import SettlePolicy
from aiotables.core.transport import Timeouts
from aiotables.extruct import Extruct
from aiotables.provision.events import to_json
from aiotables.provision.expand import load
from aiotables.provision.plan import Plan
from aiotables.zangtable import ZangTable
from tests.clocks import HastyClock


TOKENS = {"ZANGTABLE_API_TOKEN": "pat_emulator", "EXTRUCT_API_TOKEN": "extruct-emulator"}
WIDTH = 4
LONGEST = 300
"""Seconds after which a process is taken to hang, and is ended by SIGALRM."""


class Crash(Exception):
    """What is raised out of an await."""


class Points:
    """Counts points of one kind, and stops at one of them."""

    def __init__(self, kind: str, at: int) -> None:
        self.kind = kind
        self.at = at
        self.passed = 0

    def reached(self, kind: str) -> bool:
        """Whether this is the point to stop at."""
        if kind != self.kind:
            return False
        self.passed += 1
        return self.passed == self.at


def kill() -> None:
    """End as a power cut would: no `finally` runs, nothing is flushed."""
    os.kill(os.getpid(), signal.SIGKILL)


class Watched(Coroutine[Any, Any, Any]):
    """A coroutine whose every going on is a point."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], points: Points) -> None:
        self._coroutine = coroutine
        self._points = points

    def send(self, value: Any) -> Any:  # noqa: ANN401 -- as of any coroutine
        """Go on."""
        if self._points.reached("kill"):
            kill()
        if self._points.reached("raise"):
            return self._coroutine.throw(Crash())
        return self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:  # noqa: ANN401 -- as of any coroutine
        """Go on with an error."""
        if self._points.reached("kill"):
            kill()
        return self._coroutine.throw(*error)

    def close(self) -> None:
        """End it."""
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._coroutine.__await__()


def watch_writes(points: Points) -> None:
    """Have every statement that changes the journal be a point."""
    connect = sqlite3.connect

    def watched(statement: str) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA", "--")) and points.reached("write"):
            kill()

    def connecting(database: Any, *args: Any, **kwargs: Any) -> sqlite3.Connection:  # noqa: ANN401 -- as of sqlite3
        connection: sqlite3.Connection = connect(database, *args, **kwargs)
        if str(database).endswith("journal.sqlite"):
            connection.set_trace_callback(watched)
        return connection

    sqlite3.connect = connecting  # type: ignore[assignment] # this process exists for it


async def run(order: dict[str, Any]) -> None:
    """Plan and apply, and write each event down as soon as it comes."""
    environ = {**TOKENS, **order["environ"]}
    manifest = load(Path(order["manifest"]), environ=environ)
    clock = HastyClock()
    options = Options(
        base_url=order["url"], clock=clock, timeouts=Timeouts(answer=10), settling=SettlePolicy(grace=45)
    )
    with Path(order["report"]).open("wb", buffering=0) as report:  # noqa: ASYNC230 -- nobody waits
        async with (
            ZangTable(token=TOKENS["ZANGTABLE_API_TOKEN"], project=order["project"], **options) as zang,
            Extruct(token=TOKENS["EXTRUCT_API_TOKEN"], **options) as research,
        ):
            clients = {"crm": zang, "research": research}
            for _ in range(order["runs"]):
                with await Plan.make(
                    manifest, clients, state=Path(order["state"]), clock=clock, environ=environ
                ) as plan:
                    async for event in plan.apply(width=WIDTH):
                        report.write(orjson.dumps(to_json(event)) + b"\n")


def child(order: dict[str, Any]) -> int:
    """Carry an order out; the points that were passed go to a file."""
    signal.alarm(LONGEST)
    points = Points(order["kind"], order["at"])
    if points.kind == "write":
        watch_writes(points)

    def new_task(loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> asyncio.Task[Any]:  # noqa: ANN401 -- as of asyncio
        return asyncio.Task(Watched(coroutine, points), loop=loop, **more)

    def new_loop() -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        loop.set_task_factory(new_task)
        return loop

    code = 0
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(run(order))
    except BaseException as error:  # noqa: BLE001 -- whatever a crash leads to
        Path(order["report"] + ".error").write_text(repr(error), encoding="utf-8")
        code = 1
    Path(order["report"] + ".points").write_text(str(points.passed), encoding="utf-8")
    return code


def main() -> None:
    """Answer orders until there are no more."""
    for line in sys.stdin:
        order = json.loads(line)
        process = os.fork()
        if process == 0:
            os._exit(child(order))
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 -- the answer


if __name__ == "__main__":
    main()
