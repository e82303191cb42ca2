"""What a report can be written as."""

from aiotables.provision.reporting.form import Form


def test_forms() -> None:
    """The words of the command line."""
    assert ["markdown", "json", "html"] == [*Form]
