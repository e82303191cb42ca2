"""
Two hosts with a database link that can be cut, and a network by which both reach the services: network namespaces.

Both links go through a third namespace. A cut is a bridge that is down there, so neither host sees anything of it: what is
sent is not answered, as when a cable is pulled somewhere on the way.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final

from attrs import frozen

from tests.postgres import postgres


LINKS: Final = {"data": "10.77.1", "world": "10.77.2"}
"""The networks, by the names of their bridges."""


def why_not() -> str | None:
    """Why there can be no hosts here."""
    missing = [each for each in ("ip", "unshare", "runuser") if shutil.which(each) is None]
    if missing:
        return f"these commands are missing: {', '.join(missing)}"
    if os.geteuid() != 0:
        return "network namespaces need root"
    command = ["unshare", "-n", "ip", "link", "add", "type", "bridge"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"network namespaces cannot be made: {tried.stderr.strip()}" if tried.returncode else None


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@frozen
class Host:
    """One host."""

    namespace: str
    number: int

    @property
    def address(self) -> str:
        """Where it is in the network of the database."""
        return f"{LINKS['data']}.{self.number}"

    def command(self, *words: str) -> list[str]:
        """A command line that runs there."""
        return ["ip", "netns", "exec", self.namespace, *words]

    async def python(self, *words: str, environ: Mapping[str, str]) -> str:
        """What a run of Python there prints."""
        process = await asyncio.create_subprocess_exec(
            *self.command(sys.executable, *words),
            env=environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            told, complaints = await process.communicate()
        finally:
            with suppress(ProcessLookupError):
                process.kill()
        assert not process.returncode, complaints.decode()
        return told.decode()

    @contextmanager
    def running(
        self, *words: str, environ: Mapping[str, str], log: Path
    ) -> "Iterator[subprocess.Popen[bytes]]":
        """Python there, until the end of the block; what it says is added to a log."""
        with log.open("ab") as file:
            process = subprocess.Popen(
                self.command(sys.executable, *words), env=environ, stdout=file, stderr=file
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@frozen
class Hosts:
    """Two hosts, and the world."""

    here: Host
    there: Host
    world: Host

    @property
    def services(self) -> str:
        """The address of the world, which both reach by another link than each other."""
        return f"{LINKS['world']}.{self.world.number}"

    def cut(self) -> None:
        """Let nothing through between the hosts any more."""
        _ip("-n", self.world.namespace, "link", "set", "data", "down")

    def mend(self) -> None:
        """Let it through again."""
        _ip("-n", self.world.namespace, "link", "set", "data", "up")

    @asynccontextmanager
    async def database(self) -> AsyncIterator[str]:
        """The URL of a PostgreSQL here, which both hosts reach by the link."""
        with postgres() as server:
            server.stop()
            with (server.pgdata / "pg_hba.conf").open("a", encoding="utf-8") as rules:
                rules.write(f"host all all {LINKS['data']}.0/24 trust\n")
            words = (str(server.bin_path / "postgres"), "-D", str(server.pgdata), "-h", self.here.address)
            # PostgreSQL refuses to run as root, and only root gets into the namespace.
            process = await asyncio.create_subprocess_exec(
                *self.here.command("runuser", "-u", server.system_user, "--", *words, "-p", "5432", "-k", ""),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                yield f"postgresql://postgres@{self.here.address}:5432/postgres?connect_timeout=5"
            finally:
                process.terminate()
                await process.wait()


@contextmanager
def two_hosts() -> Iterator[Hosts]:
    """Two hosts, until the end of the block."""
    hosts = [Host(f"aiotables-{os.getpid()}-{number}", number) for number in (1, 2, 3)]
    here, there, world = hosts
    with ExitStack() as stack:
        for host in hosts:
            _ip("netns", "add", host.namespace)
            stack.callback(_ip, "netns", "del", host.namespace)
            _ip("-n", host.namespace, "link", "set", "lo", "up")
        for link, network in LINKS.items():
            _ip("-n", world.namespace, "link", "add", link, "type", "bridge")
            _ip("-n", world.namespace, "addr", "add", f"{network}.{world.number}/24", "dev", link)
            _ip("-n", world.namespace, "link", "set", link, "up")
            for host in (here, there):
                _join(host, world, link)
        yield Hosts(here, there, world)


def _join(host: Host, world: Host, link: str) -> None:
    """A cable from a host to a bridge."""
    plug = f"{link}{host.number}"
    ends = ("link", "add", link, "netns", host.namespace, "type", "veth")
    _ip(*ends, "peer", "name", plug, "netns", world.namespace)
    _ip("-n", world.namespace, "link", "set", plug, "master", link, "up")
    _ip("-n", host.namespace, "addr", "add", f"{LINKS[link]}.{host.number}/24", "dev", link)
    _ip("-n", host.namespace, "link", "set", link, "up")
