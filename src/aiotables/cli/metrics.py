"""What `--metrics` does: the process's metrics at an address of its own, for Prometheus to read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiotables.cli.options import Address
from aiotables.core.errors import SettingsError


if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource


@asynccontextmanager
async def serving(address: Address | None, *, name: str) -> AsyncIterator[None]:
    """
    Serve the metrics of the process until the end of the block; without an address nothing is done.

    Args:
        address: Where to listen.
        name: Tells the process from the others of its kind.

    Raises:
        SettingsError: There is no exporter, metrics go elsewhere already, or nobody can listen there.
    """
    if address is None:
        yield
        return
    _collect(name)
    from prometheus_client import start_http_server

    try:
        server, thread = start_http_server(address.port, address.host)
    except OSError as error:
        message = f"--metrics {address}: {error.strerror or error}"
        raise SettingsError(message) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _collect(name: str) -> None:
    """Have the process's metrics collected for Prometheus."""
    try:
        from opentelemetry import metrics
        from opentelemetry.exporter.prometheus import PrometheusMetricReader
        from opentelemetry.sdk.metrics import MeterProvider
    except ImportError:
        message = "--metrics needs an exporter: pip install opentelemetry-exporter-prometheus"
        raise SettingsError(message) from None
    provider = MeterProvider([PrometheusMetricReader()], resource=_resource(name))
    metrics.set_meter_provider(provider)
    if metrics.get_meter_provider() is not provider:
        message = "--metrics: something else collects the metrics of this process already"
        raise SettingsError(message)


def _resource(name: str) -> "Resource":
    """What the process is, by OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES where they say it."""
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource

    ours = Resource({"service.name": "aiotables", "service.instance.id": name})
    return ours.merge(OTELResourceDetector().detect())
