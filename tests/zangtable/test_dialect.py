"""ZangTable's envelope."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core import errors
from aiotables.core.wire import Unwrapped
from aiotables.zangtable.dialect import Envelope
from aiotables.zangtable.errors import TableExists


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
envelopes = st.fixed_dictionaries(
    {"ok": st.booleans()},
    optional={"data": json, "error": json, "request_id": json, "operation_run_id": json},
)


def unwrap(status: int, payload: object) -> Unwrapped:
    """What a reply says."""
    return Envelope().unwrap(status, {}, payload)


def envelope(**facts: Any) -> dict[str, Any]:  # noqa: ANN401 -- any JSON
    """An envelope."""
    return {"ok": True, "data": None, "error": None, "request_id": "req_1", **facts}


def failed(code: object, message: object = "it is so") -> dict[str, Any]:
    """An error."""
    return envelope(ok=False, error={"code": code, "message": message})


def test_success() -> None:
    """The data is taken out, and ids are kept; keys that are not known do no harm."""
    unwrapped = unwrap(200, envelope(data={"a": 1}, operation_run_id="oprun_1", meta={}, new=[1]))

    assert Unwrapped(data={"a": 1}, request_id="req_1", operation_run="oprun_1") == unwrapped


def test_success_without_data() -> None:
    """Data may be left out."""
    assert Unwrapped(data=None) == unwrap(200, {"ok": True})


def test_error_with_status_200() -> None:
    """`ok: false` is an error whatever the status says."""
    unwrapped = unwrap(200, failed("table_exists", "Table exists."))

    assert (TableExists, "table_exists", "Table exists.", "req_1", False) == (
        unwrapped.error,
        unwrapped.code,
        unwrapped.message,
        unwrapped.request_id,
        unwrapped.refused,
    )
    assert {"code": "table_exists", "message": "Table exists."} == unwrapped.data


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, "missing_authorization", errors.AuthenticationFailed),
        (400, "invalid_token", errors.AuthenticationFailed),
        (409, "table_exists", TableExists),
        (400, "column_exists", errors.Conflict),
        (400, "table_not_found", errors.NotFound),
        (404, "no_such_thing", errors.NotFound),
        (422, "invalid_columns", errors.ValidationFailed),
        (429, "slow_down", errors.RateLimited),
        (500, "internal", errors.ServerError),
        (200, "something", errors.ServiceError),
        (403, None, errors.PermissionDenied),
        (403, "", errors.PermissionDenied),
        (403, 5, errors.PermissionDenied),
    ],
)
def test_classes_of_errors(status: int, code: object, expected: type[errors.ServiceError]) -> None:
    """The code decides where it is known or reads like one that is; else the status."""
    assert expected is unwrap(status, failed(code)).error


def test_success_with_an_error_status() -> None:
    """An error status is an error, even if the envelope says `ok`."""
    unwrapped = unwrap(500, envelope(data={"a": 1}))

    assert (errors.ServerError, "the service reports an error without a message") == (
        unwrapped.error,
        unwrapped.message,
    )


@pytest.mark.parametrize("detail", [None, "text", [], {}, {"message": ""}, {"message": 5}])
def test_errors_in_another_form(detail: object) -> None:
    """An error without code and message is an error all the same, and what came is kept."""
    unwrapped = unwrap(400, envelope(ok=False, error=detail))

    assert (errors.BadRequest, None, detail) == (unwrapped.error, unwrapped.code, unwrapped.data)
    assert "the service reports an error without a message" == unwrapped.message


@pytest.mark.parametrize(("status", "expected"), [(429, True), (503, False), (400, False)])
def test_refusals(status: int, *, expected: bool) -> None:
    """429 says that nothing was done, in an envelope or not."""
    assert expected == unwrap(status, failed("x")).refused
    assert expected == Envelope().unwrap_text(status, {}, "<html>").refused


@pytest.mark.parametrize("payload", [None, [], "ok", {}, {"ok": 1}, {"ok": "true"}, {"data": {}}])
def test_what_is_no_envelope(payload: object) -> None:
    """JSON of another form is not from ZangTable."""
    with pytest.raises(ValueError, match="expected an envelope"):
        unwrap(200, payload)


def test_pages_of_others() -> None:
    """A gateway's page is kept as text, with the class of its status."""
    unwrapped = Envelope().unwrap_text(502, {}, "<html>")

    assert (errors.ServerError, "<html>", "the answer is not in ZangTable's form") == (
        unwrapped.error,
        unwrapped.data,
        unwrapped.message,
    )


@given(status=st.integers(200, 599), payload=envelopes)
def test_any_envelope(status: int, payload: dict[str, Any]) -> None:
    """Any envelope is a success or an error, by `ok` and the status together."""
    unwrapped = unwrap(status, payload)

    assert (payload["ok"] and status < 300) == (unwrapped.error is None)
    assert isinstance(unwrapped.request_id, str | None)
    assert unwrapped.error is None or unwrapped.message


@given(status=st.integers(200, 599), payload=json)
def test_any_json(status: int, payload: object) -> None:
    """Any JSON is an envelope or is refused as none."""
    try:
        unwrap(status, payload)
    except ValueError as error:
        assert "expected an envelope" in str(error)  # noqa: PT017 -- both ways are right
