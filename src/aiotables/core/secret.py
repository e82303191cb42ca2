"""Keeps the token out of what is printed, whoever prints it: a debugger, a report with local variables, an error."""

from collections.abc import Mapping

from attrs import evolve

from aiotables.core.wire import FIRST_REDIRECT, RawReply


HIDDEN = "[token]"


class Secret(str):
    """A text that is sent as it is, and shows in no `repr`: so in none of the headers that it stands in, either."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(HIDDEN)


def without_token(raw: RawReply, headers: Mapping[str, str]) -> RawReply:
    """
    A reply; if it is an error, without the token, which a proxy's page may repeat to whoever sent it.

    Args:
        raw: The reply.
        headers: Of the request.
    """
    if raw.status < FIRST_REDIRECT:
        return raw

    body = raw.body
    for value in headers.values():
        if isinstance(value, Secret):
            body = body.replace(value.rpartition(" ")[2].encode(), HIDDEN.encode())
    return raw if body is raw.body else evolve(raw, body=body)
