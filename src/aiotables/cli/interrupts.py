"""Ctrl-C: once finishes what is under way, twice stops."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiotables.cli.console import err


@contextmanager
def interrupts(drain: Callable[[], None], stop: Callable[[], object]) -> Iterator[None]:
    """
    Handle SIGINT and SIGTERM inside of the block.

    Args:
        drain: Called at the first: begin nothing new.
        stop: Called at the second.
    """
    loop = asyncio.get_running_loop()
    seen = 0

    def handle() -> None:
        nonlocal seen
        seen += 1
        if seen == 1:
            err().print("finishing what is under way; once more to stop at once", style="yellow")
            drain()
        else:
            stop()

    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, handle)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
