"""ZangTable, emulated: each project a SQLite database of its own."""
