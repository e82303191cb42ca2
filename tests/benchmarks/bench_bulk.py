"""
What very many tables cost: memory for a million, requests of a second run and of one with faults, the pace under a limit.

Each part runs in a process of its own, against an emulator in another one; `bench_bulk.py PART` runs one part.

Run it with `make bench`.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from aiotables.core.record import CallRecord
from aiotables.provision import Job, Plan, Settling, TableDone, load, open_clients
from tests.benchmarks.bench_apply import Cost, emulator, environ, run


MILLION = 1_000_000
FIRST = 20_000
MANY = 10_000
RATE = 50
"""Requests that the service takes in a second; the manifest names as many."""

FOR = 20
"""Seconds that the run under a limit has to take."""

FAULTS = [
    "*.create_table:after:drop:p=0.01",
    "*.create_table:after:status:status=502:p=0.01",
    "*.create_table:after:garble:p=0.005",
    "*.create_table:after:cut:p=0.005",
    "*.create_table:before:drop:p=0.005",
    "*.create_table:before:reset:p=0.005",
    "*.create_table:before:status:status=503:p=0.005",
    "*.create_table:before:throttle:retry_after=1:p=0.005",
]
"""Of the creates 5 % go wrong; three in five of those take effect, and their replies are lost."""


def million(folder: Path) -> None:
    """A million tables are expanded and planned, and the first of them made."""
    write(folder, "zangtable", MILLION)
    with emulator(folder) as url:
        cost = child(folder, url, str(FIRST))
    facts = cost.last
    print(f"{MILLION:,} desired tables on ZangTable, the first {FIRST:,} of them made")
    print(
        f"  read and check {facts['load']:.0f} s, plan {facts['plan']:.0f} s, creates {facts['apply']:.0f} s"
    )
    print(f"  peak {cost.peak:.0f} MiB (aim: under 200)")


def again(folder: Path) -> None:
    """Extruct tables are applied twice; nobody lists them one by one."""
    write(folder, "extruct", MANY)
    with emulator(folder) as url:
        first = child(folder, url)
        second = child(folder, url)
    print(f"{MANY:,} Extruct tables, applied twice")
    print(f"  first run   {first.requests:,} requests, {first.last['apply']:.1f} s")
    print(f"  second run  {second.requests:,} requests, {second.last['apply']:.1f} s, {outcomes(second)}")
    print(f"  pages of 100 in one listing: {MANY // 100} (aim: about as many requests)")


def limited(folder: Path) -> None:
    """A service allows so many requests in a second, and the manifest says so."""
    tables = RATE * FOR
    write(folder, "zangtable", tables, rate=RATE)
    quota = f"zangtable.*:before:quota:calls={RATE}:window=1"
    with emulator(folder, "--fault", quota) as url:
        cost = child(folder, url)
    pace = cost.requests / cost.last["apply"]
    throttled = cost.last["throttled"] / cost.requests
    print(
        f"{tables:,} ZangTable tables where a service takes {RATE} requests in a second, as the manifest says"
    )
    print(f"  {outcomes(cost)}")
    print(f"  {pace:.1f} requests per second, {pace / RATE:.3f} of the limit (aim: 0.97)")
    print(f"  {cost.last['throttled']} answers of 429, {throttled:.2%} of all (aim: under 1 %)")


def faulty(folder: Path) -> None:
    """Of the creates 5 % go wrong in many ways; in the end all is there once."""
    for service in ("zangtable", "extruct"):
        write(folder, service, MANY, timeout=2, grace=3)
        faults = [word for fault in FAULTS for word in ("--fault", fault)]
        with emulator(folder, *faults, "--seed", "1") as url:
            cost = child(folder, url)
            there = child(folder, url)
        creates = cost.last["creates"] / MANY
        print(f"{MANY:,} {service} tables, of whose creates 5 % go wrong")
        print(f"  {outcomes(cost)}, then {outcomes(there)}; {cost.last['apply']:.1f} s")
        print(
            f"  creates sent per table {creates:.3f} (aim: at most 1.05); with looks {cost.requests / MANY:.3f}"
        )


def restarted(folder: Path) -> None:
    """A run is killed half way; how long until the next one makes something new, and what that one has to settle."""
    write(folder, "zangtable", MANY)
    with emulator(folder) as url:
        command = [sys.executable, __file__, "straight", str(folder), str(MANY // 2)]
        subprocess.run(command, env={**os.environ, **environ(url)}, check=False)
        began = time.time()
        cost = run([sys.executable, __file__, "straight", str(folder), "0"], environ(url))
    print(f"{MANY:,} ZangTable tables, killed after {MANY // 2:,}")
    print(
        f"  the next run makes its first new table {cost.last['first'] - began:.1f} s after its start (aim: 2)"
    )
    print(f"  {cost.last['settled']} tables had to be settled; {outcomes(cost)}")


async def straight(folder: Path, *, killed_after: int) -> dict[str, Any]:
    """Apply without a plan, as `aiotables apply` does, perhaps to be killed; what it took, as JSON."""
    facts: dict[str, Any] = {"requests": 0, "settled": 0, "counts": {}}
    manifest = load(folder / "manifest.json", environ=os.environ)
    async with open_clients(manifest, environ=os.environ) as clients:
        with Job(manifest, clients, state=folder / "state") as job:
            done = 0
            async for event in job.apply(width=64):
                if isinstance(event, TableDone) and event.outcome == "created":
                    facts.setdefault("first", time.time())
                    done += 1
                    if done == killed_after:
                        os.kill(os.getpid(), signal.SIGKILL)
                facts["settled"] += isinstance(event, Settling)
                facts["counts"] = dict(getattr(event, "counts", {}))
    return facts


def outcomes(cost: Cost) -> str:
    """Tables by outcome, in words."""
    return ", ".join(f"{count:,} {kind}" for kind, count in cost.last["counts"].items() if count)


def write(folder: Path, service: str, tables: int, **target: float) -> None:
    """A manifest of so many tables."""
    with (folder / "tables.csv").open("w") as rows:
        rows.write("slug\n")
        rows.writelines(f"tenant{number}\n" for number in range(tables))
    where = {"service": service, "in_flight": 16, **target}
    columns = [{"name": name} for name in ("email", "name", "company", "status")]
    if service == "zangtable":
        where["project"] = "bench"
    table = {"target": "it", "for_each": "tables.csv", "name": "${slug}_contacts"}
    more = {"columns": columns} if service == "zangtable" else {"kind": "generic"}
    manifest = {"manifest": "bulk", "targets": {"it": where}, "tables": [{**table, **more}]}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for file in (folder / "state").glob("*"):
        file.unlink()


def child(folder: Path, url: str, most: str = "0") -> Cost:
    """Plan and apply in a process of its own, and stop after so many tables."""
    return run([sys.executable, __file__, "child", str(folder), most], environ(url))


async def work(folder: Path, most: int) -> dict[str, Any]:
    """Plan and apply; what it took, as JSON."""
    sent: Counter[str] = Counter()

    def observer(record: CallRecord) -> None:
        sent["requests"] += len(record.attempts)
        sent["throttled"] += sum(attempt.status == 429 for attempt in record.attempts)
        sent["creates"] += len(record.attempts) if ".create_" in record.operation else 0

    times = {}
    began = time.perf_counter()
    manifest = load(folder / "manifest.json", environ=os.environ)
    times["load"] = time.perf_counter() - began
    async with open_clients(manifest, environ=os.environ, observers=[observer]) as clients:
        with await Plan.make(manifest, clients, state=folder / "state") as plan:
            times["plan"] = time.perf_counter() - began - times["load"]
            began = time.perf_counter()
            done = 0
            counts: dict[str, int] = {}
            async for event in plan.apply(width=64, refresh=False):
                done += isinstance(event, TableDone)
                counts = getattr(event, "counts", counts)
                if 0 < most == done:
                    plan.stop()
            times["apply"] = time.perf_counter() - began
    return {"requests": 0, "throttled": 0, "creates": 0, **times, **sent, "counts": dict(counts)}


PARTS = {"million": million, "again": again, "limited": limited, "faulty": faulty, "restarted": restarted}


def main() -> None:
    """Measure and print."""
    wanted = sys.argv[1:] or [*PARTS]
    for name in wanted:
        with tempfile.TemporaryDirectory() as folder:
            PARTS[name](Path(folder))


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        print(json.dumps(asyncio.run(work(Path(sys.argv[2]), int(sys.argv[3])))))
    elif sys.argv[1:2] == ["straight"]:
        print(json.dumps(asyncio.run(straight(Path(sys.argv[2]), killed_after=int(sys.argv[3])))))
    else:
        main()
