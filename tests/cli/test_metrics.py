"""`--metrics`: what Prometheus reads."""

import socket
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

TABLES = "- {target: crm, name: a}\n- {target: crm, name: b}\n"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def scraped(port: int) -> str:
    """What Prometheus would read."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
        text: str = reply.read().decode()
    return text


def values(text: str, name: str, **labels: str) -> list[float]:
    """The values of the lines of a metric that have these labels."""
    lines = [line for line in text.splitlines() if line.startswith((f"{name} ", f"{name}{{"))]
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    return [float(line.rsplit(" ", 1)[1]) for line in lines if all(each in line for each in wanted)]


def test_worker_serves_metrics(shell: "Shell", url: str) -> None:
    """Prometheus reads what a worker made, by which calls, and how long they waited; never a token."""
    shell.run("apply", shell.manifest(TABLES), "--journal", url)
    port = free_port()
    worker = shell.start("worker", "--journal", url, "--json", "--name", "w1", "--metrics", str(port))
    assert worker.stdout is not None
    while '"run_ended"' not in worker.stdout.readline():
        assert worker.poll() is None

    text = scraped(port)

    worker.terminate()
    assert 0 == shell.finish(worker).code
    assert [2.0] == values(text, "aiotables_tables_total", aiotables_outcome="created")
    created = {"aiotables_operation": "zangtable.create_table"}
    assert [2.0] == values(text, "aiotables_calls_total", **created, aiotables_outcome="done")
    assert [2.0] == values(
        text, "http_client_request_duration_seconds_count", **created, http_request_method="POST"
    )
    assert [0.0] == values(text, "http_client_active_requests")
    (waits,) = values(text, "aiotables_slot_wait_seconds_count")
    assert [waits] == values(text, "aiotables_limiter_wait_seconds_count")
    assert [1.0] == values(text, "aiotables_shards_taken_total", aiotables_attempt="first")
    assert [1.0] == values(text, "aiotables_shards_left_total", aiotables_ending="done")
    assert [0.0] == values(text, "aiotables_shards_active")
    assert [1.0] == values(text, "target_info", service_name="aiotables", service_instance_id="w1")
    assert "pat_emulator" not in text


def test_nobody_can_listen(shell: "Shell") -> None:
    """An address that is taken is bad usage."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = shell.finish(shell.start("worker", "--journal", "postgresql://db", "--metrics", port))

    assert (2, f"--metrics 127.0.0.1:{port}: Address already in use\n") == (result.code, result.err)


NO_EXPORTER = "sys.modules['opentelemetry.exporter.prometheus'] = None"
ANOTHER = """
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
metrics.set_meter_provider(MeterProvider())
"""


@pytest.mark.parametrize(
    ("before", "message"),
    [
        (NO_EXPORTER, "--metrics needs an exporter: pip install opentelemetry-exporter-prometheus\n"),
        (ANOTHER, "--metrics: something else collects the metrics of this process already\n"),
    ],
)
def test_no_metrics(before: str, message: str) -> None:
    """Where there is no exporter, or metrics go elsewhere already, who asks for them is told so."""
    argv = ["aiotables", "worker", "--journal", "postgresql://db", "--metrics", "0"]
    code = f"import sys\n{before}\nsys.argv = {argv}\nfrom aiotables.cli import main\nmain()"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert 2 == done.returncode
    assert message == done.stderr.splitlines(keepends=True)[-1]
