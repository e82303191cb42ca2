"""Private databases on disk."""

import sqlite3
import threading

import pytest

from aiotables.provision.scratch import Scratch


class Numbers(Scratch):
    """A list of numbers."""

    def __init__(self) -> None:
        super().__init__("CREATE TABLE number (value INT)", cache=1)

    def add(self, value: int) -> None:
        """Take a number in."""
        self._db.execute("INSERT INTO number VALUES (?)", (value,))

    def all(self) -> list[int]:
        """The numbers."""
        return [value for (value,) in self._db.execute("SELECT value FROM number ORDER BY value")]

    @property
    def cache(self) -> int:
        """KiB of the page cache, as SQLite tells it: below zero."""
        ((size,),) = self._db.execute("PRAGMA cache_size")
        return int(size)


def test_each_is_alone() -> None:
    """What one holds, another one does not see."""
    with Numbers() as some, Numbers() as others:
        some.add(1)
        others.add(2)

        assert [1] == some.all()
        assert [2] == others.all()


def test_memory() -> None:
    """The page cache is as large as was asked for."""
    with Numbers() as numbers:
        assert -1024 == numbers.cache


def test_gone_when_closed() -> None:
    """Once it is left, nothing can be asked any more."""
    with Numbers() as numbers:
        numbers.add(1)

    with pytest.raises(sqlite3.ProgrammingError):
        numbers.all()


def test_closed_by_another_thread() -> None:
    """Whichever thread it is that closes it."""
    numbers = Numbers()
    thread = threading.Thread(target=numbers.close)
    thread.start()
    thread.join()

    with pytest.raises(sqlite3.ProgrammingError):
        numbers.all()
