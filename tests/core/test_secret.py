"""What hides the token."""

import pickle

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from aiotables.core.secret import Secret, without_token
from aiotables.core.wire import RawReply


TOKEN = "pat_never-shown"
HEADERS = CIMultiDict({"Accept": "application/json", "Authorization": Secret(f"Bearer {TOKEN}")})


def reply(status: int, body: bytes) -> RawReply:
    """A reply."""
    return RawReply(status=status, headers=CIMultiDictProxy(CIMultiDict()), body=body)


def test_shows_nothing() -> None:
    """No `repr` has it, and those of the headers that it stands in, or their copies, have it no more."""
    assert TOKEN not in f"{HEADERS!r} {HEADERS.copy()!r} {[*HEADERS.values()]!r} {HEADERS['Authorization']!r}"


def test_is_sent_as_it_is() -> None:
    """It is the text that it is made of."""
    assert f"Bearer {TOKEN}" == HEADERS["Authorization"] == str(Secret(f"Bearer {TOKEN}"))
    assert f"Bearer {TOKEN}" == pickle.loads(pickle.dumps(HEADERS["Authorization"]))  # noqa: S301 -- made above


@pytest.mark.parametrize("status", [200, 302, 400, 502])
def test_errors_repeat_nothing(status: int) -> None:
    """A page that repeats what it was sent does not hold the token any more."""
    raw = reply(status, b"you sent Authorization: Bearer pat_never-shown to us")

    assert b"you sent Authorization: Bearer [token] to us" == without_token(raw, HEADERS).body


def test_what_holds_no_token_is_left() -> None:
    """Other errors stay as they are."""
    error = reply(404, b"{}")

    assert error is without_token(error, HEADERS)
