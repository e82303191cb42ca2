"""What a table is called and the like: what the manifest changes, and what it leaves to people."""

from typing import Any

import pytest

from aiotables.provision.desired import Desired, ExtructSpec, Spec, ZangTableSpec
from aiotables.provision.journal import OutcomeKind, StepState
from aiotables.provision.settings import changed_settings, wanted_settings
from aiotables.provision.steps import CREATE


def desired(spec: Spec) -> Desired:
    """A table."""
    return Desired(target="t", key="k", name=spec.name, spec=spec, identity="i", digest="d", origin="m:1")


def known(settings: dict[str, Any] | None, *, remote_id: str = "7") -> dict[str, StepState]:
    """What the journal knows of a table that was made with these settings."""
    detail = {} if settings is None else {"settings": settings}
    state = StepState(run_id="r", at=1.0, outcome=OutcomeKind.CREATED, remote_id=remote_id, detail=detail)
    return {CREATE: state}


@pytest.mark.parametrize(
    ("spec", "settings"),
    [
        (ZangTableSpec(name="a"), {}),
        (ZangTableSpec(name="a", display_name="A"), {"display_name": "A"}),
        (ExtructSpec(name="A"), {"name": "A"}),
        (
            ExtructSpec(name="A", description="", tags=("x",)),
            {"name": "A", "description": "", "tags": ["x"]},
        ),
    ],
)
def test_wanted(spec: Spec, settings: dict[str, Any]) -> None:
    """What the manifest does not give is not wanted."""
    assert settings == wanted_settings(desired(spec))


THERE = {"name": "Old", "description": None, "tags": ["p", "aiotables:1"]}


@pytest.mark.parametrize(
    ("before", "changed"),
    [
        (None, {"name": "A", "description": "About", "tags": ["p", "aiotables:1", "x"]}),
        ({"name": "A", "description": "About", "tags": ["x"]}, {}),
        ({"name": "Other", "description": "About", "tags": ["x"]}, {"name": "A"}),
        ({"name": "A", "tags": ["x"]}, {"description": "About"}),
        ({"name": "A", "description": "About", "tags": ["x", "y"]}, {}),
    ],
)
def test_changed(before: dict[str, Any] | None, changed: dict[str, Any]) -> None:
    """What the manifest asked for before, and people changed since, stays; a tag that they took away, too."""
    table = desired(ExtructSpec(name="A", description="About", tags=("x",)))

    assert changed == changed_settings(table, known(before), "7", THERE)


def test_of_another_table() -> None:
    """What the journal knows of a table that is gone says nothing of the one that is there."""
    table = desired(ZangTableSpec(name="a", display_name="A"))

    before = known({"display_name": "A"}, remote_id="6")

    assert {"display_name": "A"} == changed_settings(table, before, "7", {"display_name": None})
    assert {"display_name": "A"} == changed_settings(table, {}, "7", {"display_name": None})


def test_as_it_is() -> None:
    """What is there as it should be is not changed, and an empty text is as good as none."""
    table = desired(ExtructSpec(name="Old", description="", tags=("p",)))

    assert {} == changed_settings(table, {}, "7", THERE)
