"""What both clients are made of: settings, one `send`, one `settle`, closing."""

import os
from collections.abc import Awaitable, Mapping
from typing import Any, ClassVar, Self, TypeVar, Unpack, cast

from multidict import CIMultiDict
from yarl import URL

from aiotables import core
from aiotables._version import __version__
from aiotables.core.call import Call
from aiotables.core.calls import Calls
from aiotables.core.clock import SYSTEM_CLOCK, Clock
from aiotables.core.convert import Converter
from aiotables.core.operations import Effect, Operation
from aiotables.core.options import Options, check, network_of, reaching
from aiotables.core.otel import wants
from aiotables.core.pacing import Pacer, shared_pacer
from aiotables.core.requests import PathValues, Urls, check_method, check_path
from aiotables.core.retries import RetryPolicy
from aiotables.core.secret import Secret
from aiotables.core.sentinels import UNSET, Unset
from aiotables.core.settings import find_base_url, find_token
from aiotables.core.settle import Rule, Sent, SettlePolicy, Verdict
from aiotables.core.transport import Timeouts, Transport
from aiotables.core.wire import Dialect, Reply


BodyT = TypeVar("BodyT")
ResultT = TypeVar("ResultT")

_NO_QUERY: Mapping[str, Any] = {}


class ApiClient:
    """
    A client of one service. Not made directly: see `Extruct` and `ZangTable`.

    It holds no connection until the first call, works in any number of event loops, and is closed in each by `async with`
    or `aclose()`.
    """

    _service: ClassVar[str]
    _token_variable: ClassVar[str]
    _base_url_variable: ClassVar[str]
    default_base_url: ClassVar[str]
    """Where the service is, when nothing else is said."""

    def __init__(
        self,
        *,
        token: str | None,
        dialect: Dialect,
        rules: Mapping[str, Rule],
        converter: Converter,
        **options: Unpack[Options],
    ) -> None:
        check(options)
        environ = self._environ = options.get("environ", os.environ)
        clock = options.get("clock")
        secret = find_token(token, variable=self._token_variable, environ=environ)
        base = self._root(
            find_base_url(
                options.get("base_url"),
                variable=self._base_url_variable,
                default=self.default_base_url,
                environ=environ,
                allow_http=options.get("allow_http", False),
            )
        )
        self._headers = _headers(secret)
        timeouts = options.get("timeouts", Timeouts())
        calls = Calls(
            urls=Urls(base),
            dialect=dialect,
            rules=rules,
            converter=converter,
            transport=Transport(
                session=options.get("session"),
                timeouts=timeouts,
                network=network_of(base, options, environ),
                headers=self._headers,
            ),
            longest=timeouts.connect + timeouts.answer,
            pacer=options.get("pacer") or shared_pacer(base, secret, clock=clock or SYSTEM_CLOCK),
            limiter=options.get("limiter"),
            policy=options.get("retries", RetryPolicy()),
            settle_policy=reaching(options.get("settling", SettlePolicy()), timeouts),
            observers=tuple(options.get("observers", ())),
        )
        calls.listeners = tuple(options.get("listeners", ()))
        if wants("opentelemetry.metrics", asked=options.get("metrics")):
            calls.listeners = (core.metrics.metrics(clock=clock or SYSTEM_CLOCK), *calls.listeners)
        if wants("opentelemetry.trace", asked=options.get("tracing")):
            # The first, so that what the others do belongs to the span.
            calls.listeners = (core.tracing.spans(), *calls.listeners)
        if options.get("propagate_trace", False):
            calls.propagate = core.tracing.propagation()
        if clock is not None:
            calls.clock = clock
        calls.jitter = options.get("jitter", calls.jitter)
        self._calls = calls
        self._own_path: PathValues = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={str(self._calls.urls.base)!r})"

    def __reduce__(self) -> str:
        msg = "a client holds the token, so it is not pickled or copied; make one where it is needed, also in each process"
        raise TypeError(msg)

    @property
    def clock(self) -> Clock:
        """The time that waits go by."""
        return self._calls.clock

    @property
    def pacer(self) -> Pacer:
        """How fast calls go out."""
        return self._calls.pacer

    @property
    def settling(self) -> SettlePolicy:
        """How long to look for what a lost call did."""
        return self._calls.settle_policy

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the running event loop's connections. Calls made in it later raise `ClosedError`; another has its own."""
        await self._calls.transport.aclose()

    async def send(
        self,
        operation: Operation[BodyT, ResultT],
        *,
        body: BodyT | Unset = UNSET,
        path: Mapping[str, str | int] | None = None,
        query: Mapping[str, object] | None = None,
        settle: bool = True,
        retries: RetryPolicy | None = None,
    ) -> Reply[ResultT]:
        """
        Make one call and return everything known of it: the level below the methods, which return the value alone.

        Args:
            operation: One of the service's `operations`.
            body: The model to send.
            path: Values of the path parameters; percent-encoded here.
            query: Values of the query parameters; `None` is left out, a list is repeated.
            settle: Whether to find out what happened when the reply to a create is lost; `False` raises
                `OutcomeUnknown` at once, and `settle(error.sent)` finds out later.
            retries: How often this call is sent again, in place of the client's policy; `NO_RETRIES` for never.

        Raises:
            RequestError: The arguments cannot be put into a request; nothing was sent.
            OutcomeUnknown: The reply was lost, and looking could not settle what the call did.
            CallError: Any other way in which the call ended without its result.
        """
        call = self._call(operation, path, query, body, settle=settle, retries=retries)
        await self._make(call)
        return call.reply()

    def render(
        self,
        operation: Operation[BodyT, Any],
        *,
        body: BodyT | Unset = UNSET,
        path: Mapping[str, str | int] | None = None,
        query: Mapping[str, object] | None = None,
    ) -> "core.rendering.Rendered":
        """
        Show the request that `send` would send, without sending it: a dry run, and a `curl` command by its `curl()`.

        Args:
            operation: One of the service's `operations`.
            body: The model to send.
            path: Values of the path parameters.
            query: Values of the query parameters.

        Raises:
            RequestError: The arguments cannot be put into a request.
        """
        call = self._call(operation, path, query, body)
        call.headers = self._grouped()
        return core.rendering.rendered(self._calls.request(call), token_variable=self._token_variable)

    async def stream(
        self,
        operation: Operation[BodyT, bytes],
        *,
        path: Mapping[str, str | int] | None = None,
        query: Mapping[str, object] | None = None,
        retries: RetryPolicy | None = None,
    ) -> "core.streaming.Stream":
        """
        Begin a download: an operation whose answer is bytes.

        Args:
            operation: One of the service's `operations` with bytes as the result.
            path: Values of the path parameters.
            query: Values of the query parameters.
            retries: How often this call is sent again, in place of the client's policy; it ends with the first byte.

        Returns:
            The bytes, to be read once inside of `async with`.

        Raises:
            CallError: The service refused it, or could not be reached.
        """
        call = self._call(operation, path, query, retries=retries, stream=True)
        return cast("core.streaming.Stream", await self._make(call))

    async def send_raw(
        self,
        method: str,
        path: str,
        *,
        body: object = UNSET,
        query: Mapping[str, object] | None = None,
        effect: Effect | None = None,
        retries: RetryPolicy | None = None,
    ) -> Reply[Any]:
        """
        Call a path that the docs do not name, with all that other calls have: token, retries, request ids, grouping.

        Args:
            method: Such as `GET`.
            path: From the root of the API, percent-encoded where it needs to be, without a query.
            body: JSON to send.
            query: Values of the query parameters.
            effect: What the call does; a GET is taken to read, anything else to create, which is never sent again after
                a lost reply.
            retries: How often this call is sent again, in place of the client's policy; `NO_RETRIES` for never.

        Raises:
            RequestError: The method or the path is none.
            OutcomeUnknown: The reply to a call that is not known to be repeatable was lost.
            CallError: Any other way in which the call ended without its result.
        """
        method = check_method(method)
        usual = Effect.READ if method == "GET" else Effect.CREATE
        operation: Operation[Any, Any] = Operation(
            name=f"{self._service}.raw",
            method=method,
            path=check_path(path),
            effect=effect or usual,
            result=cast("type[Any]", Any),
            evidence="inferred",
        )
        call = Call(operation, self._headers, (), query or _NO_QUERY, body, retries=retries)
        await self._make(call)
        return call.reply()

    def describe(
        self,
        operation: Operation[BodyT, Any],
        *,
        body: BodyT | Unset = UNSET,
        path: Mapping[str, str | int] | None = None,
        at: float,
    ) -> Sent:
        """
        What a journal has to hold of a call before it is sent, so that `settle` can find out later what it did.

        Args:
            operation: What is about to be called.
            body: The model to send.
            path: Values of the path parameters.
            at: Unix time in seconds, not after the sending.
        """
        return self._calls.describe(operation, self._full_path(path), body, at=at)

    async def settle(self, sent: Sent) -> Verdict:
        """
        Find out what a call did whose reply was lost.

        Looks at once, and again until the grace has passed since the last sending.

        Args:
            sent: From `OutcomeUnknown.sent`, or from a journal.

        Returns:
            `Found` with what the call made, `NotThere`, `Existed`, or `Unclear` with the reason.
        """
        return await self._calls.settle(sent, headers=self._grouped())

    def _call(
        self,
        operation: Operation[Any, ResultT],
        path: Mapping[str, str | int] | None,
        query: Mapping[str, object] | None,
        body: object = UNSET,
        *,
        settle: bool = True,
        retries: RetryPolicy | None = None,
        stream: bool = False,
    ) -> Call[ResultT]:
        full, headers = self._full_path(path), self._headers
        if stream:
            # The file is of whatever type it is, and a refusal is JSON.
            headers = headers.copy()
            headers["Accept"] = "*/*"
        return Call(operation, headers, full, query or _NO_QUERY, body, settle, retries, stream)

    def _with_token(self, token: str) -> Self:
        """The same client, but for the token."""
        other = self._copied()
        other._headers = _headers(find_token(token, variable=self._token_variable, environ=self._environ))  # noqa: SLF001 -- its own class
        return other

    def _copied(self) -> Self:
        """A client that has all in common with this one."""
        other = object.__new__(type(self))
        # Each group of methods calls by the client that it was made for.
        vars(other).update(
            (name, part) for name, part in vars(self).items() if not isinstance(part, Resource)
        )
        return other

    def _make(self, call: Call[ResultT]) -> Awaitable[ResultT]:
        return self._calls.make(call)

    def _full_path(self, path: Mapping[str, str | int] | None) -> PathValues:
        if not path:
            return self._own_path
        return self._own_path + tuple((name, str(value)) for name, value in path.items())

    def _grouped(self) -> CIMultiDict[str]:
        """The headers of a call that is made here and now."""
        return self._headers

    @staticmethod
    def _root(base: URL) -> URL:
        """Where the operations' paths begin, for a base URL that was set."""
        return base


class Resource:
    """A group of methods of a client, as the docs group them."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def _call(
        self,
        operation: Operation[BodyT, ResultT],
        body: BodyT | Unset = UNSET,
        path: Mapping[str, str | int] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Awaitable[ResultT]:
        # As `send` does, without a `Reply` that nobody sees.
        client = self._client
        full = client._own_path if path is None else client._full_path(path)  # noqa: SLF001 -- a part of it
        return client._make(Call(operation, client._headers, full, query or _NO_QUERY, body))  # noqa: SLF001 -- the same


def _headers(token: str) -> CIMultiDict[str]:
    return CIMultiDict(
        {
            "Accept": "application/json",
            "Authorization": Secret(f"Bearer {token}"),
            "User-Agent": f"aiotables/{__version__}",
        }
    )
