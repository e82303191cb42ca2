"""`aiotables emulator`."""

from collections.abc import Sequence
from pathlib import Path

from aiotables.cli.codes import DONE
from aiotables.core.errors import SettingsError
from aiotables.emulator.choices import Choices
from aiotables.emulator.documents import read_document
from aiotables.emulator.faults import Fault
from aiotables.emulator.serve import ServeOptions
from aiotables.emulator.serve import serve as run
from aiotables.emulator.server import EXTRUCT_TOKEN, PROJECTS


async def serve(
    *,
    port: int,
    data: Path | None,
    faults: Sequence[str],
    seed: int,
    projects: Sequence[str],
    extruct_token: str | None,
    address_file: Path | None,
    choices: Sequence[str],
    choices_file: Path | None,
) -> int:
    """
    Run the emulator until it is told to stop.

    Raises:
        SettingsError: An option makes no sense, or the port cannot be had.
    """
    try:
        options = ServeOptions(
            port=port,
            data=data,
            faults=[Fault.parse(text) for text in faults],
            seed=seed,
            projects=dict(map(_project, projects)) or PROJECTS,
            extruct_token=extruct_token or EXTRUCT_TOKEN,
            address_file=address_file,
            choices=_choices(choices_file, choices),
        )
        await run(options)
    except (ValueError, OSError) as error:
        raise SettingsError(str(error)) from error
    return DONE


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
