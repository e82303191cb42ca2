"""Requests out of operations, and meaning out of replies."""

import copy
import pickle
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

import orjson
import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from aiotables.core.convert import Converter
from aiotables.core.errors import DecodeError, NotFound, RateLimited, RequestError, ServerError
from aiotables.core.operations import Effect, Operation, Parameter
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.retries import Kind, Outcome
from aiotables.core.sentinels import UNSET
from aiotables.core.wire import (
    RawReply,
    Reply,
    Request,
    Unwrapped,
    Urls,
    build_request,
    check_header,
    check_path,
    decode_value,
    expand_path,
    fits_header,
    parse_http_date,
    parse_retry_after,
    read_reply,
)


if TYPE_CHECKING:
    from tests.core.conftest import Toy

NOW = 1_700_000_000.0
TOKEN = "pat_never-shown"


@frozen(kw_only=True)
class Thing:
    """Something to send."""

    name: str


PATHS: Operation[None, Thing] = Operation(
    name="toy.get_part",
    method="GET",
    path="/shelf/{shelf}/thing/{thing}",
    effect=Effect.READ,
    result=Thing,
    parameters=(
        Parameter(name="shelf", location="path", required=True),
        Parameter(name="thing", location="path", required=True),
        Parameter(name="colour", location="query"),
    ),
)
POST: Operation[Thing, Thing] = Operation(
    name="toy.put_thing",
    method="POST",
    path="/things",
    effect=Effect.CREATE,
    body=Thing,
    body_required=True,
    result=Thing,
)

segments = st.text(min_size=1).filter(lambda text: text not in {".", ".."})


def request(
    operation: Operation[Any, Any] = PATHS,
    *,
    base: str = "https://h",
    path: Mapping[str, Any] | None = None,
    query: Mapping[str, object] | None = None,
    body: object = UNSET,
) -> Request:
    """A request for a thing on a shelf."""
    return build_request(
        operation,
        urls=Urls(URL(base)),
        headers=CIMultiDict({"Authorization": f"Bearer {TOKEN}"}),
        path=(("shelf", "a"), ("thing", "b")) if path is None else tuple(path.items()),
        query=query or {},
        body=body,
        converter=Converter(),
    )


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://h", "https://h/shelf/a/thing/b"),
        ("https://h/", "https://h/shelf/a/thing/b"),
        ("https://h:8443/base/v2/", "https://h:8443/base/v2/shelf/a/thing/b"),
        ("https://h/a%2Fb", "https://h/a%2Fb/shelf/a/thing/b"),
    ],
)
def test_url(base: str, expected: str) -> None:
    """The operation's path comes after that of the base."""
    assert expected == str(request(base=base).url)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a/b", "a%2Fb"),
        ("../../admin", "..%2F..%2Fadmin"),
        ("?a=1#b", "%3Fa%3D1%23b"),
        ("%2e%2e", "%252e%252e"),
        ("{thing}", "%7Bthing%7D"),
        ("ä b+c;d", "%C3%A4%20b%2Bc%3Bd"),
        ("...", "..."),
        (42, "42"),
    ],
)
def test_path_parts(value: object, expected: str) -> None:
    """What could be read as a part of the URL's form is encoded."""
    assert f"/shelf/{expected}/thing/b" == expand_path(PATHS.name, PATHS.path, {"shelf": value, "thing": "b"})
    assert f"/shelf/{expected}/thing/b" == request(path={"shelf": value, "thing": "b"}).url.raw_path


@given(shelf=segments, thing=segments)
def test_path_parts_round_trip(shelf: str, thing: str) -> None:
    """Any name comes back from the URL as it was, and stays in its segment."""
    url = request(path={"shelf": shelf, "thing": thing}).url

    assert ("https", "h", "", "") == (url.scheme, url.host, url.query_string, url.fragment)
    parts = url.raw_path.split("/")
    assert ["", "shelf", "thing"] == [parts[0], parts[1], parts[3]]
    assert [shelf, thing] == [unquote(parts[2]), unquote(parts[4])]
    assert 5 == len(parts)


@pytest.mark.parametrize("value", ["", None, ".", "..", "\ud800"])
def test_path_parts_that_name_nothing(value: object) -> None:
    """What would make another path, or none at all, is refused."""
    with pytest.raises(RequestError):
        expand_path(PATHS.name, PATHS.path, {"shelf": value, "thing": "b"})


def test_missing_path_part() -> None:
    """A part that is missing is named."""
    with pytest.raises(
        RequestError, match=r"^toy.get_part: the path parameter thing is ''; it must name something$"
    ):
        expand_path(PATHS.name, PATHS.path, {"shelf": "a"})


@pytest.mark.parametrize("path", ["/", "/a", "/a/b%20c", "/a/", "/v1/...", "/a:b;c=d,e@f!$&'()*+~_-."])
def test_paths_by_hand(path: str) -> None:
    """A path that can be sent as it stands is taken as it stands."""
    assert path == check_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a",
        "//h/a",
        "https://h/a",
        "/a/../b",
        "/.",
        "/a?b=1",
        "/a#b",
        "/a b",
        "/ä",
        "/a\n",
        "/{a}",
        "/a\\b",
    ],
)
def test_wrong_paths_by_hand(path: str) -> None:
    """One that would be read as something else is refused."""
    with pytest.raises(RequestError, match="is no path from the root of the API"):
        check_path(path)


def test_query() -> None:
    """Values are written as the services read them; absent ones are left out; lists are repeated."""
    query = {
        "text": "a b&c=d",
        "no": None,
        "unset": UNSET,
        "yes": True,
        "off": False,
        "number": 5,
        "many": ["x", "y"],
        "pair": ("p", True),
        "none": [],
    }

    url = request(query=query).url

    assert [
        ("text", "a b&c=d"),
        ("yes", "true"),
        ("off", "false"),
        ("number", "5"),
        ("many", "x"),
        ("many", "y"),
        ("pair", "p"),
        ("pair", "true"),
    ] == list(url.query.items())


def test_no_query() -> None:
    """Without values there is no question mark."""
    assert "https://h/shelf/a/thing/b" == str(request(query={"no": None}).url)


@given(st.dictionaries(st.text(min_size=1), st.text(st.characters())))
def test_query_round_trip(query: dict[str, str]) -> None:
    """Any text comes back from the URL as it was, or is refused."""
    try:
        url = request(query=query).url
    except RequestError:
        assert any(_has_surrogate(text) for text in query.values())
        return

    assert query == dict(url.query)
    assert ("/shelf/a/thing/b", "") == (url.raw_path, url.fragment)


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def test_surrogates_in_a_query() -> None:
    """Half of a surrogate pair cannot be sent."""
    with pytest.raises(RequestError, match="no valid Unicode"):
        request(query={"a": "\udc00"})


def test_body() -> None:
    """A model is written as JSON."""
    built = request(POST, path={}, body=Thing(name="ä"))

    assert {"name": "ä"} == orjson.loads(built.body or b"")


def test_no_body() -> None:
    """Without a body nothing is said of its type."""
    built = request()

    assert built.body is None
    assert "Content-Type" not in built.headers


def test_missing_body() -> None:
    """A body that the operation needs must be there."""
    with pytest.raises(RequestError, match=r"^toy.put_thing: the body is missing$"):
        request(POST, path={})


def test_body_that_is_no_json() -> None:
    """What JSON cannot hold is refused before anything is sent."""
    with pytest.raises(RequestError, match="cannot be written as JSON"):
        request(POST, path={}, body={"name": object()})


def test_requests_show_no_token() -> None:
    """Neither the text of a request nor a pickle has the token, nor does the text have the body."""
    built = request(POST, path={}, body=Thing(name="secret"))

    assert TOKEN not in f"{built} {built!r}"
    assert "secret" not in repr(built)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(built)


@pytest.mark.parametrize("value", ["provision-crm", "a b", "~!"])
def test_right_headers(value: str) -> None:
    """Printable ASCII may stand in a header."""
    assert value == check_header("X-Key", value)


@pytest.mark.parametrize("value", ["", " ", " a", "a ", "ä", "a\r\nX-Evil: 1", "a\x7f", "\t"])
def test_wrong_headers(value: str) -> None:
    """What would arrive changed, or as another header, may not."""
    with pytest.raises(RequestError, match=r"^X-Key must be printable ASCII"):
        check_header("X-Key", value)


@given(st.text())
def test_headers_arrive_unchanged(value: str) -> None:
    """What fits is the same after the spaces around it are dropped, and is one line."""
    if fits_header(value):
        assert value == value.strip()
        assert 1 == len(value.splitlines())
        assert value.isascii()


class Reading(NamedTuple):
    """How an attempt ended, and what its reply says."""

    outcome: Outcome
    unwrapped: Unwrapped


def read(toy: "Toy", raw: RawReply, operation: Operation[Any, Any] | None = None) -> Reading:
    """What a reply of the toy service means."""
    return Reading(*read_reply(operation or toy.create, raw, toy.calls.dialect, now=NOW))


@pytest.mark.parametrize("status", [200, 201, 299])
def test_success(toy: "Toy", status: int) -> None:
    """A success is an answer with its data."""
    reading = read(toy, toy.reply(status, b'{"name":"it"}', headers={"X-Request-Id": "r"}))

    assert (Kind.ANSWERED, f"answered {status}") == (reading.outcome.kind, reading.outcome.reason)
    assert ({"name": "it"}, "r", None) == (
        reading.unwrapped.data,
        reading.unwrapped.request_id,
        reading.unwrapped.error,
    )


@pytest.mark.parametrize("body", [b"", b"<html>", b'"text"', b"\xff", b"[" * 100_000])
def test_success_that_cannot_be_read(toy: "Toy", body: bytes) -> None:
    """A success that cannot be read leaves unknown what the call did; it is no error of the service's."""
    reading = read(toy, toy.reply(200, body, headers={"X-Request-Id": "r"}))

    assert Kind.UNKNOWN == reading.outcome.kind
    assert reading.outcome.reason.startswith("answered 200 with an unreadable body: ")
    assert (None, "r") == (reading.unwrapped.error, reading.unwrapped.request_id)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422, 302, 418])
@pytest.mark.parametrize("body", [b'{"error":"bad"}', b"<html>"])
def test_errors_are_answers(toy: "Toy", status: int, body: bytes) -> None:
    """An error that says that nothing was done is an answer, JSON or not."""
    assert Kind.ANSWERED == read(toy, toy.reply(status, body)).outcome.kind


@pytest.mark.parametrize("status", [500, 502, 504, 599, 408])
@pytest.mark.parametrize("body", [b'{"error":"bad"}', b"<html>"])
def test_errors_that_may_have_acted(toy: "Toy", status: int, body: bytes) -> None:
    """After these nobody knows what was done."""
    reading = read(toy, toy.reply(status, body, headers={"Retry-After": "3"}))

    assert (Kind.UNKNOWN, 3.0) == (reading.outcome.kind, reading.outcome.retry_after)


@pytest.mark.parametrize("body", [b'{"error":"slow"}', b"slow down"])
def test_refusals(toy: "Toy", body: bytes) -> None:
    """429 says that nothing was done, and how long to wait."""
    reading = read(toy, toy.reply(429, body, headers={"Retry-After": "7"}))

    assert (Kind.REFUSED, 7.0) == (reading.outcome.kind, reading.outcome.retry_after)
    assert RateLimited is reading.unwrapped.error


def test_documented_refusals(toy: "Toy") -> None:
    """A status that is documented as "nothing was done" is a refusal, when the service itself says it."""
    said, gateway = toy.reply(503, b'{"error":"busy"}'), toy.reply(503, b"<html>")

    assert Kind.REFUSED == read(toy, said).outcome.kind
    assert Kind.UNKNOWN == read(toy, gateway).outcome.kind
    assert Kind.UNKNOWN == read(toy, said, toy.start).outcome.kind


@pytest.mark.parametrize(("status", "expected"), [(409, True), (404, False)])
def test_conflicts(toy: "Toy", status: int, *, expected: bool) -> None:
    """A conflict is told from other errors."""
    assert expected == read(toy, toy.reply(status)).outcome.conflict


def test_error_codes_are_told(toy: "Toy") -> None:
    """The service's own code is in the reason."""
    reading = read(toy, toy.reply(404, b'{"error":"no_such_thing"}'))

    assert "answered 404 no_such_thing" == reading.outcome.reason
    assert NotFound is reading.unwrapped.error


def test_text_of_errors_is_cut(toy: "Toy") -> None:
    """Of a page that is no JSON the beginning is kept, whatever its bytes are."""
    reading = read(toy, toy.reply(500, b"\xff" + b"x" * 10_000))

    assert "\ufffd" + "x" * 499 == reading.unwrapped.data
    assert ServerError is reading.unwrapped.error


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(status=st.integers(200, 599), body=st.binary() | st.sampled_from([b"{}", b"[]", b'{"error":"x"}']))
def test_any_reply(toy: "Toy", status: int, body: bytes) -> None:
    """Any bytes with any status mean something, and never that a lost create did nothing."""
    reading = read(toy, toy.reply(status, body))

    if status >= 500 and status != 503:
        assert Kind.UNKNOWN == reading.outcome.kind
    if reading.outcome.kind is Kind.ANSWERED and status >= 400:
        assert reading.unwrapped.error is not None


def test_decoding() -> None:
    """The data becomes the operation's result."""
    assert Thing(name="it") == decode_value(PATHS, {"name": "it"}, Converter())


def test_bytes(toy: "Toy") -> None:
    """A result that is bytes is taken as it comes, when it is a success."""
    reading = read(toy, toy.reply(200, b"\x00"), toy.download)

    assert (Kind.ANSWERED, b"\x00") == (reading.outcome.kind, reading.unwrapped.data)
    assert b"\x00" == decode_value(toy.download, reading.unwrapped.data, Converter())
    assert NotFound is read(toy, toy.reply(404), toy.download).unwrapped.error


def test_decoding_what_is_wrong() -> None:
    """What is not of the documented shape is told with its path and its operation."""
    with pytest.raises(DecodeError) as caught:
        decode_value(PATHS, {"name": 5}, Converter())

    assert ["while reading the answer to toy.get_part"] == caught.value.__notes__
    assert caught.value.problems[0].startswith("$.name: ")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "5"}, 5.0),
        ({"retry-after": "0"}, 0.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": formatdate(NOW + 90, usegmt=True)}, 90.0),
        ({"Retry-After": formatdate(NOW + 90)}, 90.0),
        ({"Retry-After": formatdate(NOW - 90, usegmt=True)}, 0.0),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "Retry-After": "5"}, 0.25),
        ({"retry-after-ms": "soon", "Retry-After": "5"}, 5.0),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    """Seconds, milliseconds and dates are read; what makes no sense is left out."""
    assert expected == parse_retry_after(CIMultiDictProxy(CIMultiDict(headers)), now=NOW)


@given(
    st.text()
    | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,6} [0-9]{1,2}:[0-9]{2}:[0-9]{2} .{0,5}")
)
def test_any_retry_after(text: str) -> None:
    """Any text means a time that can be waited for, or nothing."""
    for name in ("Retry-After", "retry-after-ms"):
        seconds = parse_retry_after({name: text}, now=NOW)

        assert seconds is None or 0 <= seconds < float("inf")


@given(st.integers(0, 250_000_000_000))
def test_http_dates(moment: int) -> None:
    """A date in either form is a moment in UTC."""
    assert moment == parse_http_date(formatdate(moment, usegmt=True))
    assert moment == parse_http_date(formatdate(moment))


def test_reply_facts() -> None:
    """A reply gives what its record knows."""
    attempts = (
        Attempt(number=1, kind=Kind.UNKNOWN, reason="lost", started_at=10.0, elapsed=1.0),
        Attempt(
            number=2, kind=Kind.ANSWERED, reason="answered", request_id="r", started_at=20.0, elapsed=2.0
        ),
    )
    record = CallRecord(operation="toy.create_thing", attempts=attempts, settled=True)
    reply = Reply(value=1, status=200, headers=CIMultiDictProxy(CIMultiDict()), raw=b"1", record=record)

    assert ("r", attempts, 12.0, False) == (reply.request_id, reply.attempts, reply.elapsed, reply.settled)
    assert evolve(reply, record=evolve(record, found="by its name")).settled


# Replies


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda reply: pickle.loads(pickle.dumps(reply))])  # noqa: S301 -- made below
def test_replies_survive(again: Callable[[Reply[Any]], Reply[Any]]) -> None:
    """A reply can be copied and pickled, its headers included."""
    pairs: CIMultiDict[str] = CIMultiDict([("X-It", "a"), ("X-It", "b")])
    headers = CIMultiDictProxy(pairs)
    record = CallRecord(operation="toy.get_thing", operation_run="run")
    reply = Reply(value=[1], status=200, headers=headers, raw=b"[1]", record=record)

    assert reply == again(reply)
    assert ["a", "b"] == again(reply).headers.getall("x-it")
    assert "run" == again(reply).operation_run
