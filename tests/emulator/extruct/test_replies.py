"""Extruct's error bodies."""

import orjson
import pytest

from aiotables.emulator.extruct.replies import general_detail, refused


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (402, {"error": "insufficient_credits"}),
        (404, "Not Found"),
        (429, "Too Many Requests"),
        (599, "Error"),
    ],
)
def test_errors_that_no_operation_speaks_of(status: int, detail: object) -> None:
    """Every status has a detail; 402 the vendor's object."""
    assert {"detail": detail} == orjson.loads(refused(status, general_detail(status)).body)
