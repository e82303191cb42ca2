"""The `aiotables` command line; needs the extra `aiotables[cli]`."""

import atexit
import gc
import sys


def main() -> None:
    """Run the command line, and exit with its code."""
    try:
        from aiotables.cli.app import app
    except ImportError as error:
        print(f"aiotables: {error}; the command line needs: pip install 'aiotables[cli]'", file=sys.stderr)  # noqa: T201 -- there is no console without the extra
        sys.exit(2)
    # What is left at the end goes with the process; to look through it for garbage before would take its time.
    atexit.register(gc.freeze)
    app()
