"""Tests of `aiotables.provision.scalars`."""

import pytest

from aiotables.provision.scalars import SCALARS


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("str", "plain", "plain"),
        ("str", "größer", "größer"),
        ("str", "\ud83d\ude00", "\N{GRINNING FACE}"),
        ("null", "~", None),
        ("bool", "True", True),
        ("bool", "false", False),
        ("int", "-12", -12),
        ("int", "0x1F", 31),
        ("int", "0o17", 15),
        ("int", str(2**63 - 1), 2**63 - 1),
        ("float", "1.5e3", 1500.0),
    ],
)
def test_values(tag: str, text: str, value: object) -> None:
    """Texts of the core schema of YAML 1.2 become what JSON would hold, a surrogate pair one character."""
    assert value == SCALARS[tag](text)


@pytest.mark.parametrize(
    ("tag", "text", "message"),
    [
        ("str", "\ud83d", "half of a surrogate pair"),
        ("bool", "yes", "expected true or false"),
        ("int", "abc", "is no integer"),
        ("int", "9" * 5000, "is no integer, or has more digits"),
        ("int", str(2**63), "does not fit into 64 bits"),
        ("int", str(-(2**63) - 1), "does not fit into 64 bits"),
        ("float", ".inf", "finite"),
        ("float", ".nan", "finite"),
        ("float", "1e999", "finite"),
    ],
)
def test_refused(tag: str, text: str, message: str) -> None:
    """What JSON cannot hold, or its tag does not allow, is refused in words for people."""
    with pytest.raises(ValueError, match=message):
        SCALARS[tag](text)
