"""Names of tables, columns, indexes and projects."""

import pytest

from aiotables.emulator.zangtable.names import (
    checked_identifier,
    checked_slug,
    id_number,
    is_identifier,
    is_slug,
)
from aiotables.emulator.zangtable.refusal import Refusal


@pytest.mark.parametrize("name", ["a", "A9_", "contacts", "x" * 128, "sqlite"])
def test_identifiers(name: str) -> None:
    """A letter, then letters, digits and underscores."""
    assert is_identifier(name)
    assert name == checked_identifier(name, "table_name")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "9a",
        "_a",
        "a-b",
        "a b",
        'a"b',
        "a;b",
        "a\n",
        "ä",
        "\u0661",
        "x" * 129,
        "sqlite_a",
        "SQLite_a",
        "a\0",
        "a.b",
    ],
)
def test_what_is_no_identifier(name: str) -> None:
    """Anything else is refused, with the field that held it."""
    assert not is_identifier(name)
    with pytest.raises(Refusal, match="table_name") as caught:
        checked_identifier(name, "table_name")

    assert "invalid_identifier" == caught.value.problem.code


@pytest.mark.parametrize("slug", ["a", "acme-2_b", "-", "x" * 64])
def test_slugs(slug: str) -> None:
    """Lower-case letters, digits, hyphens, underscores."""
    assert is_slug(slug)
    assert slug == checked_slug(slug, "project_slug")


@pytest.mark.parametrize("slug", ["", "Acme", "a/b", "..", "a.b", "x" * 65, "a\0", "a b"])
def test_what_is_no_slug(slug: str) -> None:
    """Anything that could lead to another file is refused."""
    assert not is_slug(slug)
    with pytest.raises(Refusal, match="project_slug"):
        checked_slug(slug, "project_slug")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", 7),
        ("007", 7),
        ("9" * 18, int("9" * 18)),
        ("9" * 19, None),
        ("a", None),
        ("-1", None),
        ("\u0661", None),
    ],
)
def test_numbers_of_tables(text: str, expected: int | None) -> None:
    """Digits alone are an id, as far as SQLite can count."""
    assert expected == id_number(text)
