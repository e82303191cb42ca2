"""How fast calls go out: places in flight, slots in time, pauses that a refusal asks for. The rules are in `limits`."""

import asyncio
import hashlib
import math
import threading
import weakref
from collections import deque
from contextlib import suppress
from typing import Protocol

from yarl import URL

from aiotables.core.classes import define
from aiotables.core.clock import Clock, SystemClock
from aiotables.core.limits import Concurrency, Rate


IN_FLIGHT = 16
"""Calls under way at once, where nothing else is said."""


class Limiter(Protocol):
    """
    A limit that several processes share, such as a row in a database: asked before each request, beside the process's
    own `Pacer`. What it raises reaches the caller, and the request is not sent.
    """

    async def acquire(self) -> None:
        """Wait until one more request may go out."""
        ...

    async def pause(self, seconds: float) -> None:
        """Let no request out for some seconds, of whatever process: the service asked for it."""
        ...


@define(eq=False)
class _Waiter:
    """One call that waits for a place."""

    loop: asyncio.AbstractEventLoop
    thread: int
    turn: asyncio.Future[None]
    has_place: bool = False
    gone: bool = False

    @property
    def is_there(self) -> bool:
        return not (self.gone or self.turn.done() or self.loop.is_closed())


class Pacer:
    """
    Holds calls back, of any number of clients, event loops and threads.

    Neither service documents a limit, so the rate is unlimited by default and 16 calls may be in flight. A refusal halves
    the calls in flight, answers let them grow back; a Retry-After pauses every call.

    Args:
        in_flight: Calls under way at once, at the most.
        rate: Requests per second, or `None` for no limit.
        burst: Requests that may go out at once after a quiet time.
        clock: Time.
    """

    def __init__(
        self,
        *,
        in_flight: int = IN_FLIGHT,
        rate: float | None = None,
        burst: int = 1,
        clock: Clock | None = None,
    ) -> None:
        # Asked this way round, so that a number that is none is refused, too.
        if not (1 <= in_flight < math.inf and burst >= 1 and (rate is None or rate > 0)):
            msg = "in_flight, rate and burst must be positive, and in_flight finite"
            raise ValueError(msg)
        self.rate = rate
        """Requests per second; `None` means no limit."""

        self._clock = clock or SystemClock()
        self._concurrency = Concurrency(ceiling=in_flight)
        self._rate = Rate(interval=0.0 if rate is None else 1.0 / rate, burst=burst)
        self._timed = rate is not None
        """Whether a slot has to be asked for, beside a place."""

        self._under_way = 0
        self._waiters: deque[_Waiter] = deque()
        self._begun = 0
        """How many of them, the first, have begun."""

        # It can be entered twice: a call that the garbage collector ends gives its place back wherever that happens.
        self._lock = threading.RLock()

    @property
    def in_flight(self) -> int:
        """Calls under way."""
        return self._under_way

    @property
    def limit(self) -> int:
        """Calls that may be under way at once, by what the service's answers have taught."""
        return self._concurrency.places

    @property
    def paused(self) -> float:
        """Seconds until requests may go out again, where the service asked for a pause; else 0."""
        return max(self._rate.resume_at - self._clock.monotonic(), 0.0)

    def enter(self) -> bool:
        """
        Take a place, if one is free and no slot has to be waited for: what `acquire` does, without waiting.

        Every call comes here and to `release`, so they do what they do in one piece.
        """
        # Not by `with`, which takes three times as long.
        self._lock.acquire()
        try:
            if self._timed or self._waiters or self._under_way >= self._concurrency.places:
                return False
            self._under_way += 1
            return True
        finally:
            self._lock.release()

    async def acquire(self, *, begun: bool = False) -> None:
        """
        Wait for a place and for a slot. The place is the caller's until `release`.

        Args:
            begun: Whether the call was under way before, or looks for what one did: it goes before those that have not
                begun, however many they are, as its deadline runs.
        """
        await self._queue(begun=begun)
        if self._timed:
            try:
                await self._slot()
            except BaseException:
                self.release()
                raise

    def release(self, answered: float | None = None) -> None:
        """
        Give the place back.

        Args:
            answered: Seconds that the answer took, where there was one, to learn from.
        """
        self._lock.acquire()
        try:
            if answered is not None:
                self._concurrency.answered(answered, self._under_way)
            self._under_way -= 1
            if self._waiters:
                self._admit()
        finally:
            self._lock.release()

    def refused(self, *, sent_at: float) -> None:
        """Learn that a call, sent at a time of the monotonic clock, was told to come later."""
        with self._lock:
            self._concurrency.refused(sent_at=sent_at, now=self._clock.monotonic())

    def pause(self, seconds: float) -> None:
        """Let no request out for some seconds, those included that wait for their slot: the service asked for it."""
        with self._lock:
            self._rate.pause(self._clock.monotonic() + seconds)
            self._timed = True

    async def _queue(self, *, begun: bool) -> None:
        loop = asyncio.get_running_loop()
        waiter = _Waiter(loop, threading.get_ident(), loop.create_future())
        with self._lock:
            self._waiters.insert(self._begun if begun else len(self._waiters), waiter)
            self._begun += begun
            # There may be a place, as those before may be gone by now: then nobody's leaving would let this one in.
            self._admit()
            if waiter.has_place:
                return
        try:
            await waiter.turn
        except BaseException:
            with self._lock:
                waiter.gone = True
                if waiter.has_place:
                    self.release()
            raise

    def _admit(self) -> None:
        while self._waiters and self._concurrency.allows(self._under_way):
            waiter = self._waiters.popleft()
            self._begun = max(self._begun - 1, 0)
            if waiter.is_there:
                self._under_way += 1
                waiter.has_place = True
                _call(waiter)

    async def _slot(self) -> None:
        while True:
            with self._lock:
                slot = self._rate.reserve(self._clock.monotonic())
            while left := self._left(slot):
                await self._clock.sleep(left)
            if self._rate.good(slot):
                break
        with self._lock:
            # A pause that is over holds nobody back who comes later.
            self._timed = not self._rate.is_open(self._clock.monotonic())

    def _left(self, slot: float) -> float:
        with self._lock:
            return self._rate.left(slot, self._clock.monotonic())


def _call(waiter: _Waiter) -> None:
    if waiter.thread == threading.get_ident():
        _let_in(waiter)
        return
    # A loop that closes at this moment ends its calls, and they give their places back.
    with suppress(RuntimeError):
        waiter.loop.call_soon_threadsafe(_let_in, waiter)


def _let_in(waiter: _Waiter) -> None:
    # One that was cancelled meanwhile gives its place back by itself.
    if not waiter.turn.done():
        waiter.turn.set_result(None)


_shared: weakref.WeakValueDictionary[tuple[bytes, int], Pacer] = weakref.WeakValueDictionary()
_sharing = threading.Lock()


def shared_pacer(base: URL, token: str, *, clock: Clock) -> Pacer:
    """
    The pacer of a token at a service: the same for all clients of the process, as long as there is one.

    Args:
        base: The service's base URL.
        token: The API token. It is not kept, only a hash of it.
        clock: Time; clients with clocks of their own do not share.
    """
    digest = hashlib.sha256(f"{base.origin()}\n{token}".encode()).digest()
    # A pacer holds its clock, so that no other can have its id meanwhile.
    with _sharing:
        key = (digest, id(clock))
        pacer = _shared.get(key)
        if pacer is None:
            pacer = _shared[key] = Pacer(clock=clock)
        return pacer
