"""Extruct's replies."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from aiotables.core import errors
from aiotables.core.wire import Unwrapped
from aiotables.extruct.dialect import Detail, describe


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def unwrap(status: int, payload: object, **headers: str) -> Unwrapped:
    """What a reply says; `retry_after="5"` is a header."""
    return Detail().unwrap(status, named(headers), payload)


def named(headers: dict[str, str]) -> CIMultiDictProxy[str]:
    """Headers as aiohttp gives them."""
    return CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}))


@pytest.mark.parametrize("payload", [{"id": "t1"}, [], [{"id": "t1"}], "text", None, {"detail": "a field"}])
def test_success(payload: object) -> None:
    """A success is its body."""
    assert Unwrapped(data=payload) == unwrap(200, payload)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"x_request_id": "a"}, "a"),
        ({"X_Request_ID": "a"}, "a"),
        ({"cf_ray": "b"}, "b"),
        ({"cf_ray": "b", "x_request_id": "a"}, "a"),
        ({"x_correlation_id": "c", "x_amzn_requestid": "d"}, "c"),
    ],
)
def test_request_ids(headers: dict[str, str], expected: str | None) -> None:
    """Whichever well-known header is there is the request id, of successes and of errors."""
    assert expected == unwrap(200, {}, **headers).request_id
    assert expected == unwrap(404, {}, **headers).request_id
    assert expected == Detail().unwrap_text(502, named(headers), "<html>").request_id


@pytest.mark.parametrize(
    ("payload", "detail", "code", "message"),
    [
        ({"detail": "Table not found"}, "Table not found", None, "Table not found"),
        (
            {"detail": {"error": "plan_required"}},
            {"error": "plan_required"},
            "plan_required",
            "plan_required",
        ),
        (
            {"detail": [{"loc": ["body", "rows", 0, "data"], "msg": "Field required", "type": "missing"}]},
            [{"loc": ["body", "rows", 0, "data"], "msg": "Field required", "type": "missing"}],
            None,
            "$.rows[0].data: Field required",
        ),
        ({"error": "x"}, {"error": "x"}, "x", "x"),
        (["a", "b"], ["a", "b"], None, "a; b"),
        ("plain", "plain", None, "plain"),
        (None, None, None, "the service reports an error without a text"),
        ({}, {}, None, "the service reports an error without a text"),
        ({"detail": []}, [], None, "the service reports an error without a detail"),
        ({"detail": {"error": 5}}, {"error": 5}, None, "the service reports an error without a text"),
    ],
)
def test_details(payload: object, detail: object, code: str | None, message: str) -> None:
    """The detail of an error may be text, an object or an array."""
    unwrapped = unwrap(422, payload)

    assert (errors.ValidationFailed, detail, code, message) == (
        unwrapped.error,
        unwrapped.data,
        unwrapped.code,
        unwrapped.message,
    )


@pytest.mark.parametrize(
    ("issue", "expected"),
    [
        ({"loc": ["body"], "msg": "bad"}, "$: bad"),
        ({"loc": ["body", "a", 1], "msg": "bad"}, "$.a[1]: bad"),
        ({"loc": ["query", "limit"], "msg": "bad"}, "query.limit: bad"),
        ({"loc": [], "msg": "bad"}, "$: bad"),
        ({"loc": "body", "msg": "bad"}, "$: bad"),
        ({"msg": "bad"}, "$: bad"),
        ({"loc": ["body", "a"]}, "$.a: invalid"),
        ("text", "text"),
    ],
)
def test_issues(issue: object, expected: str) -> None:
    """A fault is told by its path."""
    assert expected == describe([issue])


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (429, {"Retry_After": "5"}, True),
        (429, {"retry_after": "5"}, True),
        (429, {"retry_after_ms": "50"}, True),
        (429, {}, False),
        (402, {"Retry_After": "5"}, False),
        (503, {"Retry_After": "5"}, False),
    ],
)
def test_refusals(status: int, headers: dict[str, str], *, expected: bool) -> None:
    """429 with a time is a refusal; without one a quota is used up, and asking again does not help."""
    assert expected == unwrap(status, {}, **headers).refused
    assert expected == Detail().unwrap_text(status, named(headers), "slow down").refused


def test_pages_of_others() -> None:
    """A page that is no JSON is kept as text, with the class of its status."""
    unwrapped = Detail().unwrap_text(502, {}, "<html>")

    assert (errors.ServerError, "<html>", "the answer is not JSON") == (
        unwrapped.error,
        unwrapped.data,
        unwrapped.message,
    )


@given(status=st.integers(200, 599), payload=json)
def test_any_json(status: int, payload: Any) -> None:  # noqa: ANN401 -- any JSON
    """Any JSON is a success or an error by its status, and an error can be told in words."""
    unwrapped = unwrap(status, payload)

    assert (status < 300) == (unwrapped.error is None)
    assert isinstance(unwrapped.code, str | None)
    assert isinstance(unwrapped.message, str)


# Documents


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": [1, "x\\ny"]}', {"a": [1, "x\ny"]}),
        (b'{"a": "x\ny\tz"}', {"a": "x\ny\tz"}),
        (b'{\n  "a": "x\r\n\x00y",\n\t"b": 1\n}', {"a": "x\r\n\x00y", "b": 1}),
        ('["ä\n€ \U0001f600"]'.encode(), ["ä\n€ \U0001f600"]),
    ],
)
def test_parsing(body: bytes, expected: object) -> None:
    """Control characters that stand as they are in a text are read as they are."""
    assert expected == Detail().parse(body)


@given(json)
def test_parsing_what_is_right(payload: object) -> None:
    """Any JSON is read as it was written."""
    assert payload == Detail().parse(orjson.dumps(payload))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html>\n</html>",
        b'["\xff\n"]',
        b'["a\n"',
        b'["a\\\n"]',
        b"[\x00]",
        b'["a\n", NaN]',
        b'["a\n", -Infinity]',
        b"[NaN]",
        '["a\n"]'.encode("utf-16"),
        b'["a\n", ' + b"[" * 100_000 + b"]" * 100_000 + b"]",
    ],
)
def test_parsing_what_is_wrong(body: bytes) -> None:
    """Nothing but control characters in texts is forgiven."""
    with pytest.raises(ValueError):
        Detail().parse(body)
