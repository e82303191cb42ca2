"""The command line, run in this process or as a process, beside an emulator in a thread of its own."""

import asyncio
import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

import orjson
import pytest
from attrs import field, frozen
from typer.testing import CliRunner

from aiotables.cli.app import app
from aiotables.emulator import Emulator


TOKENS: Mapping[str, str] = {"ZANGTABLE_API_TOKEN": "pat_emulator", "EXTRUCT_API_TOKEN": "extruct-emulator"}

HEAD = """
manifest: shell
targets:
  crm: {service: zangtable, project: acme, timeout: 1, grace: 1.5}
  research: {service: extruct, timeout: 1, grace: 1.5}
tables:
"""


FOUNDING = """
manifest: founding
targets:
  crm:
    service: zangtable
    project: acme-crm
    timeout: 1
    grace: 1.5
    create_project: {name: A, username: u, password_env: ACME_PASSWORD, account_user_id: 1, token_file: crm.token}
tables:
"""


@frozen
class Result:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON objects on standard output."""
        return [orjson.loads(line) for line in self.out.splitlines()]


@frozen
class Shell:
    """Runs commands in a folder of their own, with tokens in the environment."""

    folder: Path
    emulator: Emulator | None = None
    environ: dict[str, str] = field(factory=lambda: {"NO_COLOR": "1", **TOKENS})

    def write(self, name: str, text: str) -> Path:
        """Write a file."""
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return file

    def manifest(self, tables: str) -> str:
        """Write a manifest with these `tables`, in YAML, for the targets `crm` (ZangTable) and `research` (Extruct)."""
        return str(self.write("m.yaml", HEAD + tables))

    def founding(self, tables: str) -> str:
        """Write a manifest with these `tables`, in YAML, for the target `crm`, whose project is to be made."""
        return str(self.write("founding.yaml", FOUNDING + tables))

    def run(self, *args: str, **environ: str) -> Result:
        """Run a command in this process."""
        result = CliRunner().invoke(app, [*args], env={**self.environ, **environ})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Result(result.exit_code, result.stdout, result.stderr)

    def start(self, *args: str, **environ: str) -> "subprocess.Popen[str]":
        """Start a command as a process."""
        return subprocess.Popen(
            [sys.executable, "-m", "aiotables", *args],
            env={**os.environ, **self.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, process: "subprocess.Popen[str]") -> Result:
        """Wait for a process, and read what was not read yet."""
        # Not `communicate`: it passes over what earlier reading left in the buffer. Standard error is small enough to wait.
        assert process.stdout is not None
        assert process.stderr is not None
        with process:
            out, err = process.stdout.read(), process.stderr.read()
        return Result(process.returncode, out, err)

    @property
    def calls(self) -> list[str]:
        """The operations that were called so far."""
        assert self.emulator is not None
        return [call.operation or call.path for call in self.emulator.calls]


class Person:
    """
    Somebody at a terminal, who reads all that is written there and answers each question.

    Args:
        terminal: The person's end of it.
        screen: The program's end, to be written to.
    """

    def __init__(self, terminal: int, screen: TextIO) -> None:
        self.read = ""
        self.screen = screen
        self.answers: list[str] = []
        self._terminal = terminal
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        # Reading fails when the other end is closed.
        with contextlib.suppress(OSError):
            while text := os.read(self._terminal, 4096).decode(errors="replace"):
                self.read += text
                if "[y/N]" in text:
                    os.write(self._terminal, f"{self.answers.pop(0)}\n".encode())

    def leave(self) -> None:
        """Read what is left."""
        self._reading.join()
        os.close(self._terminal)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    """A person whose terminal is standard input; a test itself makes its screen standard error, as pytest would undo it."""
    own, other = os.openpty()
    with (
        open(other, encoding="utf-8") as stdin,  # noqa: PTH123 -- it is a descriptor
        open(os.dup(other), "w", encoding="utf-8") as screen,  # noqa: PTH123 -- the same
    ):
        person = Person(own, screen)
        monkeypatch.setattr(sys, "stdin", stdin)
        yield person
        monkeypatch.undo()
    person.leave()


@pytest.fixture
def alone(tmp_path: Path) -> Shell:
    """A shell without services: nothing answers at their addresses."""
    nowhere = {"ZANGTABLE_BASE_URL": "http://127.0.0.1:9", "EXTRUCT_BASE_URL": "http://127.0.0.1:9"}
    return Shell(tmp_path, environ={"NO_COLOR": "1", **TOKENS, **nowhere})


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell beside an emulator, whose databases are in the folder `emulator`."""
    ready: queue.Queue[Emulator] = queue.Queue()
    done = threading.Event()

    async def serve() -> None:
        async with Emulator(data=tmp_path / "emulator") as emulator:
            ready.put(emulator)
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    emulator = ready.get(timeout=10)
    addresses = {"ZANGTABLE_BASE_URL": emulator.url, "EXTRUCT_BASE_URL": emulator.url}
    yield Shell(tmp_path, emulator, {"NO_COLOR": "1", **TOKENS, **addresses})
    done.set()
    thread.join()
