"""Whether a program uses OpenTelemetry."""

import sys
from types import ModuleType

import pytest

from aiotables.core.errors import SettingsError
from aiotables.core.otel import api, wants


def test_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who says nothing wants it if the program has imported that part of it; else it is as they say."""
    monkeypatch.setitem(sys.modules, "made_up_api", ModuleType("made_up_api"))
    assert wants("made_up_api", asked=None)
    assert not wants("made_up_api", asked=False)

    monkeypatch.delitem(sys.modules, "made_up_api")

    assert not wants("made_up_api", asked=None)
    assert wants("made_up_api", asked=True)


def test_installed() -> None:
    """A module that is there is given."""
    assert sys is api("sys", of="anything")


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for what is not installed is told what to install."""
    monkeypatch.setitem(sys.modules, "opentelemetry.metrics", None)

    with pytest.raises(SettingsError, match=r"^metrics was asked for, .* pip install 'aiotables\[otel\]'$"):
        api("opentelemetry.metrics", of="metrics")
