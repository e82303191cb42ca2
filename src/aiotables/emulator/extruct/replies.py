"""Extruct's replies: bare JSON on success, `detail` on error."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson

from aiotables.emulator.bodies import Json
from aiotables.emulator.calls import Reply
from aiotables.emulator.choices import OUT_OF_CREDITS


JSON = {"Content-Type": "application/json"}

PAYMENT_REQUIRED = 402
TOO_MANY_REQUESTS = 429


def success(data: object, headers: Mapping[str, str] | None = None) -> Reply:
    """The answer that is *data*."""
    return Reply(status=200, body=orjson.dumps(data), headers={**JSON, **(headers or {})})


def refused(status: int, detail: Json) -> Reply:
    """The answer that says *detail*."""
    return Reply(status=status, body=orjson.dumps({"detail": detail}), headers=JSON)


def general_detail(status: int) -> Json:
    """What `detail` holds for *status* when no operation says more."""
    if status == PAYMENT_REQUIRED:
        return {"error": OUT_OF_CREDITS}

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
