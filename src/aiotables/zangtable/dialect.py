"""How ZangTable writes its replies: the envelope `ok`, `data`, `error`, `request_id` (docs page response-envelope)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson

from aiotables.core.errors import (
    AuthenticationFailed,
    Conflict,
    NotFound,
    RateLimited,
    ServiceError,
    by_status,
)
from aiotables.core.wire import FIRST_REDIRECT, Unwrapped
from aiotables.zangtable.errors import TableExists


BY_CODE: Mapping[str, type[ServiceError]] = {
    "missing_authorization": AuthenticationFailed,
    "invalid_token": AuthenticationFailed,
    "table_exists": TableExists,
}

# The docs show three codes and no status for most errors. Codes that end like these read the same in any service; that
# ZangTable's other codes follow `table_exists` is inferred.
BY_ENDING: Mapping[str, type[ServiceError]] = {"_exists": Conflict, "_not_found": NotFound}


class Envelope:
    """Reads the envelope; keys that are not known are tolerated."""

    parse = staticmethod(orjson.loads)
    """Parse JSON."""

    def unwrap(self, status: int, headers: Mapping[str, str], payload: Any) -> Unwrapped:  # noqa: ANN401, ARG002 -- the protocol's form
        """
        Read a reply: `ok: false` is an error whatever the status says.

        Raises:
            ValueError: It has no `ok`, so it is not from ZangTable.
        """
        ok = payload.get("ok") if isinstance(payload, dict) else None
        if ok is True and status < FIRST_REDIRECT:
            # Few calls belong to a run.
            run = _text(payload["operation_run_id"]) if "operation_run_id" in payload else None
            return Unwrapped(payload.get("data"), _text(payload.get("request_id")), run)
        if not isinstance(ok, bool):
            msg = "expected an envelope with ok, data, error and request_id"
            raise ValueError(msg)  # noqa: TRY004 -- what the protocol of a dialect raises

        detail = payload.get("error")
        error = detail if isinstance(detail, dict) else {}
        code = _text(error.get("code"))
        kind = _error_class(status, code)
        return Unwrapped(
            data=detail,
            request_id=_text(payload.get("request_id")),
            operation_run=_text(payload.get("operation_run_id")),
            error=kind,
            code=code,
            message=_text(error.get("message")) or "the service reports an error without a message",
            refused=issubclass(kind, RateLimited),
        )

    def unwrap_text(self, status: int, headers: Mapping[str, str], text: str) -> Unwrapped:  # noqa: ARG002 -- the protocol's form
        """Read an error that is not in an envelope, such as a gateway's page."""
        return Unwrapped(
            data=text,
            error=by_status(status),
            message="the answer is not in ZangTable's form",
            refused=status == HTTPStatus.TOO_MANY_REQUESTS,
        )


def _error_class(status: int, code: str | None) -> type[ServiceError]:
    if code is None:
        return by_status(status)
    if code in BY_CODE:
        return BY_CODE[code]
    endings = (kind for ending, kind in BY_ENDING.items() if code.endswith(ending))
    return next(endings, by_status(status))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
