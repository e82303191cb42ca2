"""Provisioning: from a manifest to tables that exist, each exactly once."""

from typing import TYPE_CHECKING

from aiotables._lazy import lazy


if TYPE_CHECKING:
    from aiotables.provision.events import (
        Event,
        Refreshed,
        RunEnded,
        RunStarted,
        Settling,
        TableDone,
        to_json,
    )
    from aiotables.provision.expand import load
    from aiotables.provision.items import PlannedTable
    from aiotables.provision.job import Job
    from aiotables.provision.manifest import Manifest
    from aiotables.provision.opening import open_clients
    from aiotables.provision.plan import Plan, TargetPlan
    from aiotables.provision.problems import ManifestError
    from aiotables.provision.selection import Selection
    from aiotables.provision.steps import Action

_HOMES = {
    "events": ("Event", "Refreshed", "RunEnded", "RunStarted", "Settling", "TableDone", "to_json"),
    "expand": ("load",),
    "items": ("PlannedTable",),
    "job": ("Job",),
    "manifest": ("Manifest",),
    "opening": ("open_clients",),
    "plan": ("Plan", "TargetPlan"),
    "problems": ("ManifestError",),
    "selection": ("Selection",),
    "steps": ("Action",),
}

__all__ = [
    "Action",
    "Event",
    "Job",
    "Manifest",
    "ManifestError",
    "Plan",
    "PlannedTable",
    "Refreshed",
    "RunEnded",
    "RunStarted",
    "Selection",
    "Settling",
    "TableDone",
    "TargetPlan",
    "load",
    "open_clients",
    "to_json",
]

__getattr__ = lazy(
    __name__, {name: f"aiotables.provision.{home}" for home, names in _HOMES.items() for name in names}
)
