"""Texts of the models, read late and once."""

from collections.abc import Iterator

from aiotables.provision.listed import Listed


def test_read_when_asked() -> None:
    """Nothing is read before the first question, and nothing twice; then they are as any texts in their order."""
    reads = []

    def read() -> Iterator[str]:
        reads.append(1)
        yield from ("TEXT", "INTEGER", "REAL")

    listed = Listed(read)
    assert [] == reads

    assert ["TEXT", "INTEGER", "REAL"] == [*listed]
    assert (3, "TEXT", ("INTEGER", "REAL"), True) == (len(listed), listed[0], listed[1:], "REAL" in listed)
    assert [1] == reads
