"""Journeys: the calls of one operation key and run."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.emulator.calls import Call
from aiotables.emulator.inspector.journeys import has_failed, journeys, lanes


def call(number: int, *, at: float = 0, seconds: float = 0, status: int | None = 200, **facts: Any) -> Call:  # noqa: ANN401 - any attribute
    """A call that went well, if it is not said otherwise."""
    return Call(
        number=number,
        at=at,
        seconds=seconds,
        operation="zangtable.create_table",
        method="POST",
        path="/",
        status=status,
        **facts,
    )


@pytest.mark.parametrize(
    ("facts", "failed"),
    [
        ({}, False),
        ({"status": 201, "fault": "a:after:delay"}, False),
        ({"status": 201, "fault": "a:before:stall"}, False),
        ({"status": 201, "fault": "a:after:stall", "lost": True}, True),
        ({"status": 201, "fault": "a:after:cut"}, True),
        ({"status": 201, "fault": "a:after:garble"}, True),
        ({"status": 429, "fault": "a:before:throttle"}, True),
        ({"status": 404}, True),
        ({"status": None, "lost": True}, True),
    ],
)
def test_what_failed(facts: dict[str, Any], failed: bool) -> None:  # noqa: FBT001 - what is expected
    """A refusal, a reply that never came, and one that cannot be read."""
    assert failed is has_failed(call(1, **facts))


def test_calls_are_grouped() -> None:
    """By key and run; calls of neither are left out, and the journey that was called last is the first."""
    calls = [
        call(1, operation_key="a", operation_run_id="r1", sent_run_id="r1"),
        call(2),
        call(3, operation_key="b", operation_run_id="r1", sent_run_id="r1"),
        call(4, operation_key="a", operation_run_id="r1", sent_run_id="r1"),
        call(5, operation_run_id="r9", sent_run_id="r9"),
    ]

    assert [(None, "r9", [5]), ("a", "r1", [1, 4]), ("b", "r1", [3])] == [
        (journey.key, journey.run_id, [each.number for each in journey.calls]) for journey in journeys(calls)
    ]


def test_where_refusals_belong() -> None:
    """They tell no run: the one that was sent counts, or else the one that the key was last in."""
    calls = [
        call(1, status=409, operation_key="a", sent_run_id="mine"),
        call(2, operation_key="a", operation_run_id="new", sent_run_id="mine"),
        call(3, status=500, operation_key="a"),
        call(4, status=500, operation_key="other"),
    ]

    assert [("other", None, [4]), ("a", "new", [2, 3]), ("a", "mine", [1])] == [
        (journey.key, journey.run_id, [each.number for each in journey.calls]) for journey in journeys(calls)
    ]


def test_how_long_a_journey_took() -> None:
    """From the first call's coming to the last one's end, in the order in which they came in."""
    (journey,) = journeys(
        [
            call(1, at=10, seconds=1, operation_key="a", operation_run_id="r"),
            call(2, at=5, seconds=30, status=500, operation_key="a", sent_run_id="r"),
        ]
    )

    assert (5, 35, 1, [2, 1]) == (
        journey.starts,
        journey.ends,
        journey.failures,
        [each.number for each in journey.calls],
    )


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=30))
def test_calls_on_one_line_do_not_overlap(times: list[tuple[int, int]]) -> None:
    """And there are no more lines than calls at one time, calls that take no time included."""
    calls = [call(1 + at, at=start, seconds=length) for at, (start, length) in enumerate(sorted(times))]

    chosen = lanes(calls)

    for lane in set(chosen):
        on_it = [each for each, of in zip(calls, chosen, strict=True) if of == lane]
        assert all(a.at + a.seconds <= b.at for a, b in pairwise(on_it))
    at_once = [sum(a.at <= b.at < a.at + a.seconds for a in calls[:at]) for at, b in enumerate(calls)]
    assert max(chosen, default=-1) <= max(at_once, default=-1)
