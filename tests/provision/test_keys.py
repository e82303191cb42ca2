"""Sets of tables."""

from aiotables.provision.keys import Keys


def test_keys() -> None:
    """A table is in the set once it was put there, and its key in another target is another table."""
    with Keys([("crm", "a"), ("crm", "a")]) as keys:
        keys.add("research", "b")
        keys.add("research", "b")

        assert [True, True, False, False] == [
            keys.has(*table) for table in [("crm", "a"), ("research", "b"), ("research", "a"), ("crm", "A")]
        ]
