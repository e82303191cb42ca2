"""The mark of a journal that went elsewhere: whoever wrote to what is left here would make things a second time."""

from pathlib import Path
from typing import Final

from aiotables.provision.journal.errors import JournalError


FILE: Final = "moved"


class JournalMoved(JournalError):
    """
    The journal was moved into a database, and goes on there.

    Attributes:
        to: Where it went.
    """

    def __init__(self, *, where: str, to: str) -> None:
        super().__init__(
            f"was moved to the database {to}: name that with --journal. When it never got there, delete the file {FILE}",
            where=where,
        )
        self.to = to


def mark_moved(folder: Path, to: str) -> None:
    """Mark a folder, before its journal is in its new place."""
    (folder / FILE).write_text(to, encoding="utf-8")


def refuse_moved(folder: Path, *, to: str | None = None) -> None:
    """
    Refuse a folder whose journal went elsewhere.

    Args:
        folder: The folder.
        to: Where it may have gone: who moves it there may begin again.

    Raises:
        JournalMoved: It went there.
    """
    mark = folder / FILE
    if mark.is_file() and (there := mark.read_text(encoding="utf-8")) != to:
        raise JournalMoved(where=str(folder), to=there)
