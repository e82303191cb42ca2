"""What can go wrong with a journal."""

from datetime import UTC, datetime

from aiotables.core.errors import AiotablesError


class JournalError(AiotablesError):
    """
    The journal cannot be opened, read or written. A fact whose writing raised this may not be relied on.

    Attributes:
        where: The journal: its folder.
    """

    def __init__(self, message: str, *, where: str) -> None:
        super().__init__(f"The journal in {where} {message}")
        self.where = where


class JournalMissing(JournalError):
    """There is no journal to read: nothing was applied yet, or a first run was stopped before it could make one."""

    def __init__(self, *, where: str) -> None:
        super().__init__("does not exist: nothing was applied there yet", where=where)


class JournalLocked(JournalError):
    """
    Another run holds the journal; the lock goes when that process ends, however it ends.

    Attributes:
        pid: Process id of the holder; `None` where it has left no note.
        host: The holder's machine; `None` where it has left no note.
        since: When the holder took the lock, unix seconds; `None` where it has left no note.
    """

    def __init__(
        self, *, where: str, pid: int | None = None, host: str | None = None, since: float | None = None
    ) -> None:
        super().__init__(f"is held by {_holder(pid, host, since)}: wait for it, or stop it", where=where)
        self.pid = pid
        self.host = host
        self.since = since


class JournalShared(JournalLocked):
    """
    Workers carry a run out: what else would change the journal has to wait for its end.

    Attributes:
        run_id: The run.
    """

    def __init__(self, run_id: str, *, where: str) -> None:
        message = f"is that of workers: {run_id} goes on; wait for its end, or `aiotables cancel` it"
        JournalError.__init__(self, message, where=where)
        self.pid = self.host = self.since = None
        self.run_id = run_id


class JournalFenced(JournalError):
    """
    This run was taken for dead, and another one took the journal over: it can write nothing more, and has to stop.

    What it had under way is settled by the run that took over.
    """

    def __init__(self, *, where: str) -> None:
        super().__init__("was taken over by another run, so this one stops", where=where)


class JournalForeign(JournalError):
    """
    The journal is that of another manifest.

    Attributes:
        owner: The name of the manifest whose it is.
        manifest: The name of the manifest that it was opened for.
    """

    def __init__(
        self, *, where: str, owner: str, manifest: str, advice: str = "name another folder with --state"
    ) -> None:
        message = f'is that of the manifest "{owner}", not of "{manifest}": {advice}'
        super().__init__(message, where=where)
        self.owner = owner
        self.manifest = manifest


def _holder(pid: int | None, host: str | None, since: float | None) -> str:
    if pid is None or since is None:
        return "another process"

    moment = datetime.fromtimestamp(since, UTC).isoformat(timespec="seconds")
    return f"process {pid} on {host} since {moment}"
