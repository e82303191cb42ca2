"""Tests of `aiotables.provision.importing.names`."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.importing.names import identifiers


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AlbumId", "AlbumId"),
        ("a_", "a_"),
        ("Company Name", "Company_Name"),
        ("Größe (m²)", "Grosse_m2"),
        ("2020", "c_2020"),
        ("_x", "c__x"),
        ("sqlite_x", "c_sqlite_x"),
        ("日本", "c"),
        ("", "c"),
    ],
)
def test_a_name_that_the_service_takes(name: str, expected: str) -> None:
    """What can stay stays; the rest is made of letters, digits and `_`."""
    assert [expected] == identifiers([name])


def test_no_name_twice() -> None:
    """Names that are the same but for their case, or become the same, get numbers; so do those that are taken."""
    assert ["a", "A_2", "a_b", "a_b_2", "a_3"] == identifiers(["a", "A", "a b", "a-b", "a"])
    assert ["id_2"] == identifiers(["id"], taken=("ID",))


@given(st.lists(st.text(max_size=8), max_size=8))
def test_any_names(names: list[str]) -> None:
    """Of any texts each becomes a name that the service takes, and no two become one."""
    found = identifiers(names)

    assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name) for name in found)
    assert len(names) == len({name.lower() for name in found})
