"""Opens what a run needs: a client for each target of a manifest, and what provisioning does with it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from aiotables.core.client import ApiClient, Options
from aiotables.core.clock import SYSTEM_CLOCK, Clock
from aiotables.core.errors import SettingsError
from aiotables.core.pacing import Limiter, Pacer
from aiotables.core.record import Observer
from aiotables.core.settle import SettlePolicy
from aiotables.core.transport import Timeouts
from aiotables.extruct import Extruct
from aiotables.provision.extruct import ExtructService
from aiotables.provision.manifest import AnyTarget, Manifest, ZangTableTarget
from aiotables.provision.rows import RowReader
from aiotables.provision.steps import Service
from aiotables.provision.zangtable import ZangTableService
from aiotables.zangtable import ZangTable


@asynccontextmanager
async def open_clients(
    manifest: Manifest, *, environ: Mapping[str, str], observers: Sequence[Observer] = ()
) -> AsyncIterator[dict[str, ApiClient]]:
    """
    A client for each target, by the target's name, with the settings that the manifest gives it; until the end of the
    block.

    Args:
        manifest: The manifest.
        environ: The environment, which holds the tokens.
        observers: Told of each call.
    """
    async with AsyncExitStack() as stack:
        clients: dict[str, ApiClient] = {}
        for name, target in manifest.targets.items():
            clients[name] = client_of(target, environ=environ, observers=observers)
            await stack.enter_async_context(clients[name])
        yield clients


@asynccontextmanager
async def open_services(
    manifest: Manifest, *, environ: Mapping[str, str], observer: Observer | None = None
) -> AsyncIterator[dict[str, Service]]:
    """
    A service for each target, until the end of the block.

    Args:
        manifest: The manifest.
        environ: The environment, which holds the tokens.
        observer: Told of each call.
    """
    observers = [] if observer is None else [observer]
    async with open_clients(manifest, environ=environ, observers=observers) as clients:
        with RowReader() as rows:
            services = services_of(manifest, clients, rows)
            try:
                yield services
            finally:
                for service in services.values():
                    service.close()


def services_of(manifest: Manifest, clients: Mapping[str, ApiClient], rows: RowReader) -> dict[str, Service]:
    """
    What provisioning does with the client of each target.

    Args:
        manifest: The manifest.
        clients: By the names of the targets.
        rows: Reads the rows of tables.

    Raises:
        SettingsError: A target has no client, or one of another service or project.
    """
    return {name: service_of(target, clients.get(name), rows) for name, target in manifest.targets.items()}


def service_of(target: AnyTarget, client: ApiClient | None, rows: RowReader) -> Service:
    """
    What provisioning does with the client of one target.

    Args:
        target: The target.
        client: Its client.
        rows: Reads the rows of tables.

    Raises:
        SettingsError: There is no client, or it is one of another service or project.
    """
    wanted = "an Extruct client"
    if isinstance(target, ZangTableTarget):
        wanted = f"a ZangTable client of the project {target.project!r}"
        if isinstance(client, ZangTable) and client.project == target.project:
            return ZangTableService(client)
    elif isinstance(client, Extruct):
        return ExtructService(client, rows)
    given = "none is given" if client is None else f"it is given {client!r}"
    message = f"the target {target.name!r} needs {wanted}, and {given}"
    raise SettingsError(message)


def client_of(
    target: AnyTarget,
    *,
    environ: Mapping[str, str],
    observers: Sequence[Observer] = (),
    limiter: Limiter | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> ApiClient:
    """
    A client with the settings that the manifest gives a target.

    Args:
        target: The target.
        environ: The environment, which holds the token.
        observers: Told of each call.
        limiter: A limit that several processes share; it takes the place of the target's own rate.
        clock: Time.
    """
    token = environ[target.token_env]
    options = _options(target, environ, observers)
    options["clock"] = clock
    if limiter is not None:
        options["limiter"] = limiter
        options["pacer"] = Pacer(in_flight=target.in_flight, clock=clock)
    if isinstance(target, ZangTableTarget):
        return ZangTable(token=token, project=target.project, **options)
    return Extruct(token=token, **options)


def _options(target: AnyTarget, environ: Mapping[str, str], observers: Sequence[Observer]) -> Options:
    return Options(
        base_url=target.base_url,
        allow_http=target.allow_http,
        environ=environ,
        observers=observers,
        pacer=Pacer(in_flight=target.in_flight, rate=target.rate),
        timeouts=Timeouts(connect=min(Timeouts().connect, target.timeout), answer=target.timeout),
        settling=SettlePolicy(grace=target.grace),
    )
