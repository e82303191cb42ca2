"""From the options of a command line to those of the emulator."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aiotables.emulator.choices import EXTRUCT_TOKEN, PROJECTS, Choices
from aiotables.emulator.clock import ManualClock
from aiotables.emulator.documents import read_document
from aiotables.emulator.fault_files import read_faults
from aiotables.emulator.faults import Fault
from aiotables.emulator.serve import ServeOptions


HIGHEST_PORT = 65_535


def serve_options(given: Mapping[str, Any]) -> ServeOptions:
    """
    What the options say; *given* holds each of them by its name.

    Raises:
        ValueError: A value makes no sense.
        OSError: A file cannot be read.
    """
    return ServeOptions(
        port=_port(given["port"]),
        host=given["host"],
        exposed=given["exposed"],
        data=given["data"],
        state=given["seed_file"],
        snapshot=given["restore"],
        faults=(
            *(fault for file in given["faults"] or () for fault in read_faults(file)),
            *map(Fault.parse, given["fault"] or ()),
        ),
        seed=given["seed"],
        projects=dict(map(_project, given["project"] or ())) or PROJECTS,
        extruct_token=given["extruct_token"] or EXTRUCT_TOKEN,
        address_file=given["address_file"],
        choices=_choices(given["choices"], given["choice"] or ()),
        run_seconds=_seconds("run_seconds", given),
        run_lag=_seconds("run_lag", given),
        query_seconds=_seconds("query_seconds", given),
        clock=ManualClock() if given["still"] else None,
    )


def _port(number: int) -> int:
    if not 0 <= number <= HIGHEST_PORT:
        msg = f"--port lies between 0 and {HIGHEST_PORT}, not at {number}"
        raise ValueError(msg)

    return number


def _seconds(name: str, given: Mapping[str, Any]) -> float:
    seconds = float(given[name])
    if not 0 <= seconds < float("inf"):
        msg = f"--{name.replace('_', '-')} is a number of seconds, not {seconds}"
        raise ValueError(msg)

    return seconds


def _choices(file: Path | None, pairs: Sequence[str]) -> Choices:
    """What *file* holds and the *pairs* `NAME=VALUE` say; the pairs count more."""
    held = {} if file is None else read_document(file)
    if not isinstance(held, dict):
        msg = f"{file}: the file holds no names with values"
        raise ValueError(msg)  # noqa: TRY004 - one kind of error for all that can be wrong with an option

    return Choices.of(held | dict(map(_pair, pairs)))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        msg = f"a choice is given as NAME=VALUE, not {text!r}"
        raise ValueError(msg)
    return name, value


def _project(text: str) -> tuple[str, str]:
    slug, equals, token = text.partition("=")
    if not (slug and equals and token):
        # The text may hold a token, so it is not repeated.
        msg = "a project is given as SLUG=TOKEN"
        raise ValueError(msg)
    return slug, token
