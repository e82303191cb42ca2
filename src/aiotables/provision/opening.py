"""Opens what a run needs: a client for each target of a manifest, and the reader of its rows."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from aiotables.core.client import Options
from aiotables.core.pacing import Pacer
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
async def open_services(
    manifest: Manifest, *, environ: Mapping[str, str], observer: Observer
) -> AsyncIterator[dict[str, Service]]:
    """
    A service for each target, until the end of the block.

    Args:
        manifest: The manifest.
        environ: The environment, which holds the tokens.
        observer: Told of each call.
    """
    async with AsyncExitStack() as stack:
        rows = stack.enter_context(RowReader())
        services: dict[str, Service] = {}
        for name, target in manifest.targets.items():
            services[name] = service = _service(target, rows, environ, observer)
            stack.callback(service.close)
            await stack.enter_async_context(service.client)
        yield services


def _service(target: AnyTarget, rows: RowReader, environ: Mapping[str, str], observer: Observer) -> Service:
    token = environ[target.token_env]
    options = _options(target, environ, observer)
    if isinstance(target, ZangTableTarget):
        return ZangTableService(ZangTable(token=token, project=target.project, **options))
    return ExtructService(Extruct(token=token, **options), rows, settling=SettlePolicy(grace=target.grace))


def _options(target: AnyTarget, environ: Mapping[str, str], observer: Observer) -> Options:
    return Options(
        base_url=target.base_url,
        allow_http=target.allow_http,
        environ=environ,
        observers=[observer],
        pacer=Pacer(in_flight=target.in_flight, rate=target.rate),
        timeouts=Timeouts(connect=min(Timeouts().connect, target.timeout), answer=target.timeout),
        settling=SettlePolicy(grace=target.grace),
    )
