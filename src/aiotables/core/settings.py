"""Settings of a client: arguments first, then the environment, then the defaults."""

import ipaddress
from collections.abc import Mapping

from yarl import URL

from aiotables.core.errors import SettingsError


def find_token(argument: str | None, *, variable: str, environ: Mapping[str, str]) -> str:
    """
    The API token.

    Args:
        argument: The token as given, or `None` to read the environment.
        variable: Name of the environment variable.
        environ: The environment.

    Raises:
        SettingsError: There is none, or it cannot stand in a header. The message never holds the token.
    """
    token = argument if argument is not None else environ.get(variable)
    if not token:
        msg = f"no API token: pass token=… or set {variable}"
        raise SettingsError(msg)

    if not token.isascii() or not token.isprintable() or " " in token:
        msg = f"the API token (argument or {variable}) holds a space, a line break or a character outside of ASCII"
        raise SettingsError(msg)

    return token


def find_base_url(
    argument: str | None,
    *,
    variable: str,
    default: str,
    environ: Mapping[str, str],
    allow_http: bool = False,
) -> URL:
    """
    The base URL, to which alone the token is sent.

    Args:
        argument: The URL as given, or `None` to read the environment.
        variable: Name of the environment variable.
        default: The service's own.
        environ: The environment.
        allow_http: Let the token travel unencrypted to a host that is not this machine.

    Raises:
        SettingsError: It is no http(s) URL, carries a user, query or fragment, or is plain http to another machine.
    """
    text = argument or environ.get(variable) or default
    url = _parsed(text)
    if url is None or url.scheme not in {"http", "https"} or not url.host:
        msg = f"base URL {_shown(text)} (argument or {variable}): expected https://host[:port][/path]"
        raise SettingsError(msg)

    if url.user is not None or url.password is not None or url.query_string or url.fragment:
        msg = f"the base URL (argument or {variable}) may not hold a user, a query or a fragment"
        raise SettingsError(msg)

    if url.scheme == "http" and not allow_http and not _is_loopback(url.host):
        msg = (
            f"base URL {text!r} would send the token unencrypted; use https, or allow it with allow_http=True"
        )
        raise SettingsError(msg)

    return url


def _shown(text: str) -> str:
    # What a URL may hide after these signs is nobody's business.
    return "(not shown)" if set(text) & set("@?#") else repr(text)


def _parsed(text: str) -> URL | None:
    try:
        return URL(text)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
