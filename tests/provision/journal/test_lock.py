"""One run at a time in a folder."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from aiotables.provision.journal import Holder, JournalError, JournalLocked, holder
from aiotables.provision.journal.lock import FILE, NOTE, held


HOLD = """
import pathlib, sys
from aiotables.provision.journal.lock import held

with held(pathlib.Path(sys.argv[1]), now=1800000000.5):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_holder_is_known_while_it_holds(folder: Path) -> None:
    """Before and after, nobody holds the folder; in between it is this process."""
    assert holder(folder) is None

    with held(folder, now=12.5):
        assert Holder(pid=os.getpid(), host=socket.gethostname(), since=12.5) == holder(folder)

    assert holder(folder) is None
    assert [FILE] == [path.name for path in folder.iterdir()]


def test_second_in_the_same_process(folder: Path) -> None:
    """The same process cannot hold the folder twice, and the first hold is not harmed by the try."""
    with held(folder, now=1.0):
        for _ in range(2):
            with pytest.raises(JournalLocked), held(folder, now=2.0):
                pass


def test_second_process_is_refused_until_the_first_is_killed(folder: Path) -> None:
    """Another process is refused with the name of the holder; once that is killed, nothing is in the way."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        assert first.stdout is not None
        assert b"held" == first.stdout.readline().strip()

        with pytest.raises(
            JournalLocked, match=f"held by process {first.pid} on .* since 2027-01-15"
        ) as caught:
            held(folder, now=1.0).__enter__()
        first.kill()

    assert (first.pid, socket.gethostname(), 1800000000.5) == (
        caught.value.pid,
        caught.value.host,
        caught.value.since,
    )
    assert holder(folder) is None
    with held(folder, now=1.0):
        pass


@pytest.mark.parametrize("note", [None, b"{", b'{"pid": 1, "colour": "blue"}'])
def test_missing_or_odd_note(folder: Path, note: bytes | None) -> None:
    """The lock counts, not the note: without a readable one the folder is held by somebody unknown."""
    with held(folder, now=1.0):
        (folder / NOTE).unlink()
        if note is not None:
            (folder / NOTE).write_bytes(note)

        assert Holder() == holder(folder)
        with pytest.raises(JournalLocked, match="held by another process"), held(folder, now=2.0):
            pass


def test_unusable_lock(folder: Path) -> None:
    """A lock file that is no database is reported, by name, and not taken for a lock."""
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(b"not a database, but long enough to be looked at as one" * 20)

    with pytest.raises(JournalError, match=r"unusable lock, lock\.sqlite") as caught, held(folder, now=1.0):
        pass
    assert JournalError is caught.type
    with pytest.raises(JournalError, match=r"unusable lock, lock\.sqlite"):
        holder(folder)
