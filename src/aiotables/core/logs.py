"""
What is logged: one line for each call at INFO, one for each attempt at DEBUG, all by the logger `aiotables`.

Names, numbers and ids alone: never a body, and of the headers of a reply only those that are listed here. The level is
the program's to set, and there is no handler here, not even one that drops: so a program that sets nothing up sees no
call, and still sees, on stderr, that an observer of its own failed.
"""

import logging
from collections.abc import Mapping

from aiotables.core.record import Attempt, CallRecord


logger = logging.getLogger("aiotables")

SHOWN_HEADERS = ("Content-Type", "Date", "Retry-After", "Retry-After-Ms", "Server", "X-Total-Count")
"""Headers of replies that are logged. None of a request is, since one of those is the token's."""


def log_attempt(operation: str, attempt: Attempt, headers: Mapping[str, str]) -> None:
    """
    Write one line at DEBUG. What the service said is quoted, so that it cannot begin a line of its own.

    Args:
        operation: Service and operation.
        attempt: How it ended.
        headers: Of the reply; empty where there is none.
    """
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug(
            "%s attempt %d: %r (status %s, request id %r, %.3f s) %r",
            operation,
            attempt.number,
            attempt.reason,
            attempt.status,
            attempt.request_id,
            attempt.elapsed,
            {name: headers[name] for name in SHOWN_HEADERS if name in headers},
        )


def log_call(record: CallRecord, error: BaseException | None) -> None:
    """
    Write one line at INFO.

    Args:
        record: The call, which has ended.
        error: What it raised.
    """
    ended = "found" if record.found is not None else "done"
    logger.info(
        "%s %s (status %s, request id %r, attempts %d, %.3f s)",
        record.operation,
        ended if error is None else f"raised {type(error).__name__}",
        record.status,
        record.request_id,
        len(record.attempts),
        record.elapsed,
    )
