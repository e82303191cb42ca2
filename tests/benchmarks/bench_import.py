"""
What importing costs: CPU time of fresh interpreters, beside one that only imports aiohttp.

Each figure is the median of several processes, taken in turn.

Run it with `make bench`.
"""

import os
import statistics
import subprocess
import sys


ROUNDS = 15
BASELINE = "import aiohttp"
CASES = {
    "import aiotables": "import aiotables",
    "Extruct client, ready to call": "import aiohttp\nfrom aiotables import Extruct\nExtruct(token='t')",
    "ZangTable client, ready to call": (
        "import aiohttp\nfrom aiotables import ZangTable\nZangTable(token='t', project='p')"
    ),
}


def main() -> None:
    """Measure and print."""
    spent: dict[str, list[float]] = {code: [] for code in ("pass", BASELINE, *CASES.values())}
    for _ in range(ROUNDS):
        for code, times in spent.items():
            times.append(cpu(code))

    bare, base = (statistics.median(spent[code]) for code in ("pass", BASELINE))
    print(f"imports, CPU of fresh processes, medians of {ROUNDS}; an empty one takes {bare * 1000:.0f} ms")
    print(f"  {BASELINE:34} {(base - bare) * 1000:6.1f} ms")
    for name, code in CASES.items():
        cost = statistics.median(spent[code])
        over = "" if code == CASES["import aiotables"] else f", {(cost - base) * 1000:5.1f} ms over aiohttp"
        ratio = (cost - bare) / (base - bare)
        print(f"  {name:34} {(cost - bare) * 1000:6.1f} ms, {ratio:.2f} of `{BASELINE}`{over}")


def cpu(code: str) -> float:
    """Seconds of CPU that a fresh interpreter takes to run some code."""
    process = subprocess.Popen([sys.executable, "-c", code])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{code!r} exited with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
