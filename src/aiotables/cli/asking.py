"""Asks a person on the terminal, while the event loop goes on."""

import asyncio
import os
import sys

from aiotables.cli.console import err


def can_ask() -> bool:
    """Whether somebody is there to answer: input and the place of the question are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def ask(question: str) -> bool:
    """
    Whether the answer is yes; nothing, and the end of the input, are no.

    The loop is not held up meanwhile: a lease has to be kept alive.
    """
    return await answer(f"{question} [y/N] ") in {"y", "yes"}


async def answer(question: str) -> str:
    """What somebody types in answer, in small letters; empty at the end of the input."""
    err().print(question, end="", markup=False)
    return (await _line()).strip().lower()


async def _line() -> str:
    loop = asyncio.get_running_loop()
    file = sys.stdin.fileno()
    there = asyncio.Event()
    try:
        loop.add_reader(file, there.set)
    except NotImplementedError:
        # Loops on Windows do not watch files.
        return await asyncio.to_thread(sys.stdin.readline)
    try:
        await there.wait()
    finally:
        loop.remove_reader(file)
    return os.read(file, 1024).decode(errors="replace")
