"""ZangTable's envelope: what every one of its answers is wrapped in (docs page response-envelope)."""

from http import HTTPStatus

import orjson

from aiotables.emulator.calls import Reply
from aiotables.emulator.choices import (
    BODY_TOO_LARGE,
    METHOD_NOT_ALLOWED,
    PATH_NOT_FOUND,
    RATE_LIMITED,
    STORAGE_UNAVAILABLE,
    Problem,
)
from aiotables.emulator.clock import Clock, stamp
from aiotables.emulator.ids import Ids
from aiotables.emulator.zangtable.groups import Grouping
from aiotables.emulator.zangtable.ids import new_id


JSON = {"Content-Type": "application/json"}

_GENERAL = {
    problem.status: problem
    for problem in (BODY_TOO_LARGE, METHOD_NOT_ALLOWED, PATH_NOT_FOUND, RATE_LIMITED, STORAGE_UNAVAILABLE)
}


def success(data: object, *, status: int, clock: Clock, ids: Ids, grouping: Grouping | None) -> Reply:
    """The answer that carries *data*; grouping keys only when the call was grouped."""
    request_id = new_id("req", clock, ids)
    envelope = {"ok": True, "data": data, "error": None, "request_id": request_id}
    if grouping is not None:
        envelope |= grouping.to_wire()
    envelope["meta"] = {"generated_at": stamp(clock)}
    return Reply(
        status=status,
        body=orjson.dumps(envelope),
        headers=JSON,
        request_id=request_id,
        operation_run_id=None if grouping is None else grouping.run_id,
    )


def refused(problem: Problem, clock: Clock, ids: Ids) -> Reply:
    """The answer that says *problem*."""
    request_id = new_id("req", clock, ids)
    envelope = {
        "ok": False,
        "data": None,
        "error": {"code": problem.code, "message": problem.message},
        "request_id": request_id,
        "meta": {"generated_at": stamp(clock)},
    }
    return Reply(status=problem.status, body=orjson.dumps(envelope), headers=JSON, request_id=request_id)


def general_problem(status: int) -> Problem:
    """The refusal of *status* when no operation says more."""
    if status in _GENERAL:
        return _GENERAL[status]

    phrase = _phrase(status)
    return Problem(status, phrase.lower().replace(" ", "_").replace("-", "_"), f"{phrase}.")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
