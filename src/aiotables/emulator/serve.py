"""The emulator as a process: what the command line runs."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from attrs import field, frozen

from aiotables.emulator.choices import EXTRUCT_TOKEN, PROJECTS, QUERY_SECONDS, RUN_SECONDS, Choices
from aiotables.emulator.clock import MovableClock
from aiotables.emulator.faults import Fault
from aiotables.emulator.server import Emulator


@frozen(kw_only=True)
class ServeOptions:
    """How the emulator is to run; see `Emulator` for what the options mean."""

    data: Path | None = None
    host: str = "127.0.0.1"
    exposed: bool = False
    port: int = 0
    state: Path | None = None
    snapshot: Path | None = None
    """A snapshot that is restored before the address is told."""

    faults: Sequence[Fault] = ()
    seed: int = 0
    projects: Mapping[str, str] = field(default=PROJECTS, repr=False)
    extruct_token: str = field(default=EXTRUCT_TOKEN, repr=False)
    run_seconds: float = RUN_SECONDS
    run_lag: float = 0.0
    query_seconds: float = QUERY_SECONDS
    choices: Choices = field(factory=Choices)
    clock: MovableClock | None = None

    address_file: Path | None = None
    """File that holds the base URL while the emulator listens."""


async def serve(options: ServeOptions) -> None:
    """
    Run the emulator until SIGINT or SIGTERM; its first line of output tells the address.

    Raises:
        ValueError: An option makes no sense.
        OSError: The port is taken, or the folder cannot be written.
    """
    with _signals() as stopped:
        async with Emulator(
            data=options.data,
            host=options.host,
            exposed=options.exposed,
            port=options.port,
            faults=options.faults,
            seed=options.seed,
            projects=options.projects,
            extruct_token=options.extruct_token,
            run_seconds=options.run_seconds,
            run_lag=options.run_lag,
            query_seconds=options.query_seconds,
            choices=options.choices,
            clock=options.clock,
            state=options.state,
        ) as emulator:
            if options.snapshot is not None:
                emulator.restore(options.snapshot)
            with _announced(emulator.url, options.address_file):
                await stopped.wait()


@contextmanager
def _signals() -> Iterator[asyncio.Event]:
    stopped = asyncio.Event()
    with ExitStack() as heard:
        for number in (signal.SIGINT, signal.SIGTERM):
            heard.callback(_hear(number, stopped))
        yield stopped


def _hear(number: signal.Signals, stopped: asyncio.Event) -> Callable[[], object]:
    """Let a signal set *stopped*; what undoes it."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(number, stopped.set)
    except NotImplementedError:
        # Loops of Windows have no such thing, but wake up for any signal.
        before = signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
        return partial(signal.signal, number, before)

    return partial(loop.remove_signal_handler, number)


@contextmanager
def _announced(url: str, file: Path | None) -> Iterator[None]:
    if file is not None:
        # Renamed into place, so that who waits for the file never reads half of it.
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        draft.write_text(f"{url}\n")
        draft.replace(file)
    sys.stdout.write(f"aiotables emulator on {url}\n")
    sys.stdout.flush()
    try:
        yield
    finally:
        if file is not None:
            file.unlink(missing_ok=True)
