"""Generated Python source: its first line, its formatting, and text that cannot become code."""

import subprocess
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Final


_SETTINGS: Final = Path(__file__).with_name("formatting.toml")
_WIDTH: Final = 108


def header(service: str, about: str, public: Iterable[str] = ()) -> str:
    """
    What a generated file begins with: where it is from, what it is about, and what it offers.

    Args:
        service: A folder of `openapi/`.
        about: The module's docstring.
        public: Names that importing all of it gives.
    """
    origin = f"# Generated from openapi/{service}. Do not edit: run `make generate`.\n"
    names = "".join(f"    {name!r},\n" for name in sorted(public))
    return f'{origin}"""{about}"""\n' + (f"\n__all__ = [\n{names}]\n\n" if names else "")


def formatted(source: str) -> str:
    """
    *source* with sorted imports, those unused left out, laid out by settings that belong to the generator.

    Raises:
        CalledProcessError: It is no Python.
    """
    return _ruff(_ruff(source, "check", "--fix", "--quiet"), "format", "--quiet")


def _ruff(source: str, *command: str) -> str:
    fixed = ("--no-cache", "--config", str(_SETTINGS), "--stdin-filename", "generated.py", "-")
    done = subprocess.run(  # noqa: S603  # our own interpreter, and no word of the source is in the command
        [sys.executable, "-m", "ruff", *command, *fixed],
        input=source,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return done.stdout


def docstring(text: str) -> str:
    """*text* as a docstring at the left margin."""
    lines = [line for part in text.split("\n") for line in _wrapper.wrap(part) or [""]]
    return '"""\n' + "\n".join(map(_escaped, lines)) + '\n"""\n'


_wrapper: Final = textwrap.TextWrapper(_WIDTH, break_long_words=False, break_on_hyphens=False)


def _escaped(line: str) -> str:
    visible = "".join(each if each.isprintable() and each != "\\" else repr(each)[1:-1] for each in line)
    return visible.replace('"""', '\\"\\"\\"')
