"""Lines of the log that come again and again while a database is away: one of each is enough."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from aiotables.core.classes import define, field


AGAIN: Final = 120.0
"""Seconds after which a line may come again; a worker waits for a database for less."""

TALKATIVE: Final = ("aiotables.database", "psycopg.pool", "procrastinate.utils")
"""Loggers that tell of each try of each of a worker's connections."""


@define(eq=False)
class Rarely:
    """Lets each line through once in a while, without its traceback: what was tried is of no use to who reads it."""

    now: Callable[[], float] = time.monotonic
    _said: dict[object, float] = field(factory=dict[object, float])

    def __call__(self, line: logging.LogRecord) -> bool:
        """Whether a line is to be written. Lines that differ in what is filled in are the same one."""
        now, last = self.now(), self._said.get(line.msg)
        if last is not None and now - last < AGAIN:
            return False
        self._said[line.msg] = now
        line.exc_info = None
        return True


@contextmanager
def said_rarely() -> Iterator[None]:
    """Write a line of those loggers once in a while, inside of the block."""
    rarely = Rarely()
    loggers = [logging.getLogger(name) for name in TALKATIVE]
    for logger in loggers:
        logger.addFilter(rarely)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(rarely)
