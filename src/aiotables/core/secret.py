"""Keeps the token out of what is printed, whoever prints it: a debugger, a report with local variables, an error."""

from collections.abc import Mapping

from attrs import evolve

from aiotables.core.wire import RawReply


HIDDEN = "[token]"


class Secret(str):
    """A text that is sent as it is, and shows in no `repr`: so in none of the headers that it stands in, either."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(HIDDEN)


def without_token(raw: RawReply, headers: Mapping[str, str]) -> RawReply:
    """
    A reply without the token, which an error, such as a proxy's page, may repeat to whoever sent it.

    Args:
        raw: A reply that is no success: the data of a success are the caller's.
        headers: Of the request.
    """
    body = raw.body
    for value in headers.values():
        if isinstance(value, Secret):
            body = body.replace(value.rpartition(" ")[2].encode(), HIDDEN.encode())
    return raw if body is raw.body else evolve(raw, body=body)
