"""What belongs to one event loop: asyncio's primitives and aiohttp's sessions cannot be shared between loops."""

import asyncio
import weakref
from collections.abc import Callable
from typing import Generic, TypeVar


T = TypeVar("T")


class PerLoop(Generic[T]):
    """One thing for each event loop, as long as that loop is open."""

    def __init__(self) -> None:
        self._things: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, T] = weakref.WeakKeyDictionary()

    def get(self, make: Callable[[], T]) -> T:
        """The running loop's own, made when it is first asked for."""
        loop = asyncio.get_running_loop()
        thing = self._things.get(loop)
        if thing is None:
            self._forget_closed()
            thing = self._things[loop] = make()
        return thing

    def pop(self) -> T | None:
        """Give up the running loop's own, if there is one."""
        return self._things.pop(asyncio.get_running_loop(), None)

    def _forget_closed(self) -> None:
        # Weak keys do not suffice: a session and a semaphore refer to their loop, so it would live as long as they do.
        for reference in self._things.keyrefs():
            loop = reference()
            if loop is not None and loop.is_closed():
                self._things.pop(loop, None)
