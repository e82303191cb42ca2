"""How Extruct writes its replies: bare JSON, and errors as `detail` (docs pages of the endpoints)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson

from aiotables.core.errors import by_status
from aiotables.core.wire import FIRST_REDIRECT, Unwrapped


RETRY_HEADERS = ("Retry-After", "retry-after-ms")

# The docs name no request id, so whichever well-known header is there is taken.
REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "cf-ray")


class Detail:
    """Reads bare JSON, and `detail` as text, object or array: the docs show all three."""

    def parse(self, body: bytes) -> Any:  # noqa: ANN401 -- any JSON
        """
        Parse JSON, in whose texts control characters such as line breaks may stand as they are.

        The vendor's public skills warn of them in the briefs of Deep Research (docs page
        api-reference/deep-research/get-deep-research-task). All else is as strict as ever.

        Raises:
            ValueError: It is no JSON.
        """
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            fault = error.doc[error.pos : error.pos + 1]
            if not fault or fault >= " ":
                raise
        try:
            return json.loads(body.decode(), strict=False, parse_constant=_refuse)
        except RecursionError:
            msg = "nested too deeply"
            raise ValueError(msg) from None

    def unwrap(self, status: int, headers: Mapping[str, str], payload: Any) -> Unwrapped:  # noqa: ANN401 -- any JSON
        """Read a reply by its status."""
        if status < FIRST_REDIRECT:
            return Unwrapped(payload, _request_id(headers))

        detail = payload.get("detail", payload) if isinstance(payload, dict) else payload
        return Unwrapped(
            data=detail,
            request_id=_request_id(headers),
            error=by_status(status),
            code=_code(detail),
            message=describe(detail),
            refused=_is_refusal(status, headers),
        )

    def unwrap_text(self, status: int, headers: Mapping[str, str], text: str) -> Unwrapped:
        """Read an error whose body is no JSON."""
        return Unwrapped(
            data=text,
            request_id=_request_id(headers),
            error=by_status(status),
            message="the answer is not JSON",
            refused=_is_refusal(status, headers),
        )


def describe(detail: object) -> str:
    """An error's `detail` in words: validation faults as `$.rows[0].data: Field required`, separated by semicolons."""
    if isinstance(detail, str):
        return detail
    if isinstance(detail, list):
        return "; ".join(_issue(item) for item in detail) or "the service reports an error without a detail"
    return _code(detail) or "the service reports an error without a text"


def _issue(item: object) -> str:
    if not isinstance(item, dict):
        return str(item)
    loc = item.get("loc")
    parts = loc if isinstance(loc, list) else []
    # The first part says where in the request it is, `body` or `query`; `$` is the body.
    root = "$" if parts[:1] in ([], ["body"]) else str(parts[0])
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts[1:])
    return f"{root}{path}: {item.get('msg', 'invalid')}"


def _refuse(word: str) -> None:
    msg = f"{word} is no JSON"
    raise ValueError(msg)


def _code(detail: object) -> str | None:
    code = detail.get("error") if isinstance(detail, dict) else None
    return code if isinstance(code, str) else None


def _is_refusal(status: int, headers: Mapping[str, str]) -> bool:
    # A 429 without Retry-After means that a quota is used up; the vendor asks not to repeat it.
    return status == HTTPStatus.TOO_MANY_REQUESTS and any(name in headers for name in RETRY_HEADERS)


def _request_id(headers: Mapping[str, str]) -> str | None:
    for name in REQUEST_ID_HEADERS:
        if name in headers:
            return headers[name]
    return None
