"""What may stand in a header, and what headers say."""

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from aiotables.core.errors import RequestError
from aiotables.core.headers import check_header, fits_header, parse_http_date, parse_retry_after


NOW = 1_700_000_000.0


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
