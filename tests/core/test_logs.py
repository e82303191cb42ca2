"""The lines of the log."""

import logging
import subprocess
import sys

import pytest
from attrs import evolve
from multidict import CIMultiDict

from aiotables.core.errors import NotFound
from aiotables.core.logs import log_attempt, log_call
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.retries import Kind


ATTEMPT = Attempt(
    number=2,
    kind=Kind.ANSWERED,
    reason="answered 200",
    status=200,
    request_id="r2\nforged",
    started_at=110.0,
    elapsed=1.5,
)
RECORD = CallRecord(operation="toy.create_thing", attempts=(ATTEMPT,))
HEADERS = CIMultiDict({"retry-after": "7\n", "Set-Cookie": "secret", "X-Echo": "Bearer secret"})


def test_attempts(caplog: pytest.LogCaptureFixture) -> None:
    """An attempt is one line, which a text of the service's cannot break in two; of its headers, those listed are in it."""
    with caplog.at_level(logging.DEBUG, logger="aiotables"):
        log_attempt("toy.create_thing", ATTEMPT, HEADERS)

    (line,) = caplog.records
    facts = "(status 200, request id 'r2\\nforged', 1.500 s) {'Retry-After': '7\\n'}"
    assert f"toy.create_thing attempt 2: 'answered 200' {facts}" == line.getMessage()


def test_calls(caplog: pytest.LogCaptureFixture) -> None:
    """A call is one line that says how it ended; at INFO there is none of its attempts."""
    error = NotFound("no", record=RECORD, status=404)
    with caplog.at_level(logging.INFO, logger="aiotables"):
        log_attempt("toy.create_thing", ATTEMPT, HEADERS)
        log_call(RECORD, None)
        log_call(evolve(RECORD, attempts=()), error)
        log_call(evolve(RECORD, settled=True, found="by its name"), None)

    assert [
        "toy.create_thing done (status 200, request id 'r2\\nforged', attempts 1, 1.500 s)",
        "toy.create_thing raised NotFound (status None, request id None, attempts 0, 0.000 s)",
        "toy.create_thing found (status 200, request id 'r2\\nforged', attempts 1, 1.500 s)",
    ] == [line.getMessage() for line in caplog.records]


def test_off_by_default() -> None:
    """A program that sets up no logging sees no call, and sees that its observer failed."""
    code = (
        "from aiotables.core.logs import logger; logger.info('a call'); logger.debug('an attempt');"
        "logger.error('an observer failed')"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ("", "an observer failed\n") == (done.stdout, done.stderr)
