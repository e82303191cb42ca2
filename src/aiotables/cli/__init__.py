"""The `aiotables` command line; needs the extra `aiotables[cli]`."""

import atexit
import gc
import sys


def main() -> None:
    """Run the command line, and exit with its code."""
    # What is imported stays: to look through it for garbage again and again, as it grows, takes time and finds none.
    gc.disable()
    try:
        from aiotables.cli.app import app
    except ImportError as error:
        print(f"aiotables: {error}; the command line needs: pip install 'aiotables[cli]'", file=sys.stderr)  # noqa: T201 -- there is no console without the extra
        sys.exit(2)
    finally:
        gc.enable()
    gc.freeze()
    # Nor is what is left at the end worth a look: it goes with the process.
    atexit.register(gc.freeze)
    app()
