"""The envelope, against the documentation's own examples."""

import orjson
import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import ManualClock
from aiotables.emulator.choices import TABLE_EXISTS
from aiotables.emulator.ids import Ids
from aiotables.emulator.zangtable.envelope import general_problem, refused, success
from aiotables.emulator.zangtable.groups import Grouping
from aiotables.zangtable._generated.models import Envelope


def test_a_success_with_grouping(clock: ManualClock) -> None:
    """The keys of a documented success, in their order."""
    reply = success(
        {"x": 1},
        status=200,
        clock=clock,
        ids=Ids(),
        grouping=Grouping("edit-profile-email", "r", "accepted_provided_run"),
    )
    envelope = orjson.loads(reply.body)

    assert {
        "ok": True,
        "data": {"x": 1},
        "error": None,
        "request_id": reply.request_id,
        "operation_key": "edit-profile-email",
        "operation_run_id": "r",
        "operation_grouping_status": "accepted_provided_run",
        "meta": {"generated_at": "2026-06-02T01:23:45Z"},
    } == envelope
    assert "r" == reply.operation_run_id
    Converter(forbid_unknown=True).decode(envelope, Envelope)


def test_a_success_without_grouping(clock: ManualClock) -> None:
    """Calls that name no operation have no grouping keys."""
    envelope = orjson.loads(success(None, status=200, clock=clock, ids=Ids(), grouping=None).body)

    assert ["ok", "data", "error", "request_id", "meta"] == list(envelope)


def test_a_refusal(clock: ManualClock) -> None:
    """The documented error, but for its ids."""
    reply = refused(TABLE_EXISTS, clock, Ids())

    assert {
        "ok": False,
        "data": None,
        "error": {"code": "table_exists", "message": "A table with that name already exists."},
        "request_id": reply.request_id,
        "meta": {"generated_at": "2026-06-02T01:23:45Z"},
    } == orjson.loads(reply.body)
    assert 409 == reply.status


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "not_found"),
        (405, "method_not_allowed"),
        (413, "payload_too_large"),
        (429, "rate_limited"),
        (500, "internal_server_error"),
        (503, "storage_unavailable"),
        (599, "error"),
    ],
)
def test_errors_that_no_operation_speaks_of(status: int, code: str) -> None:
    """Every status has a code."""
    problem = general_problem(status)

    assert (status, code) == (problem.status, problem.code)
