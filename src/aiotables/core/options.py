"""Settings that both clients take, and what follows from them."""

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypedDict, cast

from attrs import evolve
from yarl import URL

from aiotables import core
from aiotables.core.clock import Clock
from aiotables.core.errors import SettingsError
from aiotables.core.network import Network, find_network
from aiotables.core.pacing import Limiter, Pacer
from aiotables.core.record import Observer
from aiotables.core.retries import RetryPolicy
from aiotables.core.settle import SettlePolicy
from aiotables.core.transport import Timeouts


if TYPE_CHECKING:
    import ssl
    from os import PathLike

    import aiohttp


LEAST_GRACE = 1.5
"""The shortest grace that a client takes, in request timeouts."""


class Options(TypedDict, total=False):
    """Settings that both clients take, all optional."""

    base_url: str | None
    """Where the API is; else the environment's, else the service's own."""

    session: "aiohttp.ClientSession | None"
    """A session of the caller's, with its own proxy, certificates and pool; it is never closed by the client."""

    connections: int | None
    """Connections at the most, for each event loop; by default as many as there are calls in flight."""

    proxy: str | None
    """URL of a proxy, with a user and a password if it asks for them."""

    proxy_from_environ: bool
    """Take the proxy from `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy`, read once; by default not."""

    ssl_context: "ssl.SSLContext | None"
    """Certificates to trust and to show, in place of the system's."""

    ca_file: "str | PathLike[str] | None"
    """File of certificates, in PEM form, to trust in place of the system's."""

    timeouts: Timeouts
    """Limits of one sending, in seconds."""

    retries: RetryPolicy
    """How often a call is sent again; `NO_RETRIES` switches it off."""

    settling: SettlePolicy
    """How long to look for what a lost call did."""

    pacer: Pacer
    """How fast calls go out, in place of the one that all clients of the process with the same token share."""

    limiter: Limiter
    """A limit shared with other processes, asked before each request."""

    observers: Sequence[Observer]
    """Called with the record of each call when it has ended."""

    listeners: "Sequence[core.events.Listener]"
    """Called with the start and the end of each call, and of each of its attempts."""

    tracing: bool | None
    """Whether to make spans with OpenTelemetry; by default if the program has imported `opentelemetry.trace` before."""

    metrics: bool | None
    """Whether to make metrics with OpenTelemetry; by default if the program has imported `opentelemetry.metrics`."""

    propagate_trace: bool
    """Whether to send the ids of the current trace to the service, as `traceparent`; by default not."""

    clock: Clock
    """Time, for tests."""

    jitter: random.Random
    """Source of the random part of pauses; one with a seed makes them repeat, for tests."""

    allow_http: bool
    """Let the token travel unencrypted to a host that is not this machine."""

    environ: Mapping[str, str]
    """The environment to read settings from, in place of the process's."""


_TAKES: Final[Mapping[str, type]] = {
    "timeouts": Timeouts,
    "retries": RetryPolicy,
    "settling": SettlePolicy,
}
"""Settings that a plain number is easily given for."""


def check(options: Options) -> None:
    """
    Refuse what no client would go by: Python itself takes any keyword where these go.

    Raises:
        SettingsError: No setting has that name, or it is of another type.
    """
    known = Options.__optional_keys__
    for name, value in options.items():
        if name not in known:
            # The token is a setting to whoever gives it, though an argument of its own.
            msg = f"there is no setting {name}{core.slips.did_you_mean(name, sorted({'token', *known}))}"
            raise SettingsError(msg)
        takes = _TAKES.get(name)
        if takes is not None and not isinstance(value, takes):
            msg = f"{name} takes a {takes.__name__}, not {type(value).__name__}"
            raise SettingsError(msg)


_NETWORK = ("connections", "proxy", "proxy_from_environ", "ssl_context", "ca_file")


def network_of(base: URL, options: Options, environ: Mapping[str, str]) -> Network:
    """
    What a client's own sessions connect through.

    Raises:
        SettingsError: It was set beside a session that was given.
    """
    given = {name: value for name, value in cast("dict[str, Any]", options).items() if name in _NETWORK}
    if given and options.get("session") is not None:
        msg = f"{', '.join(given)}: set this on the session that you give"
        raise SettingsError(msg)
    return find_network(base, environ=environ, **given)


def reaching(settling: SettlePolicy, timeouts: Timeouts) -> SettlePolicy:
    """The policy, with a grace that leaves time to look after a reply that timed out."""
    # A server that let a reply time out may still be at work then. With a grace as short as the timeout there would be one
    # look, at the worst moment, and then a second sending.
    least = LEAST_GRACE * timeouts.answer
    return settling if settling.grace >= least else evolve(settling, grace=least)
