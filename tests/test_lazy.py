"""Names that are imported when they are first used."""

import sys
from pathlib import Path

import pytest

from aiotables._lazy import lazy


def test_import_on_first_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home of a name is imported when the name is asked for, and not before."""
    (tmp_path / "made_up_home.py").write_text("Name = 'the name'\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    get = lazy("package", {"Name": "made_up_home"})
    assert "made_up_home" not in sys.modules

    assert "the name" == get("Name")

    assert sys.modules.pop("made_up_home", None) is not None


def test_unknown_name() -> None:
    """A name without a home is an attribute that is not there, told as Python does."""
    with pytest.raises(AttributeError, match=r"^module 'package' has no attribute 'Other'$"):
        lazy("package", {"Name": "home"})("Other")
