"""The search for tokens that every test run ends with finds them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.token_search import SECRETS, TOKENS, files_with_tokens, printed_tokens


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_in_a_database(tmp_path: Path, token: str) -> None:
    """A token in a table of SQLite is found, in the file or in its log."""
    file = tmp_path / "state" / "journal.sqlite"
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE it (body TEXT)")
        database.execute("INSERT INTO it VALUES (?)", (f"Bearer {token}",))
        database.commit()

        found = files_with_tokens(tmp_path)

        database.execute("DELETE FROM it")
        database.commit()
    for left in tmp_path.glob("state/*"):
        left.unlink()
    assert [file.with_name("journal.sqlite-wal")] == found


def test_what_a_test_wrote_is_its_own(tmp_path: Path) -> None:
    """Scripts and environments may hold tokens, a plan may not, and a link is no file of its own."""
    for name in ("example.py", ".env", "page.html"):
        (tmp_path / name).write_text(TOKENS[0])
    plan = tmp_path / "plan.json"
    plan.write_text(TOKENS[0])
    (tmp_path / "link.json").symlink_to(plan)
    (tmp_path / "nowhere.json").symlink_to(tmp_path / "gone")

    found = files_with_tokens(tmp_path)

    plan.unlink()
    assert [plan] == found


def test_what_is_printed() -> None:
    """A secret in any part of the output is found; the emulator's tokens are no secrets."""
    sections = [("Captured stdout call", "pat_emulator"), ("Captured log call", f"Bearer {SECRETS[1]}!")]

    assert [SECRETS[1]] == printed_tokens(sections)
    assert [] == printed_tokens(sections[:1])
