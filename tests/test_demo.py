"""The demo proves what it says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


DEMO = Path(__file__).parents[1] / "docs" / "demo" / "run.py"


@pytest.mark.slow
def test_demo(tmp_path: Path) -> None:
    """The demo makes each table once although replies get lost, makes nothing the second time, and exits with 0."""
    done = subprocess.run(
        [sys.executable, str(DEMO), str(tmp_path)],
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "NOT" not in done.stdout
    assert "ok  none is there twice" in done.stdout
    assert "ok  2,200 ZangTable tables wanted, 2,200 there" in done.stdout
    assert "ok  each Extruct table has its rows once" in done.stdout
    assert "ok  the second run changed nothing" in done.stdout
    assert "unchanged  2,250" in done.stdout
    assert "proved in" in done.stdout
