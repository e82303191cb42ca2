"""How a call ends without its result: the error that says what is known of it."""

from typing import Any, Final

from aiotables.core import errors
from aiotables.core.call import Call
from aiotables.core.wire import FIRST_REDIRECT, NO_CONTENT


TOLD: Final = 500
"""Characters of the service's own text that the words of an error have at the most; its `detail` has all."""

_FIRST_CLIENT_ERROR: Final = 400


def finish(call: Call[Any]) -> None:
    """End with the error that was answered, unless that shows that the work was done before."""
    if not call.is_gone:
        raise service_error(call)
    call.gone = True


def finish_undecoded(call: Call[Any], error: errors.DecodeError) -> None:
    """End with a success that has not the documented answer. Of a delete without a body nothing more is to be known."""
    raw = call.raw
    shape = f"but not in the documented shape: {'; '.join(error.problems)}"
    if raw.status in NO_CONTENT and not raw.body:
        if call.operation.method == "DELETE":
            return
        shape = "without the documented body"
    if call.operation.effect.must_be_settled:
        shape += "; it took effect, so look before you send it again"
    msg = f"answered {raw.status}, {shape}"
    raise errors.ReplyNotUnderstood(msg, record=call.record(), cause=error, raw=raw.body) from error


def gave_up(call: Call[Any], why: str) -> errors.CallError:
    """The error of a call that is not sent again."""
    if call.unwrapped.error is not None:
        return service_error(call, why=why)
    kind = errors.NoReply if call.lost else errors.NotSent
    return kind(f"{call.outcome.reason}; {why}", record=call.record())


def service_error(call: Call[Any], *, why: str = "") -> errors.ServiceError:
    """What the service answered last."""
    unwrapped, outcome = call.unwrapped, call.outcome
    kind = unwrapped.error or errors.ServiceError
    status = call.sendings[-1].status
    why = why or _redirected(status)
    message = f"{_shortened(unwrapped.message)} [{outcome.reason}]" + (f"; {why}" if why else "")
    return kind(
        message,
        record=call.record(),
        status=status,
        code=unwrapped.code,
        detail=unwrapped.data,
        retry_after=outcome.retry_after,
    )


def _shortened(text: str) -> str:
    return text if len(text) <= TOLD else f"{text[: TOLD - 1]}…"


def _redirected(status: int | None) -> str:
    if status is None or not FIRST_REDIRECT <= status < _FIRST_CLIENT_ERROR:
        return ""
    return "the token goes to no other address, so a redirect is not followed; look whether the base URL is right"
