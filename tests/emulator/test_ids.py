"""Ids that the services make."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from aiotables.emulator.ids import Ids


def drawn(ids: Ids) -> list[str]:
    """A few of each kind."""
    return [each for _ in range(3) for each in (ids.uuid(), ids.digits(10), ids.secret())]


@given(seed=st.integers())
def test_the_same_seed_gives_the_same_ids(seed: int) -> None:
    """None comes twice, and beginning anew gives them again."""
    ids = Ids(seed)
    first = drawn(ids)
    ids.begin("")

    assert first == drawn(Ids(seed)) == drawn(ids)
    assert 9 == len(set(first))


def test_what_is_there_already_gives_other_ids() -> None:
    """No id that was given before comes again."""
    ids = Ids(7)
    before = drawn(ids)
    ids.begin("something")

    assert set() == {*before} & {*drawn(ids)}


@given(seed=st.integers(), count=st.integers(1, 40))
def test_forms(seed: int, count: int) -> None:
    """A UUID of version 4, so many hexadecimal digits, and a text for URLs."""
    ids = Ids(seed)

    assert 4 == uuid.UUID(ids.uuid()).version
    assert count == len(digits := ids.digits(count))
    assert int(digits, 16) >= 0
    assert (32, True) == (len(secret := ids.secret()), secret.replace("-", "").replace("_", "").isalnum())
