"""Date-times as JSON has them."""

from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.date_times import read_date_time, write_date_time
from aiotables.core.errors import RequestError
from aiotables.core.faults import Fault


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (datetime(2026, 6, 2, 1, tzinfo=UTC), "2026-06-02T01:00:00Z"),
        (datetime(2026, 6, 2, 1, 0, 0, 500_000, tzinfo=UTC), "2026-06-02T01:00:00.5Z"),
        (datetime(2026, 6, 2, 1, tzinfo=UTC), "2026-06-02T01:00:00+00:00"),
        (datetime(2026, 6, 2, 1, tzinfo=timezone(timedelta(hours=2))), "2026-06-02 01:00:00+02:00"),
        (datetime(2026, 6, 2, 1, tzinfo=UTC), "2026-06-02T01:00:00"),
    ],
)
def test_date_times_are_read(expected: datetime, text: str) -> None:
    """A text is read, the first time and when it comes again; a time without a zone is in UTC."""
    assert [expected, expected] == [read_date_time(text), read_date_time(text)]
    assert expected.utcoffset() == read_date_time(text).utcoffset()


@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        "",
        "2026-06-02",
        "2026-06-02T01:00:00.Z",
        "2026-06-02T01:00:00,5Z",
        "2026-06-02T25:00:00Z",
        "2026-W23-2T01:00:00Z",
        "20260602T010000Z",
        "2026-06-02T01:00:00z",
    ],
)
def test_other_values_are_refused(value: object) -> None:
    """Anything else is a fault, also just after a good one."""
    read_date_time("2026-06-02T01:00:00Z")

    with pytest.raises(Fault, match="expected date-time"):
        read_date_time(value)


@given(st.lists(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(minutes=-90))]))))
def test_what_was_written_is_read(times: list[datetime]) -> None:
    """Times survive writing and reading, whatever was read before."""
    texts = orjson.loads(orjson.dumps([write_date_time(when) for when in times]))

    assert times == [read_date_time(text) for text in texts]
    assert times == [read_date_time(text) for text in texts]


def test_time_without_zone_is_not_written() -> None:
    """Nobody guesses the zone."""
    with pytest.raises(RequestError, match="without a time zone"):
        write_date_time(datetime(2026, 6, 2))  # noqa: DTZ001  # that is the point
