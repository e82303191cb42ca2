"""
Who may use the emulator's own endpoints: programs on this machine, and its own page; no page of another site.

No token is asked for. A page of another site that is open in a browser on this machine could reach the port, too, so what
browsers tell of a request decides. Pure.
"""

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address

from yarl import URL


SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""What every answer of these endpoints carries, unless it says otherwise itself."""


def objection(method: str, headers: Mapping[str, str]) -> str | None:
    """Why a request is refused; None when it is let in."""
    host = headers.get("Host", "")
    if not _is_of_this_machine(host):
        return f"this is served to localhost and to addresses, not to the name {host[:80]!r}"

    origin = headers.get("Origin")
    if origin is not None and origin != f"http://{host}":
        return "another site asked for this"

    site = headers.get("Sec-Fetch-Site", "none")
    if site in {"same-origin", "none"} or (method == "GET" and _is_navigation(headers)):
        return None

    return "another site asked for this"


def is_stranger(peer: str | None) -> bool:
    """Whether *peer*, the address that a request comes from, is of another machine."""
    try:
        address = ip_address(peer or "")
    except ValueError:
        return True

    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return not (mapped or address).is_loopback


def _is_of_this_machine(host: str) -> bool:
    """
    Whether *host*, of a `Host` header, is a name that nobody else can own.

    A name of somebody's can be made to lead here (DNS rebinding), and then his page is no other site.
    """
    try:
        name = URL(f"http://{host}").host or ""
        return name == "localhost" or bool(ip_address(name))
    except ValueError:
        return False


def _is_navigation(headers: Mapping[str, str]) -> bool:
    """Whether a person followed a link here, which shows the page, but tells the other site nothing."""
    return headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"
