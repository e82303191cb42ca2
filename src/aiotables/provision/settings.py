"""
What a table is called and the like: told by the manifest, and changed by people in the service, too.

What people changed stays, until the manifest asks for something else than it did before. Where the journal does not know
what it asked for before, the manifest counts.
"""

from collections.abc import Mapping
from typing import Any

from aiotables.provision.desired import Desired, ZangTableSpec
from aiotables.provision.journal import StepState
from aiotables.provision.steps import CREATE, made


def wanted_settings(desired: Desired) -> dict[str, Any]:
    """The settings that a manifest gives a table, as JSON."""
    spec = desired.spec
    if isinstance(spec, ZangTableSpec):
        settings: dict[str, Any] = {"display_name": spec.display_name}
    else:
        settings = {"name": spec.name, "description": spec.description, "tags": list(spec.tags) or None}
    return {name: value for name, value in settings.items() if value is not None}


def changed_settings(
    desired: Desired, known: Mapping[str, StepState], table_id: str, there: Mapping[str, Any]
) -> dict[str, Any]:
    """
    The settings to change of a table that is there, as they should be.

    Tags are only added: those that people gave it, and our mark, stay.

    Args:
        desired: The table.
        known: The journal's latest state of each of its steps.
        table_id: The service's id of what is there.
        there: Its settings.
    """
    before = _before(known, table_id)
    wanted = {name: value for name, value in wanted_settings(desired).items() if before.get(name) != value}
    if "tags" in wanted:
        old, known_tags = there.get("tags") or [], before.get("tags") or []
        wanted["tags"] = [*old, *(tag for tag in wanted["tags"] if tag not in {*old, *known_tags})]
    return {name: value for name, value in wanted.items() if value != (there.get(name) or type(value)())}


def _before(known: Mapping[str, StepState], table_id: str) -> Mapping[str, Any]:
    if not made(known, CREATE) or known[CREATE].remote_id != table_id:
        return {}
    settings: Mapping[str, Any] = known[CREATE].detail.get("settings") or {}
    return settings
