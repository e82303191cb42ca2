"""`aiotables emulator`, and what can be asked of one that runs."""

import asyncio
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from aiotables.cli.codes import exit_codes
from aiotables.core.errors import SettingsError
from aiotables.emulator.options import OPTIONS, PORT, Option


emulator = typer.Typer(invoke_without_command=True, rich_markup_mode=None)

Url = Annotated[str, typer.Option(help="Address of the emulator.")]
LOCAL = f"http://127.0.0.1:{PORT}"


def _parameter(option: Option) -> inspect.Parameter:
    kind: Any = list[option.kind] if option.often else option.kind  # type: ignore[name-defined] # made at run time
    if option.default is None:
        kind |= None
    return inspect.Parameter(
        option.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=option.default,
        annotation=Annotated[kind, typer.Option(option.flag, help=option.help, metavar=option.takes)],
    )


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the options of the emulator, each by its name, since typer reads them off a signature."""
    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    parameters = [context, *map(_parameter, OPTIONS)]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # inspect looks there
    return command


@emulator.callback()
@_with_options
def run(*, context: typer.Context, **given: Any) -> None:  # noqa: ANN401 - as the options are
    """Run a local server of both services, for tests and trials."""
    if context.invoked_subcommand is not None:
        return

    from aiotables.emulator.serve import serve
    from aiotables.emulator.settings import serve_options

    with exit_codes():
        try:
            asyncio.run(serve(serve_options(given)))
        except (ValueError, OSError) as error:
            raise SettingsError(str(error)) from error


@emulator.command()
def snapshot(file: Annotated[Path, typer.Argument(help="File to write.")], *, url: Url = LOCAL) -> None:
    """Write all that a running emulator keeps to a file."""
    with exit_codes():
        held = _ask(url, "snapshot", None, "application/zip")
        try:
            file.write_bytes(held)
        except OSError as error:
            raise SettingsError(str(error)) from error


@emulator.command()
def restore(file: Annotated[Path, typer.Argument(help="A snapshot.")], *, url: Url = LOCAL) -> None:
    """Have a snapshot in place of all that a running emulator keeps."""
    with exit_codes():
        try:
            held = file.read_bytes()
        except OSError as error:
            raise SettingsError(str(error)) from error
        _ask(url, "restore", held, "application/zip")


@emulator.command()
def reset(*, url: Url = LOCAL) -> None:
    """Have a running emulator start afresh."""
    with exit_codes():
        _ask(url, "reset", b"{}", "application/json")


def _ask(url: str, what: str, sent: bytes | None, kind: str) -> bytes:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    if not url.startswith(("http://", "https://")):
        msg = f"{url!r} is no address of an emulator, such as {LOCAL}"
        raise SettingsError(msg)

    request = Request(f"{url.rstrip('/')}/_emulator/{what}", data=sent, headers={"Content-Type": kind})  # noqa: S310 - checked
    try:
        with urlopen(request) as answer:  # noqa: S310 - checked
            return bytes(answer.read())
    except HTTPError as error:
        with error:
            msg = f"the emulator refuses: {_reason(error.read()) or error.reason}"
        raise SettingsError(msg) from error
    except OSError as error:
        msg = f"no emulator answers at {url}: {error}"
        raise SettingsError(msg) from error


def _reason(body: bytes) -> str | None:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return None
