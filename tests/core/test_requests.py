"""Requests out of operations and their arguments."""

import pickle
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import orjson
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from yarl import URL

from aiotables.core.convert import Converter
from aiotables.core.errors import RequestError
from aiotables.core.operations import Effect, Operation, Parameter
from aiotables.core.requests import Request, Urls, build_request, check_method, check_path, expand_path
from aiotables.core.sentinels import UNSET


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
    """A part that is missing is named, and so are those that are there: one of them may have been meant for it."""
    with pytest.raises(
        RequestError, match=r"^toy.get_part: the path parameter thing is missing; there is shelf, tihng$"
    ):
        expand_path(PATHS.name, PATHS.path, {"shelf": "a", "tihng": "b", "thing": None})
    with pytest.raises(RequestError, match=r"shelf is missing; there is none$"):
        expand_path(PATHS.name, PATHS.path, {})


def test_empty_path_part() -> None:
    """A part that is there and names nothing is shown."""
    with pytest.raises(
        RequestError, match=r"^toy.get_part: the path parameter thing is '..'; it must name something$"
    ):
        expand_path(PATHS.name, PATHS.path, {"shelf": "a", "thing": ".."})


@pytest.mark.parametrize("method", ["get", "GET"])
def test_methods_by_hand(method: str) -> None:
    """A method may be written in small letters."""
    assert "GET" == check_method(method)


@pytest.mark.parametrize("method", ["", "GET ME", "GET\n", "GÉT"])
def test_wrong_methods_by_hand(method: str) -> None:
    """What is no word cannot be sent as one."""
    with pytest.raises(RequestError, match="is no HTTP method"):
        check_method(method)


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
