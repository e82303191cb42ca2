"""The page at `/_emulator/`: what the emulator holds and what was called, as it happens."""

from aiotables.emulator.inspector.endpoints import Inspector


__all__ = ["Inspector"]
