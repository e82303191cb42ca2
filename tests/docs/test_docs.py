"""The pages of `docs/` are true."""

from collections.abc import Callable
from pathlib import Path

import pytest


PAGES = sorted(page.name for page in (Path(__file__).parents[2] / "docs").glob("*.md"))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_examples_run(root: Path, page: str, try_as_reader: Callable[[Path], None]) -> None:
    """Everything that a page shows works, typed from its top to its end, with the emulator running."""
    try_as_reader(root / "docs" / page)
