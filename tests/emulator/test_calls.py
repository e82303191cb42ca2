"""Calls as the services see them."""

import pytest

from aiotables.emulator.calls import bearer


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Authorization": "Bearer pat_x"}, "pat_x"),
        ({"Authorization": "bearer  pat_x "}, "pat_x"),
        ({"Authorization": "Bearer "}, None),
        ({"Authorization": "Bearer"}, None),
        ({"Authorization": "Basic pat_x"}, None),
        ({"Authorization": "pat_x"}, None),
        ({}, None),
    ],
)
def test_the_token_of_a_call(headers: dict[str, str], expected: str | None) -> None:
    """Only a bearer token counts."""
    assert expected == bearer(headers)
