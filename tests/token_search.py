"""A search for tokens in all that a test run wrote into files and printed: journals, plans, reports, logs, output."""

from collections.abc import Iterable
from pathlib import Path


SECRETS = ("pat_never-shown", "pat_never-kept", "pat_secret", "pat_very_secret", "pat_f00dfacecafe")
"""Tokens that no test and no example prints by itself."""

TOKENS = (*SECRETS, "pat_emulator", "extruct-emulator")
"""The emulator's, too, which its users are told, and which no file of ours holds."""

BY_HAND = {".py", ".pyc", ".sh", ".env", ".md", ".txt", ".html", ".doctree", ".js"}
"""What tests and the builder of the docs write themselves: scripts, what Python keeps of these, environments, pages."""


def files_with_tokens(folder: Path) -> list[Path]:
    """The files below a folder that hold a token, but for those that a test wrote by hand."""
    return sorted(file for file in folder.rglob("*") if _is_ours(file) and _holds(file, TOKENS))


def printed_tokens(sections: Iterable[tuple[str, str]]) -> list[str]:
    """The secrets that are in the captured output and log of a test."""
    return [secret for secret in SECRETS if any(secret in text for _, text in sections)]


def _is_ours(file: Path) -> bool:
    # A link to the folder of a test leads to what is searched anyway.
    return file.is_file() and not file.is_symlink() and not BY_HAND & {file.suffix, file.name}


def _holds(file: Path, tokens: Iterable[str]) -> bool:
    try:
        content = file.read_bytes()
    except FileNotFoundError:  # such as the log of a database that another process closes
        return False
    return any(token.encode() in content for token in tokens)
