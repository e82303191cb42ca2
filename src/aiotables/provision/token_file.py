"""The file of a project's token: the service tells a token once, so it is on the disk before anything else is done."""

import os
from pathlib import Path
from typing import Final

from aiotables.core.errors import SettingsError
from aiotables.core.settings import find_token


MODE: Final = 0o600
"""Nobody else may read it."""


def read_token(path: Path) -> str | None:
    """
    The token in a file; `None` when there is no file, or nothing in it.

    Raises:
        SettingsError: It cannot be read, or holds what no token is. The message never shows it.
    """
    try:
        token = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"{path} with the project's token cannot be read: {error.strerror}"
        raise SettingsError(message) from error
    except UnicodeDecodeError:
        message = f"{path} should hold the project's token, and holds something else"
        raise SettingsError(message) from None
    return find_token(token, variable=f"the file {path}", environ={}) if token else None


def write_token(path: Path, token: str) -> None:
    """
    Make the file, for its owner alone, durably; one that is there is left as it is.

    Raises:
        OSError: It cannot be made.
    """
    # Opened first: what cannot be opened could not be made durable either.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        try:
            os.write(file, f"{token}\n".encode("ascii"))
            os.fsync(file)
        finally:
            os.close(file)
        # Else a power cut might take the name from it.
        os.fsync(folder)
    finally:
        os.close(folder)


def why_not_kept(path: Path) -> str | None:
    """Why a token could not be put into a file that is yet to be made; `None` when it could."""
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder} for the file with the project's token"
    if path.exists() or path.is_symlink():
        return f"{path} is there, and holds no token; remove it, or write the project's token into it"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"the file with the project's token cannot be made: {folder} is not writable"
    return None
