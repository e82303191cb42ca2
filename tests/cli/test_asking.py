"""Asking a person, on a terminal that is made up."""

import asyncio
import os
import sys
from collections.abc import Iterator

import pytest
from attrs import frozen

from aiotables.cli.asking import ask, can_ask


@frozen
class Terminal:
    """The two ends of a terminal: what a person types at one is read at the other."""

    person: int
    program: int

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self.person, text.encode())


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A terminal that standard input and standard error are connected to."""
    person, program = os.openpty()
    with open(program, encoding="utf-8") as stdin:  # noqa: PTH123 -- it is a descriptor
        monkeypatch.setattr(sys, "stdin", stdin)
        yield Terminal(person, program)
    os.close(person)


@pytest.mark.parametrize(
    ("typed", "yes"), [("y\n", True), (" YES \n", True), ("n\n", False), ("\n", False), ("yep\n", False)]
)
async def test_answers(
    terminal: Terminal,
    capsys: pytest.CaptureFixture[str],
    typed: str,
    yes: bool,  # noqa: FBT001 -- a parameter of the test
) -> None:
    """Yes is yes, everything else is no; the question goes to standard error."""
    answer = asyncio.ensure_future(ask("Really [all]?"))
    await asyncio.sleep(0)
    terminal.type(typed)

    assert yes is await asyncio.wait_for(answer, 10)
    assert "Really [all]? [y/N] " == capsys.readouterr().err


async def test_the_loop_goes_on(terminal: Terminal) -> None:
    """While nobody answers other tasks go on, and the question can be given up."""
    answer = asyncio.ensure_future(ask("Really?"))
    for _ in range(10):
        await asyncio.sleep(0)
    answer.cancel()

    with pytest.raises(asyncio.CancelledError):
        await answer
    assert not asyncio.get_running_loop().remove_reader(terminal.program)


async def test_loop_that_watches_no_files(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where loops do not watch files, as on Windows, the answer is read in a thread."""

    def missing(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(asyncio.get_running_loop(), "add_reader", missing)
    terminal.type("y\n")

    assert await asyncio.wait_for(ask("Really?"), 10)


def test_who_can_be_asked(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody is there when both input and the place of the question are a terminal."""
    assert terminal.program == sys.stdin.fileno()
    with open(os.dup(terminal.program), "w", encoding="utf-8") as screen:  # noqa: PTH123 -- it is a descriptor
        monkeypatch.setattr(sys, "stderr", screen)
        both = can_ask()
        monkeypatch.undo()

    assert both
    assert not can_ask()
