"""
Both services on this machine: stateful, faithful to what is documented, and wrong on demand.

What the documentation leaves silent is chosen in `choices`, and each choice is explained in `docs/emulator.md`.
"""

from typing import TYPE_CHECKING

from aiotables._lazy import lazy


if TYPE_CHECKING:
    from aiotables.emulator.calls import Call
    from aiotables.emulator.choices import Choices
    from aiotables.emulator.clock import ManualClock, MovableClock, RunningClock
    from aiotables.emulator.delays import Delay
    from aiotables.emulator.extruct.failures import CellFailure
    from aiotables.emulator.faults import Fault
    from aiotables.emulator.server import Emulator
    from aiotables.emulator.virtual import VirtualClock

__all__ = [
    "Call",
    "CellFailure",
    "Choices",
    "Delay",
    "Emulator",
    "Fault",
    "ManualClock",
    "MovableClock",
    "RunningClock",
    "VirtualClock",
]

__getattr__ = lazy(
    __name__,
    {
        "Call": "aiotables.emulator.calls",
        "Choices": "aiotables.emulator.choices",
        "ManualClock": "aiotables.emulator.clock",
        "MovableClock": "aiotables.emulator.clock",
        "RunningClock": "aiotables.emulator.clock",
        "Delay": "aiotables.emulator.delays",
        "CellFailure": "aiotables.emulator.extruct.failures",
        "Fault": "aiotables.emulator.faults",
        "Emulator": "aiotables.emulator.server",
        "VirtualClock": "aiotables.emulator.virtual",
    },
)
