"""Where the command line writes: results to standard output, everything else to standard error."""

from typing import Any

import orjson
from rich.console import Console


def out() -> Console:
    """For results."""
    return Console(soft_wrap=True, highlight=False)


def err() -> Console:
    """For progress and complaints."""
    return Console(stderr=True, soft_wrap=True, highlight=False)


def complain(message: str) -> None:
    """Say what went wrong; text from outside is never read as markup."""
    err().print(message, style="red", markup=False)


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on one line."""
    print(orjson.dumps(value).decode(), flush=True)  # noqa: T201 -- rich would wrap or colour it
