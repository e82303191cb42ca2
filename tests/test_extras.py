"""What needs an extra says so, and nothing else needs one."""

import subprocess
import sys

import pytest


HIDDEN = "import sys; sys.modules.update(dict.fromkeys(['psycopg', 'procrastinate', 'psycopg_pool']));"

SHARED = (
    "aiotables.provision.postgres",
    "aiotables.provision.engines",
    "aiotables.cli.shared_doctor",
    "aiotables.cli.shared_status",
    "aiotables.cli.sharing",
    "aiotables.cli.move",
    "aiotables.cli.worker",
)


def test_only_what_is_shared_needs_the_extra_scale() -> None:
    """Every other module can be imported without it."""
    code = f"""{HIDDEN}
import importlib, pkgutil, aiotables
for module in pkgutil.walk_packages(aiotables.__path__, "aiotables."):
    if not module.name.startswith({SHARED!r}) and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.parametrize("command", ["worker", "cancel", "status", "doctor"])
def test_shared_journal_without_the_extra(command: str) -> None:
    """Whoever names a database without the extra is told what to install, as of bad usage."""
    argv = ["aiotables", command, "--journal", "postgresql://db"]
    code = f"{HIDDEN} sys.argv = {argv}; from aiotables.cli import main; main()"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert 2 == done.returncode
    assert "a shared journal needs: pip install 'aiotables[scale]'" in done.stderr
    assert "Traceback" not in done.stderr
