"""What our own sessions connect through: how many connections, which certificates, which proxy."""

import ssl
from collections.abc import Mapping
from os import PathLike

from yarl import URL

from aiotables.core.classes import field, frozen
from aiotables.core.errors import SettingsError


@frozen(kw_only=True)
class Network:
    """How to connect. Read once, when a client is made: aiohttp's own look at the environment costs a thread per call."""

    connections: int | None = None
    """Connections at the most, for each event loop; `None` for as many as there are calls in flight."""

    keep_alive: float = 4.0
    """
    Seconds for which an idle connection is kept. Servers close theirs after 5 seconds and more, and who sends just then
    never learns whether it arrived: so ours are closed before.
    """

    ssl_context: ssl.SSLContext | None = None
    """Certificates to trust and to show; `None` for the system's."""

    proxy: URL | None = field(default=None, repr=False)
    """It may hold a password, so it is in no `repr`."""


def find_network(
    base: URL,
    *,
    connections: int | None = None,
    ssl_context: ssl.SSLContext | None = None,
    ca_file: str | PathLike[str] | None = None,
    proxy: str | None = None,
    proxy_from_environ: bool = False,
    environ: Mapping[str, str],
) -> Network:
    """
    How to connect to a base URL.

    Args:
        base: The base URL.
        connections: Connections at the most, for each event loop.
        ssl_context: Certificates to trust and to show.
        ca_file: File of certificates, in PEM form, to trust in place of the system's.
        proxy: URL of a proxy, with a user and a password if it asks for them.
        proxy_from_environ: Take the proxy from the environment when none is given.
        environ: The environment.

    Raises:
        SettingsError: One of them is wrong, or two of them contradict each other. The message never holds the proxy.
    """
    if connections is not None and connections < 1:
        msg = "connections must be positive"
        raise SettingsError(msg)
    if ssl_context is not None and ca_file is not None:
        msg = "give ssl_context or ca_file, not both"
        raise SettingsError(msg)
    if proxy is None and proxy_from_environ:
        proxy = find_proxy(base, environ)
    return Network(
        connections=connections,
        ssl_context=ssl_context if ca_file is None else _trusting(ca_file),
        proxy=None if proxy is None else _proxy_url(proxy),
    )


def find_proxy(base: URL, environ: Mapping[str, str]) -> str | None:
    """
    The proxy that the environment names for a URL: `https_proxy`, `http_proxy` or `all_proxy`, unless `no_proxy` names
    the host. Names in small letters go before those in capitals.
    """
    if _goes_directly(base, _variable(environ, "no_proxy") or ""):
        return None
    return _variable(environ, f"{base.scheme}_proxy") or _variable(environ, "all_proxy")


def _variable(environ: Mapping[str, str], name: str) -> str | None:
    # On a CGI server HTTP_PROXY is what a visitor sent as the header `Proxy`.
    if name == "http_proxy" and "REQUEST_METHOD" in environ:
        return environ.get(name)
    return environ.get(name) or environ.get(name.upper()) or None


def _goes_directly(base: URL, no_proxy: str) -> bool:
    host = base.host or ""
    for entry in no_proxy.lower().replace(",", " ").split():
        name = entry.removeprefix("*").removeprefix(".")
        if entry == "*" or name in {host, f"{host}:{base.port}"} or host.endswith(f".{name}"):
            return True
    return False


def _trusting(ca_file: str | PathLike[str]) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        # An `SSLError`, of a file that holds no certificate, is one of these.
        msg = f"ca_file {str(ca_file)!r} cannot be read: {error.strerror or error}"
        raise SettingsError(msg) from error


def _proxy_url(text: str) -> URL:
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme not in {"http", "https"} or not url.host:
        msg = "the proxy (argument or environment) must be http://[user:password@]host[:port], or https"
        # Not chained: the cause would show the password.
        raise SettingsError(msg) from None
    return url
