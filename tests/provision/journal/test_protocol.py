"""The seam between provisioning and its journals."""

from aiotables.provision.journal import INTENT, Journal, JournalReader, OutcomeKind, SqliteJournal


async def test_sqlite_journal_is_a_journal(journal: SqliteJournal) -> None:
    """The SQLite journal has both halves of the protocol, which the type checkers prove of its signatures."""
    whole: Journal = journal
    reading: JournalReader = journal

    assert whole is reading


def test_name_of_open_steps_is_no_outcome() -> None:
    """In counts, steps without an outcome cannot be confused with one."""
    assert INTENT not in set(OutcomeKind)
