"""The page at `/_emulator/`: what the emulator holds and what was called, as it happens."""
