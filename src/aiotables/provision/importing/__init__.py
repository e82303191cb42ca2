"""Writes a manifest from what exists: in a service, a SQLite file, CSV files or a Frictionless data package."""
