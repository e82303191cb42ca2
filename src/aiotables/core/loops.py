"""What belongs to one event loop: aiohttp's sessions cannot be shared between loops."""

import asyncio
import weakref
from collections.abc import Callable
from typing import Generic, TypeVar


T = TypeVar("T")


class PerLoop(Generic[T]):
    """One thing for each event loop."""

    def __init__(self) -> None:
        self._things: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, T] = weakref.WeakKeyDictionary()
        # The last that was found, as nearly always there is but one: finding by a weak key costs ten times as much.
        self._last: tuple[asyncio.AbstractEventLoop, T] | None = None

    def find(self) -> T | None:
        """The running loop's own, if there is one."""
        loop, last = asyncio.get_running_loop(), self._last
        if last is not None and last[0] is loop:
            return last[1]
        thing = self._things.get(loop)
        if thing is not None:
            self._last = (loop, thing)
        return thing

    def get(self, make: Callable[[], T]) -> T:
        """The running loop's own, made when it is first asked for."""
        loop = asyncio.get_running_loop()
        thing = self._things.get(loop)
        if thing is None:
            thing = self._things[loop] = make()
        return thing

    def pop(self) -> T | None:
        """Give up the running loop's own, if there is one."""
        self._last = None
        return self._things.pop(asyncio.get_running_loop(), None)

    def pop_closed(self) -> list[T]:
        """
        Give up what belonged to loops that are closed.

        Weak keys do not suffice: a session refers to its loop, so that one would live as long as the session does.
        """
        self._last = None
        loops = [loop for reference in self._things.keyrefs() if (loop := reference()) and loop.is_closed()]
        things = [self._things.pop(loop, None) for loop in loops]
        return [thing for thing in things if thing is not None]
