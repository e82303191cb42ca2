"""
Both services on this machine: stateful, faithful to what is documented, and wrong on demand.

What the documentation leaves silent is chosen in `choices`, and each choice is explained in `docs/emulator.md`.
"""

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
