"""What is known of a call before it is made."""

import pytest

from aiotables.core.operations import Effect


@pytest.mark.parametrize(
    ("effect", "expected"),
    [(Effect.READ, False), (Effect.REPLACE, False), (Effect.CREATE, True), (Effect.START, True)],
)
def test_must_be_settled(effect: Effect, *, expected: bool) -> None:
    """What makes or starts something cannot be sent again without looking."""
    assert expected == effect.must_be_settled
