"""Whether a program uses OpenTelemetry, and its API package, which is imported where somebody asks for it."""

import sys
from importlib import import_module
from typing import Any

from aiotables.core.errors import SettingsError


def wants(module: str, *, asked: bool | None) -> bool:
    """
    Whether something is to be told to OpenTelemetry.

    Args:
        module: The part of the API that it is told by, such as `opentelemetry.trace`.
        asked: `None` for "if the program does so already", told by its having imported the module.
    """
    return module in sys.modules if asked is None else asked


def api(module: str, *, of: str) -> Any:  # noqa: ANN401 -- a module
    """
    A module of the API.

    Args:
        module: Its name.
        of: What it was asked for.

    Raises:
        SettingsError: The API is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        msg = f"{of} was asked for, and OpenTelemetry is not installed: pip install 'aiotables[otel]'"
        raise SettingsError(msg) from error
