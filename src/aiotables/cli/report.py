"""`aiotables report`."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import orjson

from aiotables.cli.codes import DONE
from aiotables.core.errors import SettingsError
from aiotables.provision.naming import name_of
from aiotables.provision.places import Place
from aiotables.provision.reporting.form import Form
from aiotables.provision.reporting.markdown import markdown
from aiotables.provision.reporting.page import html
from aiotables.provision.reporting.report import Report
from aiotables.provision.reporting.report import report as read
from aiotables.provision.results import as_json as to_json


def _json(report: Report) -> str:
    return orjson.dumps(to_json(report)).decode() + "\n"


_WRITERS: Final[Mapping[Form, Callable[[Report], str]]] = {
    Form.MARKDOWN: markdown,
    Form.JSON: _json,
    Form.HTML: html,
}


async def report(
    path: Path | None, place: Place, *, run_id: str | None, form: Form, output: Path | None
) -> int:
    """
    Say how a run went.

    Raises:
        ManifestError: The manifest cannot be read.
        RunNotFound: The journal knows no such run.
        JournalError: There is no journal, or that of another manifest.
        SettingsError: The output cannot be written.
    """
    async with place.read(None if path is None else name_of(path)) as journal:
        text = _WRITERS[form](await read(journal, run_id))
    if output is None:
        print(text, end="")  # noqa: T201 -- rich would wrap or colour it
        return DONE
    try:
        await asyncio.to_thread(output.write_text, text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(str(error)) from error
    return DONE
