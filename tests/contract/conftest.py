"""Prism, an independent server made of the bundled fragments, and what it says of the requests it gets."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from attrs import define, field, frozen

from aiotables.core.convert import Converter
from aiotables.core.operations import Operation
from aiotables.core.record import CallRecord
from codegen.bundle import bundle
from codegen.spec import JSON, METHODS, load


ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
VIOLATIONS = "sl-violations"
"""The header in which Prism tells what is wrong with a request, or with the answer that it made up."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where Prism is, and whether schemathesis is to call the emulator."""
    parser.addoption("--prism", type=Path, help="the command `prism`; `make contract` installs it")
    parser.addoption(
        "--schemathesis", action="store_true", help="call the emulator with what schemathesis makes up"
    )


@define
class Heard:
    """What Prism said, and what the client says that it called."""

    session: aiohttp.ClientSession = field(init=False)
    violations: list[str] = field(factory=list)
    called: list[str] = field(factory=list)

    def note_call(self, record: CallRecord) -> None:
        """Take down the operation of a call."""
        self.called.append(record.operation)

    async def note_reply(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams
    ) -> None:
        """Take down what Prism finds wrong."""
        for found in json.loads(end.response.headers.get(VIOLATIONS, "[]")):
            self.violations.append(f"{end.method} {end.url.path}: {found['message']} {found['location']}")


@frozen
class Example:
    """A documented request body of an operation, or none."""

    operation: Operation[Any, Any]
    name: str
    body: Any
    """The model."""

    def __str__(self) -> str:
        return f"{self.operation.name} {self.name}".strip()


def examples_of(service: str, operations: tuple[Operation[Any, Any], ...]) -> Iterator[Example]:
    """Each operation once for every example of its body, or once without one."""
    document = bundle(load(ROOT / "openapi" / service))
    read = Converter().decode
    for operation in operations:
        bodies = documented_bodies(document, operation)
        for name, body in bodies.items():
            yield Example(operation, name, read(body, operation.body))
        if not bodies:
            yield Example(operation, "", None)


def documented_bodies(document: dict[str, Any], operation: Operation[Any, Any]) -> dict[str, Any]:
    """The examples of the request body of an operation, by their names."""
    (fragment,) = (
        document["paths"][operation.path][method] for method in METHODS if method.upper() == operation.method
    )
    media = fragment.get("requestBody", {}).get("content", {}).get(JSON, {})
    return {name: example["value"] for name, example in media.get("examples", {}).items()}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what takes an `example` on each of its module's service."""
    if "example" in metafunc.fixturenames:
        module: Any = metafunc.module
        metafunc.parametrize("example", [*examples_of(module.SERVICE, module.OPERATIONS)], ids=str)


@pytest.fixture(scope="module")
def prism(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prism that serves the fragments of the module's service, and refuses what breaks them."""
    prism = request.config.getoption("--prism", default=None)
    if prism is None:
        pytest.skip("needs Prism: run `make contract`")

    folder = tmp_path_factory.mktemp("prism")
    document = folder / "openapi.json"
    with document.open("wb") as file:
        subprocess.run(
            [sys.executable, "-m", "codegen", "bundle", request.module.SERVICE],
            cwd=ROOT,
            stdout=file,
            check=True,
        )
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [prism, "mock", "--errors", "--port", str(port), document],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until(lambda: listens(port) or process.poll() is not None)
            assert process.poll() is None, (folder / "log").read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


@pytest.fixture
async def heard() -> AsyncIterator[Heard]:
    """A session to give to a client, and all that is heard on it."""
    heard, trace = Heard(), aiohttp.TraceConfig()
    trace.on_request_end.append(heard.note_reply)
    async with aiohttp.ClientSession(trace_configs=[trace]) as heard.session:
        yield heard


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody answers on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(ready: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < end, f"nothing happened within {PATIENCE:g} s"
        time.sleep(0.05)
