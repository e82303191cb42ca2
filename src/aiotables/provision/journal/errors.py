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


def _holder(pid: int | None, host: str | None, since: float | None) -> str:
    if pid is None or since is None:
        return "another process"

    moment = datetime.fromtimestamp(since, UTC).isoformat(timespec="seconds")
    return f"process {pid} on {host} since {moment}"
