"""What a worker has open."""

import asyncio
from collections.abc import Mapping

import pytest

from aiotables import AiotablesError
from aiotables.core.clock import SystemClock
from aiotables.core.pacing import Limiter
from aiotables.emulator import Emulator
from aiotables.provision.engines import sites
from aiotables.provision.engines.sites import Sites
from aiotables.provision.opening import base_of
from aiotables.provision.targets import AnyTarget, ExtructTarget, ZangTableTarget


class Free:
    """A limit that nothing reaches."""

    async def acquire(self) -> None:
        """Go on."""

    async def pause(self, seconds: float) -> None:
        """Do not mind."""


def free(_: AnyTarget, _token: str) -> Limiter:
    """A limit that nothing reaches."""
    return Free()


def opened(environ: Mapping[str, str]) -> Sites:
    """Nothing open yet."""
    return Sites(environ=environ, clock=SystemClock(), limiter_of=free)


def crm(emulator: Emulator, name: str = "crm") -> ZangTableTarget:
    """A target."""
    return ZangTableTarget(name=name, token_env="ZANGTABLE_API_TOKEN", project="acme", base_url=emulator.url)


ENVIRON = {"ZANGTABLE_API_TOKEN": "pat_emulator"}


async def test_target_is_read_once(emulator: Emulator) -> None:
    """Those who use a target at the same time, and after, share one that was read when it was opened."""
    async with opened(ENVIRON) as all_sites:

        async def use() -> object:
            async with all_sites.use("run_1", crm(emulator)) as service:
                return service

        services = {*await asyncio.gather(use(), use()), await use()}

    assert 1 == len(services)
    assert 1 == sum(call.operation == "zangtable.get_current_auth" for call in emulator.calls)


async def test_idle_targets_are_closed(monkeypatch: pytest.MonkeyPatch, emulator: Emulator) -> None:
    """Of the targets that nobody works on only so many stay open; one that was closed is read anew."""
    monkeypatch.setattr(sites, "IDLE", 1)
    async with opened(ENVIRON) as all_sites:
        for _ in range(2):
            for name in ("crm", "other"):
                async with all_sites.use("run_1", crm(emulator, name)):
                    pass

    assert 4 == sum(call.operation == "zangtable.get_current_auth" for call in emulator.calls)


async def test_target_that_cannot_be_read(emulator: Emulator) -> None:
    """All who wait for a target hear that it cannot be read, and the next one tries again."""
    async with opened({"ZANGTABLE_API_TOKEN": "pat_wrong"}) as all_sites:

        async def use() -> None:
            async with all_sites.use("run_1", crm(emulator)):
                pass

        failures = [*await asyncio.gather(use(), use(), return_exceptions=True)]
        failures += await asyncio.gather(use(), return_exceptions=True)

    assert 3 == sum(isinstance(failure, AiotablesError) for failure in failures)
    assert 2 == sum(call.operation == "zangtable.get_current_auth" for call in emulator.calls)


def test_where_calls_go(emulator: Emulator) -> None:
    """To the target's own base URL, or to the service's."""
    assert emulator.url == base_of(crm(emulator))
    assert "https://api.extruct.ai" in base_of(ExtructTarget(name="research", token_env="T"))
