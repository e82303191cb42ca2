"""What is wrong with a journal, and mending it: never without keeping the file as it was."""

import itertools
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import ClassVar, Final

from aiotables.core.classes import frozen
from aiotables.provision.journal import schema
from aiotables.provision.journal.asking import in_sqlite
from aiotables.provision.journal.database import FILE
from aiotables.provision.journal.errors import JournalError
from aiotables.provision.journal.findings import (
    NONE_THERE,
    OPEN_STEPS,
    WRONG_STATES,
    Finding,
    Trouble,
    foreign,
    held,
    inconsistent,
    older,
    unsettled,
)
from aiotables.provision.journal.lock import held as locked
from aiotables.provision.journal.lock import holder
from aiotables.provision.journal.salvage import Salvaged, salvage


_MENDED: Final = frozenset({Trouble.TORN, Trouble.INCONSISTENT})
_ASIDE: Final = frozenset({Trouble.FOREIGN, Trouble.FOREIGN_FILE})


@frozen(kw_only=True)
class Mended:
    """What was done."""

    event: ClassVar = "mended"

    kept: str
    """Folder in which the files are as they were."""

    facts: int
    """Facts in the journal now."""

    runs: int
    lost: int
    """Facts that were there, by their numbers, and could not be read."""

    advice: str


def examine(folder: Path, *, manifest: str | None) -> list[Finding]:
    """
    Say what is the matter with a journal. Nothing is changed.

    Args:
        folder: The state folder.
        manifest: The name of the manifest; `None` takes any.
    """
    path = folder / FILE
    if not path.is_file():
        return [NONE_THERE]
    running = holder(folder)
    found = [] if running is None else [held(_who(running.pid))]
    try:
        with closing(_readable(path)) as connection:
            return [*found, *_findings(connection, folder, manifest)]
    except sqlite3.Error as error:
        return [*found, _torn(str(error))]


def _readable(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _findings(connection: sqlite3.Connection, folder: Path, manifest: str | None) -> Iterator[Finding]:
    if schema.is_blank(connection):
        yield NONE_THERE
        return
    try:
        version = schema.version_of(connection, str(folder))
    except JournalError as error:
        yield _not_ours(connection, str(error))
        return
    torn = [text for (text,) in connection.execute("PRAGMA integrity_check(10)") if text != "ok"]
    if torn:
        yield _torn("; ".join(torn))
        return
    if version < schema.VERSION:
        yield older(version, schema.VERSION)
    else:
        yield from _foreign(connection, manifest)
    yield from _states(connection)


def _not_ours(connection: sqlite3.Connection, text: str) -> Finding:
    (marked,) = connection.execute("PRAGMA application_id").fetchone()
    if marked == schema.APPLICATION_ID:
        return Finding(trouble=Trouble.NEWER, text=text, advice="Use the aiotables that wrote it.")
    advice = "`--repair` puts it aside, or name another folder with --state."
    return Finding(trouble=Trouble.FOREIGN_FILE, text=text, advice=advice)


def _foreign(connection: sqlite3.Connection, manifest: str | None) -> Iterator[Finding]:
    ((owner,),) = connection.execute("SELECT manifest FROM about").fetchall()
    if None not in {owner, manifest} and owner != manifest:
        yield foreign(owner, str(manifest), "Name another folder with --state; or `--repair` puts it aside.")


def _states(connection: sqlite3.Connection) -> Iterator[Finding]:
    ((wrong,),) = connection.execute(in_sqlite(WRONG_STATES)).fetchall()
    strays = len(connection.execute("PRAGMA foreign_key_check").fetchall())
    if wrong or strays:
        yield inconsistent(wrong, strays)
    ((open_,),) = connection.execute(in_sqlite(OPEN_STEPS)).fetchall()
    if open_:
        yield unsettled(open_)


def _torn(text: str) -> Finding:
    return Finding(
        trouble=Trouble.TORN,
        text=f"The file is damaged: {text}.",
        advice="`--repair` keeps it, and makes a new journal of all facts that can be read.",
    )


def _who(pid: int | None) -> str:
    return "A run is going on" if pid is None else f"A run is going on, process {pid}"


def mend(folder: Path, *, manifest: str | None, clock: Callable[[], float] = time.time) -> Mended | None:
    """
    Mend what is the matter with a journal, and keep its files as they were; `None` when there is nothing to mend.

    A foreign journal is put aside. Of a damaged one, a new one is made with all facts that can be read.

    Args:
        folder: The state folder.
        manifest: The name of the manifest; `None` takes any.
        clock: Gives unix seconds.

    Raises:
        JournalLocked: A run is going on.
        JournalError: A later aiotables wrote the journal, or the folder cannot be used.
    """
    if not (folder / FILE).is_file():
        return None
    try:
        with locked(folder, now=clock()):
            return _mend(folder, manifest, clock())
    except OSError as error:
        message = f"cannot be mended: {error}"
        raise JournalError(message, where=str(folder)) from error


def _mend(folder: Path, manifest: str | None, now: float) -> Mended | None:
    # The lock is ours, so nobody else holds it.
    troubles = {finding.trouble: finding for finding in examine(folder, manifest=manifest)}
    if Trouble.NEWER in troubles:
        message = f"cannot be mended: {troubles[Trouble.NEWER].text}"
        raise JournalError(message, where=str(folder))
    if _ASIDE & troubles.keys():
        kept = _keep(folder, now)
        _remove(folder)
        advice = "A new journal begins with the next run; `state adopt` looks for tables that are there."
        return Mended(kept=str(kept), facts=0, runs=0, lost=0, advice=advice)
    if not _MENDED & troubles.keys():
        return None
    kept = _keep(folder, now)
    return _salvage(folder, kept, manifest)


def _salvage(folder: Path, kept: Path, manifest: str | None) -> Mended:
    new = folder / f"{FILE}.new"
    new.unlink(missing_ok=True)
    saved: Salvaged = salvage(kept / FILE, new, manifest=manifest)
    _remove(folder)
    if saved.facts:
        new.replace(folder / FILE)
        advice = "What is not in it any more is found at the services by the next `apply`."
    else:
        new.unlink()
        advice = "No fact can be read. `state adopt` builds the journal anew from what is at the services."
    return Mended(kept=str(kept), facts=saved.facts, runs=saved.runs, lost=saved.lost, advice=advice)


def _keep(folder: Path, now: float) -> Path:
    """Copy the files of a journal, all together: its log belongs to it."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    names = (
        f"kept-{moment}{suffix}" for suffix in itertools.chain([""], map("-{}".format, itertools.count(2)))
    )
    kept = next(folder / name for name in names if not (folder / name).exists())
    kept.mkdir()
    for file in _files(folder):
        shutil.copy2(file, kept)
    return kept


def _remove(folder: Path) -> None:
    # The log goes with its journal, or another one's would be read as belonging to the next.
    for file in _files(folder):
        file.unlink()


def _files(folder: Path) -> list[Path]:
    return [file for suffix in ("-wal", "-shm", "") if (file := folder / f"{FILE}{suffix}").exists()]
