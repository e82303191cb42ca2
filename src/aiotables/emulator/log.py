"""The log of calls: the last ones, and of the very last what went over the wire."""

from collections import deque
from collections.abc import Iterator
from itertools import islice

from attrs import define, field

from aiotables.emulator.calls import Call, Exchange


MOST_CALLS = 100_000

MOST_BYTES = 32 * 1024 * 1024
"""Of bodies, all together."""

MOST_EXCHANGES = 10_000

LONGEST_BODY = 64 * 1024
"""Bytes that are kept of one body."""


@define
class CallLog:
    """
    Calls in the order in which they ended, numbered from 1.

    What went over the wire is kept for fewer of them, so that memory has a bound.
    """

    count: int = 0
    """How many calls there were, those that are no longer kept included."""

    clearings: int = 0
    """How often all was forgotten; numbers begin again each time."""

    _calls: deque[Call] = field(factory=lambda: deque(maxlen=MOST_CALLS), repr=False)
    _exchanges: deque[Exchange] = field(factory=deque, repr=False)
    _bytes: int = field(default=0, repr=False)

    def add(self, call: Call, exchange: Exchange) -> None:
        """Keep *call*, whose number is the next."""
        self.count = call.number
        self._calls.append(call)
        self._exchanges.append(exchange)
        self._bytes += _weight(exchange)
        while self._bytes > MOST_BYTES or len(self._exchanges) > MOST_EXCHANGES:
            self._bytes -= _weight(self._exchanges.popleft())

    def all(self) -> list[Call]:
        """The calls that are kept, oldest first."""
        return list(self._calls)

    def newest(self) -> Iterator[Call]:
        """The calls that are kept, newest first."""
        return reversed(self._calls)

    def last(self, count: int) -> list[Call]:
        """The last calls, oldest first."""
        return list(islice(reversed(self._calls), count))[::-1]

    def call(self, number: int) -> Call | None:
        """The call of that number; None when it is not kept."""
        back = self.count - number
        return self._calls[-1 - back] if 0 <= back < len(self._calls) else None

    def exchange(self, number: int) -> Exchange | None:
        """What went over the wire in the call of that number; None when it is not kept."""
        back = self.count - number
        return self._exchanges[-1 - back] if 0 <= back < len(self._exchanges) else None

    def clear(self) -> None:
        """Forget all calls, and count from 1 again."""
        self._calls.clear()
        self._exchanges.clear()
        self.count = self._bytes = 0
        self.clearings += 1


def kept(body: bytes) -> bytes:
    """What is kept of *body*."""
    return body if len(body) <= LONGEST_BODY else body[:LONGEST_BODY]


def _weight(exchange: Exchange) -> int:
    return len(exchange.request_body) + len(exchange.reply_body)
