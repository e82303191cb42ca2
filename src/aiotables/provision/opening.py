"""Opens what a run needs: a client for each target of a manifest, and what provisioning does with it."""

import os
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module

from aiotables.core.client import ApiClient
from aiotables.core.clock import SYSTEM_CLOCK, Clock
from aiotables.core.errors import SettingsError
from aiotables.core.options import Options
from aiotables.core.pacing import Limiter, Pacer
from aiotables.core.record import Observer
from aiotables.core.settle import SettlePolicy
from aiotables.core.transport import Timeouts
from aiotables.extruct import Extruct
from aiotables.provision.commons import ALONE, Commons
from aiotables.provision.holding import Held
from aiotables.provision.manifest import AnyTarget, Manifest, ZangTableTarget
from aiotables.provision.margin import aimed_at
from aiotables.provision.new_project import NewProject
from aiotables.provision.rows import RowReader
from aiotables.provision.steps import Service
from aiotables.provision.targets import token_of
from aiotables.provision.zangtable import ZangTableService
from aiotables.zangtable import ZangTable


@asynccontextmanager
async def open_clients(
    manifest: Manifest,
    *,
    environ: Mapping[str, str],
    observers: Sequence[Observer] = (),
    commons: Commons = ALONE,
) -> AsyncIterator[dict[str, ApiClient]]:
    """
    A client for each target, by the target's name, with the settings that the manifest gives it; until the end of the
    block.

    Args:
        manifest: The manifest.
        environ: The environment, which holds the tokens.
        observers: Told of each call.
        commons: What they share with other processes.
    """
    # It comes with the first call otherwise, whose answer would seem to take that long, and all others by that one.
    import_module("aiohttp")
    async with AsyncExitStack() as stack:
        clients: dict[str, ApiClient] = {}
        pacers = _pacers(manifest.targets.values(), environ)
        for name, target in manifest.targets.items():
            client = client_of(
                target,
                environ=environ,
                observers=observers,
                pacer=pacers[name],
                limiter=_limiter_of(target, environ, commons),
                clock=commons.clock,
            )
            clients[name] = await stack.enter_async_context(client)
        yield clients


@asynccontextmanager
async def open_services(
    manifest: Manifest,
    *,
    environ: Mapping[str, str],
    observer: Observer | None = None,
    commons: Commons = ALONE,
) -> AsyncIterator[dict[str, Service]]:
    """
    A service for each target, until the end of the block.

    Args:
        manifest: The manifest.
        environ: The environment, which holds the tokens.
        observer: Told of each call.
        commons: What they share with other processes.
    """
    observers = [] if observer is None else [observer]
    async with open_clients(manifest, environ=environ, observers=observers, commons=commons) as clients:
        with RowReader() as rows:
            services = services_of(manifest, clients, rows, environ=environ)
            try:
                yield services
            finally:
                for service in services.values():
                    service.close()


def services_of(
    manifest: Manifest,
    clients: Mapping[str, ApiClient],
    rows: RowReader,
    *,
    environ: Mapping[str, str] = os.environ,
) -> dict[str, Service]:
    """
    What provisioning does with the client of each target.

    Args:
        manifest: The manifest.
        clients: By the names of the targets.
        rows: Reads the rows of tables.
        environ: The environment, which holds the passwords of projects that are to be made.

    Raises:
        SettingsError: A target has no client, or one of another service or project.
    """
    return {
        name: service_of(target, clients.get(name), rows, environ=environ)
        for name, target in manifest.targets.items()
    }


def service_of(
    target: AnyTarget,
    client: ApiClient | None,
    rows: RowReader,
    *,
    environ: Mapping[str, str] = os.environ,
) -> Service:
    """
    What provisioning does with the client of one target.

    Args:
        target: The target.
        client: Its client.
        rows: Reads the rows of tables.
        environ: The environment.

    Raises:
        SettingsError: There is no client, or it is one of another service or project.
    """
    wanted = "an Extruct client"
    if isinstance(target, ZangTableTarget):
        wanted = f"a ZangTable client of the project {target.project!r}"
        if isinstance(client, ZangTable) and client.project == target.project:
            if target.create_project is not None:
                return NewProject(client, target, environ=environ)
            return ZangTableService(client)
    elif isinstance(client, Extruct):
        # With it come the models of a service that may not be used at all.
        from aiotables.provision.extruct import ExtructService

        return ExtructService(client, rows)
    given = "none is given" if client is None else f"it is given {client!r}"
    message = f"the target {target.name!r} needs {wanted}, and {given}"
    raise SettingsError(message)


def client_of(
    target: AnyTarget,
    *,
    environ: Mapping[str, str],
    observers: Sequence[Observer] = (),
    pacer: Pacer | None = None,
    limiter: Limiter | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> ApiClient:
    """
    A client with the settings that the manifest gives a target.

    Args:
        target: The target.
        environ: The environment, which holds the token.
        observers: Told of each call.
        pacer: The pace that it shares with other targets, in place of its own.
        limiter: A limit that several processes share; without a pacer it takes the place of the target's own rate.
        clock: Time.
    """
    token = token_of(target, environ)
    options = _options(target, environ, observers)
    options["pacer"] = pacer or _pacer_of([target])
    options["clock"] = clock
    options["limiter"] = Held(limiter)
    if limiter is not None:
        options["pacer"] = pacer or Pacer(in_flight=target.in_flight, clock=clock)
    if isinstance(target, ZangTableTarget):
        return ZangTable(token=token, project=target.project, **options)
    return Extruct(token=token, **options)


def base_of(target: AnyTarget) -> str:
    """Where the calls of a target go."""
    client = ZangTable if isinstance(target, ZangTableTarget) else Extruct
    return target.base_url or client.default_base_url


def _limiter_of(target: AnyTarget, environ: Mapping[str, str], commons: Commons) -> Limiter | None:
    return None if commons.limiter_of is None else commons.limiter_of(target, environ[target.token_env])


def _pacers(targets: Iterable[AnyTarget], environ: Mapping[str, str]) -> dict[str, Pacer]:
    """A pace for each target, by its name: the same for those that the service knows by the same token."""
    groups: dict[tuple[type, str | None, str], list[AnyTarget]] = {}
    for target in targets:
        groups.setdefault((type(target), target.base_url, token_of(target, environ)), []).append(target)
    paces = [(group, _pacer_of(group)) for group in groups.values()]
    return {target.name: pacer for group, pacer in paces for target in group}


def _pacer_of(targets: Sequence[AnyTarget]) -> Pacer:
    """A pace that is too fast for none of them."""
    rates = [target.rate for target in targets if target.rate is not None]
    rate = aimed_at(min(rates)) if rates else None
    return Pacer(in_flight=min(target.in_flight for target in targets), rate=rate)


def _options(target: AnyTarget, environ: Mapping[str, str], observers: Sequence[Observer]) -> Options:
    return Options(
        base_url=target.base_url,
        allow_http=target.allow_http,
        environ=environ,
        observers=observers,
        timeouts=Timeouts(connect=min(Timeouts().connect, target.timeout), answer=target.timeout),
        settling=SettlePolicy(grace=target.grace),
    )
