"""Operation and arguments to `Request`: pure, so tested without a network."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from multidict import CIMultiDict
from yarl import URL

from aiotables.core.classes import define, field
from aiotables.core.convert import Converter
from aiotables.core.errors import RequestError
from aiotables.core.operations import Operation
from aiotables.core.sentinels import UNSET


JSON = "application/json"

URLS_KEPT: Final = 512
"""URLs of a client that are kept at the most."""


# Not frozen, as every call makes one and nobody keeps it: to make a frozen object takes twice as long.
@define
class Request:
    """One HTTP request, ready to be sent."""

    method: str
    url: URL
    headers: CIMultiDict[str] = field(repr=False)
    """Shared with other requests. It holds the token, so it is in no `repr`."""

    body: bytes | None = field(default=None, repr=False)
    """JSON; its type is said where it is sent."""

    def __reduce__(self) -> str:
        msg = "a request holds the token, so it is not pickled"
        raise TypeError(msg)


PathValues: TypeAlias = tuple[tuple[str, str], ...]
"""Values of path parameters, each with its name: what the URLs that are kept are found by."""


class Urls:
    """
    The URLs of a service.

    Args:
        base: The service's base URL; its path, if it has one, comes first.
    """

    def __init__(self, base: URL) -> None:
        self.base = base
        # Calls go to the same few again and again, and to make one takes its time.
        self.find: Callable[[str, str, PathValues], URL] = lru_cache(URLS_KEPT)(partial(_url, base))
        """
        The URL of an operation, by its name, its path and the values of its path parameters. It raises `RequestError`
        where one of these is missing, empty or no valid Unicode.
        """


def build_request(
    operation: Operation[Any, Any],
    urls: Urls,
    headers: CIMultiDict[str],
    path: PathValues,
    query: Mapping[str, object],
    body: object,
    converter: Converter,
) -> Request:
    """
    Put an operation and its arguments into a request.

    Args:
        operation: What to call.
        urls: Of the service.
        headers: All headers of the call, the token's among them.
        path: Values of the path parameters; percent-encoded here.
        query: Values of the query parameters; `None` and `UNSET` are left out, lists are repeated.
        body: The model or JSON to send, or `UNSET` for no body.
        converter: Writes the body.

    Raises:
        RequestError: A path parameter is missing or empty, a text is no valid Unicode, or the body is missing or cannot
            be written as JSON.
    """
    if body is UNSET and operation.body_required:
        msg = f"{operation.name}: the body is missing"
        raise RequestError(msg)
    url = urls.find(operation.name, operation.path, path)
    if query and (pairs := list(_query_pairs(query))):
        url = url.with_query(pairs)

    return Request(operation.method, url, headers, None if body is UNSET else converter.encode(body))


def _url(base: URL, name: str, template: str, path: PathValues) -> URL:
    return base.with_path(base.raw_path.rstrip("/") + expand_path(name, template, dict(path)), encoded=True)


_PARAMETER: Final = re.compile(r"{([^}]+)}")


def expand_path(operation: str, template: str, values: Mapping[str, object]) -> str:
    """
    A path with its parameters filled in and percent-encoded, each staying one segment.

    Args:
        operation: Its name, for what is raised.
        template: The path, with `{name}` for each parameter.
        values: Values of the parameters.
    """
    return _PARAMETER.sub(lambda name: _path_part(operation, name[1], values), template)


def _path_part(operation: str, name: str, values: Mapping[str, object]) -> str:
    value = values.get(name)
    if value is None:
        there = ", ".join(each for each, given in values.items() if given is not None)
        msg = f"{operation}: the path parameter {name} is missing; there is {there or 'none'}"
        raise RequestError(msg)
    text = str(value)
    if text in {"", ".", ".."}:
        msg = f"{operation}: the path parameter {name} is {text!r}; it must name something"
        raise RequestError(msg)
    # Most are plain words, which need no encoding.
    return text if text.isascii() and text.isalnum() else quote(_encodable(text), safe="")


def _encodable(text: str) -> str:
    # Half of a surrogate pair has no form in UTF-8.
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            msg = f"{text!r} is no valid Unicode"
            raise RequestError(msg) from None
    return text


def check_method(method: str) -> str:
    """
    An HTTP method, in the capitals that all known ones have.

    Raises:
        RequestError: It is no word.
    """
    if not (method.isascii() and method.isalpha()):
        msg = f"{method!r} is no HTTP method"
        raise RequestError(msg)
    return method.upper()


def check_path(path: str) -> str:
    """
    A path that was written by hand, when it can be sent as it stands.

    Raises:
        RequestError: It does not begin with `/`, leads upwards, or holds a query or a character that must be encoded.
    """
    upwards = {".", ".."} & set(path.split("/"))
    plain = path.isascii() and path.isprintable() and not set(path) & set(' ?#{}"<>\\^`|')
    if not path.startswith("/") or path.startswith("//") or upwards or not plain:
        msg = f"{path!r} is no path from the root of the API, percent-encoded and without a query"
        raise RequestError(msg)
    return path


def _query_pairs(query: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    for name, value in query.items():
        if value is None or value is UNSET:
            continue
        many = value if isinstance(value, list | tuple) else (value,)
        yield from ((name, _query_text(item)) for item in many)


def _query_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _encodable(str(value))
