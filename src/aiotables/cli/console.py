"""
Where the command line writes: results to standard output, everything else to standard error.

What writes for people is imported when something is written for them: commands that print JSON start without it.
"""

from typing import TYPE_CHECKING, Any

import orjson


if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def out() -> "Console":
    """For results."""
    from rich.console import Console

    return Console(soft_wrap=True, highlight=False)


def err() -> "Console":
    """For progress and complaints."""
    from rich.console import Console

    return Console(stderr=True, soft_wrap=True, highlight=False)


def plain(text: str, style: str = "") -> "Text":
    """Text from outside, for a terminal: never read as markup, and nothing in it can move the cursor or change colours."""
    from rich.text import Text

    return Text(_harmless(text), style=style)


def say(text: str) -> None:
    """One line of very many, made harmless as `plain` does, and fast."""
    print(_harmless(text))  # noqa: T201 -- rich takes its time for each line


def _harmless(text: str) -> str:
    return "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def complain(message: str) -> None:
    """Say what went wrong."""
    err().print(plain(message, "red"))


def print_json(*values: dict[str, Any]) -> None:
    """JSON objects, each on one line."""
    lines = b"".join(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE) for value in values)
    print(lines.decode(), end="", flush=True)  # noqa: T201 -- rich would wrap or colour it


def spoken(seconds: float) -> str:
    """A time in words, for people."""
    if seconds < 120:  # noqa: PLR2004 -- two minutes are not worth another unit
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"  # noqa: PLR2004 -- the same of hours
