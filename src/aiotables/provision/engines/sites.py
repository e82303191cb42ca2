"""What a worker has open: for each target that it works on a client, and what the target held when it was opened."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, Self

from aiotables.core.classes import define, field
from aiotables.core.clock import Clock
from aiotables.core.record import Observer
from aiotables.provision.commons import LimiterOf
from aiotables.provision.opening import client_of, service_of
from aiotables.provision.rows import RowReader
from aiotables.provision.steps import Service
from aiotables.provision.targets import AnyTarget


IDLE: Final = 64
"""Targets that stay open though nobody works on them: a run may go through very many projects."""


@define(eq=False)
class _Site:
    ready: "asyncio.Future[Service]"
    stack: AsyncExitStack = field(factory=AsyncExitStack)
    users: int = 0


class Sites:
    """
    The targets that a worker has open. A context manager.

    A target is read once, when it is opened. What was made in it since, by whomever, is in the journal.

    Args:
        environ: The environment, which holds the tokens.
        clock: Time.
        limiter_of: Makes the limiter of a target.
        observers: Told of each call.
    """

    def __init__(
        self,
        *,
        environ: Mapping[str, str],
        clock: Clock,
        limiter_of: LimiterOf,
        observers: Sequence[Observer] = (),
    ) -> None:
        self._environ = environ
        self._clock = clock
        self._limiter_of = limiter_of
        self._observers = observers
        self._open: dict[tuple[str, str], _Site] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for key in [*self._open]:
            await self._close(key)

    @asynccontextmanager
    async def use(self, run_id: str, target: AnyTarget) -> AsyncIterator[Service]:
        """
        The service of a target, read when it is first used in a run, until the end of the block.

        Raises:
            CallError: The target cannot be read.
        """
        key = (run_id, target.name)
        site = self._open.get(key)
        new = site is None
        if site is None:
            site = self._open[key] = _Site(asyncio.get_running_loop().create_future())
        # From now on, so that nobody takes it for idle while it is read.
        site.users += 1
        try:
            if new:
                await self._prepare(key, site, target)
            yield await asyncio.shield(site.ready)
        finally:
            site.users -= 1
            await self._close_idle()

    async def _prepare(self, key: tuple[str, str], site: _Site, target: AnyTarget) -> None:
        try:
            service = await self._opened(site.stack, target)
            await service.refresh()
        except BaseException as error:
            # The next one tries anew; those who wait for this one hear of it.
            del self._open[key]
            site.ready.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
            site.ready.exception()
            await site.stack.aclose()
            raise
        site.ready.set_result(service)

    async def _opened(self, stack: AsyncExitStack, target: AnyTarget) -> Service:
        # Nothing but the token: where the calls go was settled when the run was begun.
        token = self._environ[target.token_env]
        limiter = self._limiter_of(target, token)
        client = client_of(
            target,
            environ={target.token_env: token},
            observers=self._observers,
            clock=self._clock,
            limiter=limiter,
        )
        await stack.enter_async_context(client)
        rows = stack.enter_context(RowReader())
        service = service_of(target, client, rows, environ=self._environ)
        stack.callback(service.close)
        return service

    async def _close_idle(self) -> None:
        idle = [key for key, site in self._open.items() if not site.users]
        for key in idle[: max(0, len(idle) - IDLE)]:
            await self._close(key)

    async def _close(self, key: tuple[str, str]) -> None:
        await self._open.pop(key).stack.aclose()
