"""Ctrl-C: once finishes what is under way, twice stops."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

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

    with ExitStack() as undo:
        for number in (signal.SIGINT, signal.SIGTERM):
            _listen(loop, number, handle, undo)
        yield


def _listen(
    loop: asyncio.AbstractEventLoop, number: signal.Signals, handle: Callable[[], None], undo: ExitStack
) -> None:
    # Put back at the end: asyncio has a handler of its own for SIGINT, which removing ours does not restore.
    undo.callback(signal.signal, number, signal.getsignal(number))
    try:
        loop.add_signal_handler(number, handle)
    except NotImplementedError:
        # Loops on Windows have no signal handlers, but wake up for Python's own.
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(handle))
    else:
        undo.callback(loop.remove_signal_handler, number)
