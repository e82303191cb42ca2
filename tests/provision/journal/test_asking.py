"""Asking SQLite what is written as PostgreSQL takes it."""

from aiotables.provision.journal.asking import in_sqlite


def test_query_as_sqlite_takes_it() -> None:
    """SQLite has no schemas, and its own way to name values."""
    query = "SELECT a FROM aiotables.facts WHERE b = %(b)s AND c > %(long_name)s"

    assert "SELECT a FROM facts WHERE b = :b AND c > :long_name" == in_sqlite(query)
