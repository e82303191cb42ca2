"""`python -m aiotables` is the same as `aiotables`."""

from aiotables.cli import main


main()
