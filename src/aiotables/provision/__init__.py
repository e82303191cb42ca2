"""Provisioning: from a manifest to tables that exist, each exactly once."""

from typing import TYPE_CHECKING

from aiotables._lazy import lazy


if TYPE_CHECKING:
    from aiotables.provision.course import Rules, Tolerance
    from aiotables.provision.events import (
        Event,
        Progress,
        ProjectMade,
        Refreshed,
        RowsFailed,
        RunEnded,
        RunStarted,
        Settling,
        TableDone,
        WaveDone,
        to_json,
    )
    from aiotables.provision.expand import load
    from aiotables.provision.items import PlannedTable
    from aiotables.provision.job import Job
    from aiotables.provision.manifest import Manifest
    from aiotables.provision.opening import open_clients
    from aiotables.provision.plan import Plan, TargetPlan
    from aiotables.provision.problems import ManifestError
    from aiotables.provision.saved import PlanError, SavedPlan, read_saved, save
    from aiotables.provision.selection import Selection
    from aiotables.provision.steps import Action

_HOMES = {
    "course": ("Rules", "Tolerance"),
    "events": (
        "Event",
        "Progress",
        "ProjectMade",
        "Refreshed",
        "RowsFailed",
        "RunEnded",
        "RunStarted",
        "Settling",
        "TableDone",
        "WaveDone",
        "to_json",
    ),
    "expand": ("load",),
    "items": ("PlannedTable",),
    "job": ("Job",),
    "manifest": ("Manifest",),
    "opening": ("open_clients",),
    "plan": ("Plan", "TargetPlan"),
    "problems": ("ManifestError",),
    "saved": ("PlanError", "SavedPlan", "read_saved", "save"),
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
    "PlanError",
    "PlannedTable",
    "Progress",
    "ProjectMade",
    "Refreshed",
    "RowsFailed",
    "Rules",
    "RunEnded",
    "RunStarted",
    "SavedPlan",
    "Selection",
    "Settling",
    "TableDone",
    "TargetPlan",
    "Tolerance",
    "WaveDone",
    "load",
    "open_clients",
    "read_saved",
    "save",
    "to_json",
]

__getattr__ = lazy(
    __name__, {name: f"aiotables.provision.{home}" for home, names in _HOMES.items() for name in names}
)
