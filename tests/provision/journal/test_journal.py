"""The package of the journal."""

from aiotables.provision import journal


def test_public_names_exist() -> None:
    """Every name promised by `__all__` is there, once."""
    assert len(journal.__all__) == len(set(journal.__all__))
    assert [] == [name for name in journal.__all__ if not hasattr(journal, name)]
