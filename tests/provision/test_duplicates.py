"""Tests of `aiotables.provision.duplicates`."""

from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.duplicates import Seen


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["x", "y", "xy", ""]))))
def test_first_is_what_a_mapping_would_say(names: list[tuple[str, str]]) -> None:
    """It answers as a dictionary of everything seen would, without being one."""
    known: dict[tuple[str, str], str] = {}
    with Seen() as seen:
        for number, (scope, name) in enumerate(names):
            assert known.get((scope, name)) == seen.first(scope, name, str(number))
            known.setdefault((scope, name), str(number))


def test_scopes_are_apart() -> None:
    """Scope and name do not run into each other."""
    with Seen() as seen:
        assert seen.first("a", "bc", "1") is None
        assert seen.first("ab", "c", "2") is None
