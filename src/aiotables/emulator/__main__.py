"""`python -m aiotables.emulator`: the emulator as a process, without the libraries of the command line."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from aiotables.emulator.options import OPTIONS, Option
from aiotables.emulator.serve import serve
from aiotables.emulator.settings import serve_options


USAGE = 2


def main(arguments: Sequence[str]) -> int:
    """Run the emulator until it is told to stop; the exit code."""
    given = vars(_parser().parse_args(arguments))
    try:
        asyncio.run(serve(serve_options(given)))
    except (ValueError, OSError) as error:
        sys.stderr.write(f"aiotables emulator: {error}\n")
        return USAGE
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m aiotables.emulator",
        description="Run a local server of both services, for tests and trials.",
        allow_abbrev=False,
    )
    for option in OPTIONS:
        _add(parser, option)
    return parser


def _add(parser: argparse.ArgumentParser, option: Option) -> None:
    text = option.help.replace("%", "%%")
    if option.kind is bool:
        parser.add_argument(option.flag, action="store_true", help=text)
        return

    parser.add_argument(
        option.flag,
        type=option.kind,
        default=option.default,
        metavar=option.takes,
        action="append" if option.often else "store",
        help=text if option.default is None else f"{text}  [default: {option.default}]",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
