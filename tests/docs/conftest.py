"""
Runs the examples of a page as its reader would: one after another, in a folder of their own.

| block | what is done with it |
| --- | --- |
| `python` | run as a script |
| `shell` | run by bash; what it exports lasts until the end of the page |
| `shell exit=2` | the same, and the exit code has to be 2 |
| `shell background` | started, and ended with the page; must listen on the port that it names |
| `sql` | asked of the only journal there is; it prints as the `sqlite3` shell does |
| `LANGUAGE file=NAME` | written to NAME, which the text above has to name |
| `LANGUAGE from=PATH` | has to stand in that file of the repository; a line `...` stands for lines left out |
| `text output` | what the block before it prints; `...` stands for any text |
| `text`, `{toctree}` | for people alone |

Ports from 8700 to 8799 are replaced by free ones.
"""

import contextlib
import doctest
import os
import re
import shlex
import socket
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import define, field, frozen

from tests.postgres import postgres


ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SHIMS = {"aiotables": "-m aiotables", "pytest": "-m pytest", "python": ""}
PORT = re.compile(r"\b87[0-9]{2}\b")
PATIENCE = 30.0
LAX = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@frozen(kw_only=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    word: str
    """`background`, `output`, or nothing."""

    facts: dict[str, str]
    """`file`, `from` and `exit`."""

    text: str
    before: str
    """The paragraph above it."""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in their order."""
    source = page.read_text()
    for found in FENCE.finditer(source):
        words = shlex.split(found["info"])
        facts = dict(word.split("=", 1) for word in words[1:] if "=" in word)
        yield Block(
            page=page,
            line=source.count("\n", 0, found.start()) + 1,
            language=words[0] if words else "",
            word=" ".join(word for word in words[1:] if "=" not in word),
            facts=facts,
            text=found["text"],
            before=source[: found.start()].rstrip().rpartition("\n\n")[2],
        )


@define
class Reader:
    """Somebody who tries everything that a page shows."""

    folder: Path
    environ: dict[str, str]
    printed: str = ""
    ports: dict[str, str] = field(factory=dict)
    background: list[subprocess.Popen[bytes]] = field(factory=list)

    def try_page(self, page: Path) -> None:
        """Do what a page asks for, from its top to its end."""
        for block in blocks_of(page):
            self.take(block)

    def take(self, block: Block) -> None:
        """Do what a block asks for."""
        match block:
            case Block(language="text", word="output"):
                self._compare(block)
            case Block(facts={"file": name}):
                self._write(block, name)
            case Block(facts={"from": path}):
                assert stands_in(block.text, (ROOT / path).read_text()), f"{block}: not what {path} holds"
            case Block(language="python", word=""):
                (self.folder / "example.py").write_text(self._ported(block))
                self._run(block, [sys.executable, "example.py"])
            case Block(language="shell", word="background"):
                self._start(block)
            case Block(language="shell", word=""):
                self._run(block, ["bash", "-euc", f'trap "env -0 >.env" EXIT\n{self._ported(block)}'])
                self._keep_exports()
            case Block(language="sql", word=""):
                self._query(block)
            case Block(language="text" | "{toctree}", word=""):
                pass
            case _:
                pytest.fail(f"{block}: nobody knows what to do with this block")

    def leave(self) -> None:
        """End what was started."""
        for process in self.background:
            process.terminate()
            process.wait()

    def _ported(self, block: Block) -> str:
        return PORT.sub(lambda found: self.ports.setdefault(found[0], free_port()), block.text)

    def _write(self, block: Block, name: str) -> None:
        assert f"`{name}`" in block.before, f"{block}: the text above does not name {name}"
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(self._ported(block))

    def _run(self, block: Block, command: list[str]) -> None:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            encoding="utf-8",
        )
        self.printed = done.stdout
        expected = int(block.facts.get("exit", 0))
        assert expected == done.returncode, f"{block}: exit code {done.returncode}\n{done.stdout}"

    def _query(self, block: Block) -> None:
        (journal,) = self.folder.rglob("journal.sqlite")
        with contextlib.closing(sqlite3.connect(journal)) as connection:
            found = connection.execute(block.text).fetchall()
        self.printed = "".join("|".join(map(str, row)) + "\n" for row in found)

    def _start(self, block: Block) -> None:
        process = subprocess.Popen(
            ["bash", "-euc", f"exec {self._ported(block)}"],
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.DEVNULL,
        )
        self.background.append(process)
        (named,) = PORT.findall(block.text)
        wait_until(lambda: listens(int(self.ports[named])) or process.poll() is not None)
        assert process.poll() is None, f"{block}: ended by itself"

    def _keep_exports(self) -> None:
        kept = (self.folder / ".env").read_text().split("\0")
        self.environ = dict(pair.split("=", 1) for pair in kept if pair)

    def _compare(self, block: Block) -> None:
        same = doctest.OutputChecker().check_output(block.text, self.printed, LAX)
        assert same, f"{block}: expected\n{block.text}\ngot\n{self.printed}"


def stands_in(part: str, whole: str) -> bool:
    """Whether the lines of *part* follow each other in *whole*, whatever their indentation; `...` leaves lines out."""
    lines = "\n".join(line.strip() for line in whole.splitlines())
    at = 0
    for piece in re.split(r"^\s*\.\.\.$", textwrap.dedent(part), flags=re.MULTILINE):
        wanted = "\n".join(line.strip() for line in piece.strip("\n").splitlines())
        at = lines.find(wanted, at)
        if at < 0:
            return False
        at += len(wanted)
    return True


def listens(port: int) -> bool:
    """Whether somebody answers on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(ready: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < end, f"nothing happened within {PATIENCE:g} s"
        time.sleep(0.02)


def free_port() -> str:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def clean_environ(shims: Path) -> dict[str, str]:
    """The environment of somebody who has set nothing up, with this interpreter's commands in front."""
    shims.mkdir()
    for name, arguments in SHIMS.items():
        shim = shims / name
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        shim.chmod(0o755)
    ours = ("ZANGTABLE_", "EXTRUCT_", "PYTEST_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    imports = [str(Path(part).absolute()) for part in environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    return environ | {
        "PATH": os.pathsep.join([str(shims), environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join(imports),
    }


@pytest.fixture
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def python_of() -> Callable[[Path], list[str]]:
    """Reads the Python examples of a page, without what it quotes."""
    return lambda page: [
        block.text for block in blocks_of(page) if block.language == "python" and "from" not in block.facts
    ]


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Reader]:
    """A reader for whom nothing is set up."""
    folder = tmp_path / "work"
    folder.mkdir()
    reader = Reader(folder, clean_environ(tmp_path / "bin"))
    yield reader
    reader.leave()


@pytest.fixture
def reader(newcomer: Reader, tmp_path: Path) -> Reader:
    """A reader whose emulator runs, and whose environment leads to it."""
    address = tmp_path / "address"
    command = [sys.executable, "-m", "aiotables", "emulator", "--port", "0", "--address-file", str(address)]
    process = subprocess.Popen(command, env=newcomer.environ, stdout=subprocess.DEVNULL)
    newcomer.background.append(process)
    wait_until(lambda: address.exists() or process.poll() is not None)
    url = address.read_text().strip()
    newcomer.environ |= {
        "ZANGTABLE_BASE_URL": url,
        "ZANGTABLE_API_TOKEN": "pat_emulator",
        "ZANGTABLE_PROJECT": "acme",
        "EXTRUCT_BASE_URL": url,
        "EXTRUCT_API_TOKEN": "extruct-emulator",
    }
    return newcomer


@pytest.fixture
def try_as_newcomer(newcomer: Reader) -> Callable[[Path], None]:
    """Tries all that a page shows, with nothing set up."""
    return newcomer.try_page


@pytest.fixture
def try_as_reader(reader: Reader) -> Callable[[Path], None]:
    """Tries all that a page shows, with the emulator running and the environment leading to it."""
    return reader.try_page


@pytest.fixture
def try_as_operator(reader: Reader) -> Iterator[Callable[[Path], None]]:
    """The same with a PostgreSQL for the journal of many workers."""
    with postgres() as server:
        reader.environ["AIOTABLES_JOURNAL"] = server.get_uri()
        yield reader.try_page
        reader.leave()
