"""A request as it would be sent, to read and to copy, with the variable of the token in the place of the token."""

import shlex
from collections.abc import Mapping

from aiotables.core.classes import frozen
from aiotables.core.requests import JSON, Request


@frozen(kw_only=True)
class Rendered:
    """A request that was not sent. It can be printed: the token is not in it."""

    method: str
    url: str
    headers: Mapping[str, str]
    """All that the client sets, with `Bearer $…_API_TOKEN` in the place of the token."""

    body: str | None = None

    def curl(self) -> str:
        """A command for a POSIX shell that sends the request; it takes the token from its variable of the environment."""
        # Without -g, curl takes the brackets of an IPv6 address for a range.
        words = ["curl", "-g", "-X", self.method, self.url]
        text = shlex.join(words) + "".join(_header(name, value) for name, value in self.headers.items())
        return text if self.body is None else f"{text} --data-raw {shlex.quote(self.body)}"


def _header(name: str, value: str) -> str:
    # The shell expands the variable in double quotes alone, and the rest of this one value is ours.
    text = f"{name}: {value}"
    return f' -H "{text}"' if name == AUTHORIZATION else f" -H {shlex.quote(text)}"


AUTHORIZATION = "Authorization"


def rendered(request: Request, *, token_variable: str) -> Rendered:
    """
    A request in text.

    Args:
        request: What would be sent.
        token_variable: Name of the environment variable that the token is read from.
    """
    headers = dict(request.headers)
    headers[AUTHORIZATION] = f"Bearer ${token_variable}"
    body = None
    if request.body is not None:
        headers["Content-Type"] = JSON
        body = request.body.decode()
    return Rendered(method=request.method, url=str(request.url), headers=headers, body=body)
