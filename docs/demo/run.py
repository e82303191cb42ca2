"""
The demo: a real manifest, on the emulator of both services, with replies that get lost.

It starts the emulator so that it loses 5 % of all replies to creates *after* having made what was asked for, applies
`chinook.yaml`, proves from the emulator's own databases that every table is there once and none twice, and applies again
to show that nothing is left to do. It exits with 1 when the proof fails.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from aiotables.provision.desired import ExtructSpec
from aiotables.provision.expand import expand
from aiotables.provision.manifest import Manifest, load_manifest
from aiotables.provision.rows import RowReader


HERE = Path(__file__).parent
MANIFEST = HERE / "chinook.yaml"
# All that the demo leaves is in this folder, here or in the folder that is named on the command line.
STATE = Path(*sys.argv[1:2] or [str(HERE)]) / ".state"
DATA = STATE / "emulator"
ADDRESS = STATE / "address"

COMMAND = [sys.executable, "-m", "aiotables"]
TOKENS = {"ZANGTABLE_API_TOKEN": "pat_demo", "EXTRUCT_API_TOKEN": "demo"}
FAULTS = ["*.create_*:after:drop:p=0.05"]
SEED = "7"


def main() -> int:
    """Run the demo and return the exit code."""
    began = time.monotonic()
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True)
    with emulator() as url:
        environ = {**os.environ, **TOKENS, "ZANGTABLE_BASE_URL": url, "EXTRUCT_BASE_URL": url}
        manifest = load_manifest(MANIFEST, environ=environ)
        say(f"emulator on {url}, losing 5 % of the replies to creates after their effect")

        say("apply")
        good = apply(environ) == 0 and prove(manifest) and apply_again(environ)

    print(f"\n{'proved' if good else 'NOT PROVED'} in {time.monotonic() - began:.1f} s")
    return 0 if good else 1


@contextlib.contextmanager
def emulator() -> Iterator[str]:
    """The address of an emulator that runs until the end of the block."""
    faults = [option for fault in FAULTS for option in ("--fault", fault)]
    project = f"chinook={TOKENS['ZANGTABLE_API_TOKEN']}"
    options = ["--port", "0", "--data", str(DATA), "--address-file", str(ADDRESS), "--seed", SEED, *faults]
    options += ["--project", project, "--extruct-token", TOKENS["EXTRUCT_API_TOKEN"]]
    process = subprocess.Popen([*COMMAND, "emulator", *options], stdout=subprocess.DEVNULL)  # noqa: S603 -- our own command
    try:
        while not ADDRESS.exists():
            if process.poll() is not None:
                sys.exit("the emulator did not start")
            time.sleep(0.02)
        yield ADDRESS.read_text().strip()
    finally:
        process.terminate()
        process.wait()


def apply(environ: dict[str, str]) -> int:
    """Run `aiotables apply` as a user would, and return its exit code."""
    command = [*COMMAND, "apply", str(MANIFEST), "--state", str(STATE / "journal")]
    return subprocess.run(command, env=environ, check=False).returncode  # noqa: S603 -- our own command


def apply_again(environ: dict[str, str]) -> bool:
    """Show that nothing is left to do."""
    say("apply again")
    before = snapshot()
    done = apply(environ) == 0
    return check("the second run changed nothing", same=done and before == snapshot())


def prove(manifest: Manifest) -> bool:
    """Compare the emulator's databases with the manifest."""
    say("proof, from the emulator's own databases")
    desired = list(expand(manifest))
    zangtable = [table.name for table in desired if not isinstance(table.spec, ExtructSpec)]
    with RowReader() as reader:
        extruct = {
            table.name: sum(1 for _ in reader.read(table))
            for table in desired
            if isinstance(table.spec, ExtructSpec)
        }

    made = Counter(zangtable_names())
    rows = extruct_rows()
    counted = Counter(name for name, _ in rows)
    lost = lost_replies()
    return all(
        [
            check(
                f"{len(zangtable):,} ZangTable tables wanted, {made.total():,} there",
                same=made == Counter(zangtable),
            ),
            check(
                f"{len(extruct):,} Extruct tables wanted, {counted.total():,} there",
                same=counted == Counter([*extruct]),
            ),
            check("none is there twice", same={*made.values(), *counted.values()} == {1}),
            check(
                f"each Extruct table has its rows once, {sum(extruct.values()):,} in all",
                same=dict(rows) == extruct,
            ),
            check(f"{lost:,} replies were lost after their effect", same=lost > 0),
        ]
    )


def zangtable_names() -> list[str]:
    """Names of the tables in the project's own database."""
    return [str(name) for (name,) in query(DATA / "zangtable" / "chinook.sqlite", TABLES)]


def extruct_rows() -> list[tuple[str, int]]:
    """Name and number of rows of each Extruct table."""
    return [(str(name), int(rows)) for name, rows in query(DATA / "emulator.sqlite", EXTRUCT_TABLES)]


def lost_replies() -> int:
    """Steps that the journal has as adopted: their reply was lost, and what they made was found."""
    ((adopted,),) = query(STATE / "journal" / "journal.sqlite", ADOPTED)
    return int(adopted)


def snapshot() -> tuple[list[str], list[tuple[str, int]]]:
    """All that is there, for a comparison."""
    return sorted(zangtable_names()), sorted(extruct_rows())


TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
EXTRUCT_TABLES = """
    SELECT name, (SELECT count(*) FROM extruct_row WHERE table_pk = extruct_table.pk) FROM extruct_table
"""
ADOPTED = "SELECT count(*) FROM facts WHERE outcome = 'adopted'"


def query(file: Path, sql: str) -> list[tuple[str | int, ...]]:
    """Read a database that another process may be writing."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchall()


def check(what: str, *, same: bool) -> bool:
    """Print one line of the proof."""
    print(f"  {'ok ' if same else 'NOT'} {what}")
    return same


def say(what: str) -> None:
    """Print a heading."""
    print(f"\n== {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
