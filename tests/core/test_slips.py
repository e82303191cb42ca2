"""Slips of the pen."""

from aiotables.core.slips import did_you_mean


def test_did_you_mean_suggests_the_closest_word() -> None:
    """A slip, also one of case, gets a suggestion; something else gets none."""
    known = ("INTEGER", "REAL", "TEXT")

    assert " (did you mean INTEGER?)" == did_you_mean("integr", known)
    assert "" == did_you_mean("VARCHAR", known)
