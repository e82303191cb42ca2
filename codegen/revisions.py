"""Fragments as they were: out of a folder, or out of a revision of the repository."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from codegen.spec import Spec, load


OPENAPI: Final = "openapi"
"""The folder of the services in the repository."""


class RevisionError(Exception):
    """There is no such folder, and no such revision."""


def specs(source: str, repository: Path) -> dict[str, Spec]:
    """
    The fragments of each service.

    Args:
        source: A folder of services, or a revision of git.
        repository: Where git finds it.

    Raises:
        RevisionError: It is neither.
        SpecError: Fragments cannot be read.
    """
    with _folder(source, repository) as folder:
        services = sorted(path for path in folder.iterdir() if path.is_dir())
        return {path.name: load(path) for path in services}


@contextmanager
def _folder(source: str, repository: Path) -> Iterator[Path]:
    if source and Path(source).is_dir():
        yield Path(source)
        return

    with tempfile.TemporaryDirectory() as folder:
        # What git packs are files and folders of its own tree; links are left out where fragments are read.
        with tarfile.open(fileobj=io.BytesIO(_packed(source, repository))) as archive:
            # Python before 3.11.4 has no filters, and git's own trees have no path that leads out of the folder.
            archive.extraction_filter = getattr(tarfile, "data_filter", None)
            archive.extractall(folder)  # noqa: S202 -- filtered by what is set above
        yield Path(folder, OPENAPI)


def _packed(revision: str, repository: Path) -> bytes:
    commit = _git(
        repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    if not commit:
        message = f"{revision!a} is no folder and no revision of git"
        raise RevisionError(message)

    packed = _git(repository, "archive", "--format=tar", commit.decode().strip(), "--", OPENAPI)
    if not packed:
        message = f"{revision!a} has no folder {OPENAPI}"
        raise RevisionError(message)
    return packed


def _git(repository: Path, *arguments: str) -> bytes:
    """What git prints; nothing when it fails, or is not there."""
    try:
        done = subprocess.run(  # noqa: S603 -- what comes from outside stands after --end-of-options, or is a commit's id
            ["git", "-C", str(repository), *arguments],  # noqa: S607 -- the git of whoever calls
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return b""
    return done.stdout if done.returncode == 0 else b""
