"""
Nothing is sent by a run that may have lost its right to.

A process that froze, whose machine slept or whose journal was away wakes up with calls whose intents it wrote long ago.
By then another one may have taken over, found nothing made, and sent them again. So the last thing before each request is
to see that the right has surely not passed, and where it may have, to ask.
"""

import asyncio
from abc import ABC, abstractmethod
from contextvars import ContextVar

from aiotables.core.pacing import Limiter
from aiotables.provision.lapse import Moment


class Holding(ABC):
    """
    A right to send, which is sure for some time after it was asked for.

    Args:
        since: Before it was asked for: whoever gives it counts from some moment after that.
        seconds: How long it is sure.
    """

    def __init__(self, since: Moment, seconds: float) -> None:
        self._since = since
        self._seconds = seconds
        self._turn = asyncio.Lock()

    @abstractmethod
    async def renew(self) -> object:
        """
        Ask for it anew, and note with `renewed` when that was.

        Raises:
            AiotablesError: It is another's, or nobody can be asked.
        """

    def renewed(self, since: Moment) -> None:
        """Note that it was given again, after a moment."""
        self._since = since

    async def sure(self) -> None:
        """
        Go on while the right is surely there, after asking if need be.

        Raises:
            AiotablesError: It is another's, or nobody can be asked.
        """
        if self._is_sure():
            return
        async with self._turn:
            if not self._is_sure():
                await self.renew()

    def _is_sure(self) -> bool:
        return self._since.ago() < self._seconds


holding: ContextVar[Holding | None] = ContextVar("holding", default=None)
"""Of what the current task works on."""


class Held:
    """
    A `Limiter` that lets no request out of a task that may have lost its right to send.

    Args:
        limiter: Asked before; `None` where nothing else is shared.
    """

    def __init__(self, limiter: Limiter | None = None) -> None:
        self._limiter = limiter

    async def acquire(self) -> None:
        """
        Wait until one more request may go out.

        Raises:
            AiotablesError: The right to send it is another's.
        """
        if self._limiter is not None:
            await self._limiter.acquire()
        current = holding.get()
        if current is not None:
            await current.sure()

    async def pause(self, seconds: float) -> None:
        """Let no request out for some seconds, where that is shared."""
        if self._limiter is not None:
            await self._limiter.pause(seconds)
