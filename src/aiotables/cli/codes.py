"""Exit codes, and which error ends in which."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import typer

from aiotables.cli.console import complain
from aiotables.core.errors import AiotablesError, SettingsError
from aiotables.provision.journal import JournalFenced, JournalLocked
from aiotables.provision.problems import ManifestError


DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
"""Bad usage or a wrong manifest: nothing was sent."""

CHANGES: Final = 2
"""Of `plan --detailed-exitcode`: there is something to do."""

LOCKED: Final = 3
"""Another run holds the state folder."""

UNKNOWN: Final = 4
"""Nothing failed, but what some call did could not be settled."""

STOPPED: Final = 5
"""Stopped as asked, at a limit, after the canary, or because the answer was no; the same command goes on from there."""

INTERRUPTED: Final = 130
"""Stopped by Ctrl-C; the same command goes on from there."""

BY_ENDING: Final = {
    "done": DONE,
    "failed": FAILED,
    "unknown": UNKNOWN,
    "stopped": STOPPED,
    "interrupted": INTERRUPTED,
}


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn errors into one message and an exit code; a bug keeps its traceback."""
    try:
        yield
    except (ManifestError, SettingsError) as error:
        complain(str(error))
        raise typer.Exit(USAGE) from None
    except (JournalFenced, JournalLocked) as error:
        complain(str(error))
        raise typer.Exit(LOCKED) from None
    except AiotablesError as error:
        complain(str(error))
        raise typer.Exit(FAILED) from None


def finish(work: Coroutine[None, None, int]) -> NoReturn:
    """Do the work of a command, and exit with the code that it returns, or with that of its error."""
    with exit_codes():
        code = asyncio.run(work)
    raise typer.Exit(code)
