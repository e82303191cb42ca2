"""The name of a manifest."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aiotables.provision.naming import name_of
from aiotables.provision.problems import ManifestError


Write = Callable[[str, str], Path]


@pytest.mark.parametrize(
    ("text", "name"),
    [("manifest: shop\ntables: wrong", "shop"), ("manifest: [1]", None), ("- 1", None), ("{}", None)],
)
def test_name(write: Write, text: str, name: str | None) -> None:
    """The name is read from a manifest whatever else is in it; a manifest may have none."""
    assert name == name_of(write("m.yaml", text))


def test_unreadable(write: Write) -> None:
    """What is no YAML is refused with its place."""
    with pytest.raises(ManifestError, match=r"m\.yaml:1"):
        name_of(write("m.yaml", "a: [b"))
