"""`aiotables emulator`: a server for trials, in a process of its own."""

import json
import signal
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest


if TYPE_CHECKING:
    from tests.cli.conftest import Shell


def test_serves_until_it_is_told_to_stop(alone: "Shell") -> None:
    """The first line tells the address; the options reach the services; a signal ends it with 0."""
    data, address = alone.folder / "data", alone.folder / "address"
    options = [
        "--port",
        "0",
        "--data",
        str(data),
        "--address-file",
        str(address),
        "--project",
        "shop=pat_shop",
    ]
    faults = ["--fault", "zangtable.create_table:after:drop:nth=1", "--seed", "7", "--extruct-token", "own"]
    emulator = alone.start("emulator", *options, *faults)
    assert emulator.stdout is not None

    first = emulator.stdout.readline()

    url = first.removeprefix("aiotables emulator on ").strip()
    assert f"{url}\n" == address.read_text()
    environ = {
        "ZANGTABLE_BASE_URL": url,
        "EXTRUCT_BASE_URL": url,
        "ZANGTABLE_API_TOKEN": "pat_shop",
        "EXTRUCT_API_TOKEN": "own",
    }
    manifest = alone.write(
        "m.yaml",
        "manifest: m\n"
        "targets:\n"
        "  crm: {service: zangtable, project: shop, timeout: 1, grace: 1.5}\n"
        "  research: {service: extruct}\n"
        "tables: [{target: crm, name: a}]\n",
    )
    result = alone.run("apply", str(manifest), **environ)
    assert (0, True) == (result.code, "adopted    1" in result.out)
    assert (data / "zangtable" / "shop.sqlite").is_file()

    emulator.send_signal(signal.SIGTERM)
    assert 0 == alone.finish(emulator).code
    assert not address.exists()


def test_own_project(alone: "Shell") -> None:
    """Without options there is the project acme, and the tokens that help names; Ctrl-C ends it with 0."""
    emulator = alone.start("emulator", "--port", "0")
    assert emulator.stdout is not None
    url = emulator.stdout.readline().removeprefix("aiotables emulator on ").strip()

    manifest = alone.manifest("- {target: crm, name: a}\n")
    result = alone.run("plan", manifest, ZANGTABLE_BASE_URL=url, EXTRUCT_BASE_URL=url)

    emulator.send_signal(signal.SIGINT)
    assert (0, 0) == (result.code, alone.finish(emulator).code)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--fault", "nonsense"], "fault 'nonsense' is not OPERATION:WHEN:WHAT"),
        (["--fault", "zangtable.make_tea:after:drop"], "no operation is named zangtable.make_tea"),
        (["--project", "shop"], "a project is given as SLUG=TOKEN"),
        (["--project", "=pat_secret"], "a project is given as SLUG=TOKEN"),
        (["--project", "shop="], "a project is given as SLUG=TOKEN"),
        (["--project", "no good=pat_secret"], "'no good' is not a valid project slug"),
        (["--address-file", "none/such/folder"], "none/such/folder"),
    ],
)
def test_wrong_options(
    alone: "Shell", options: list[str], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option that makes no sense exits with 2 and one message, which holds no token."""
    monkeypatch.chdir(alone.folder)

    result = alone.run("emulator", "--port", "0", *options)

    assert 2 == result.code
    assert complaint in result.err
    assert "pat_secret" not in result.out + result.err


def test_port_that_is_taken(shell: "Shell") -> None:
    """A port that is taken exits with 2 and the reason."""
    assert shell.emulator is not None
    port = shell.emulator.url.rpartition(":")[2]

    result = shell.run("emulator", "--port", port)

    assert 2 == result.code
    assert port in result.err


def test_choices(alone: "Shell") -> None:
    """A file of choices and single ones reach the services; the single ones count more."""
    file = alone.write("choices.json", '{"credits": 5, "plan_tier": "free"}')
    emulator = alone.start("emulator", "--port", "0", "--choices", str(file), "--choice", "credits=7")
    assert emulator.stdout is not None
    url = emulator.stdout.readline().removeprefix("aiotables emulator on ").strip()
    request = Request(f"{url}/v1/billing", headers={"Authorization": "Bearer extruct-emulator"})  # noqa: S310 - our own
    with urlopen(request) as answer:  # noqa: S310 - likewise
        billing = json.load(answer)

    assert (7, "free") == (billing["user"]["available_credits"], billing["subscription"]["plan_tier"])
    emulator.send_signal(signal.SIGTERM)
    assert 0 == alone.finish(emulator).code


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--choice", "credit=7"), "did you mean credits"),
        (("--choice", "credits"), "NAME=VALUE"),
        (("--choices", "choices.json"), "no names with values"),
    ],
)
def test_choices_that_make_no_sense(alone: "Shell", options: tuple[str, str], message: str) -> None:
    """What is wrong is told, with code 2."""
    file = alone.write("choices.json", "[1]")
    given = [str(file) if option == "choices.json" else option for option in options]
    result = alone.run("emulator", "--port", "0", *given)

    assert 2 == result.code
    assert message in result.err


def test_a_running_emulator_can_be_asked(shell: "Shell") -> None:
    """What it keeps is written to a file, and comes back from it; a reset begins afresh."""
    assert shell.emulator is not None
    at = ("--url", shell.emulator.url)
    file = shell.folder / "s.zip"
    assert 0 == shell.run("apply", shell.manifest("- {target: crm, name: a}\n")).code

    codes = [shell.run("emulator", "snapshot", str(file), *at).code, shell.run("emulator", "reset", *at).code]
    after_reset = tables(shell)
    codes.append(shell.run("emulator", "restore", str(file), *at).code)

    assert [0, 0, 0] == codes
    assert ([], ["a"]) == (after_reset, tables(shell))


def tables(shell: "Shell") -> list[str]:
    """The tables of the project, by the emulator's own word."""
    assert shell.emulator is not None
    url = f"{shell.emulator.url}/_emulator/inspector/tables"
    with urlopen(url) as answer:  # noqa: S310 - our own
        held = json.load(answer)
    return [table["name"] for project in held["projects"] for table in project["tables"]]


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (("restore", "none.zip"), "none.zip"),
        (("restore", "no.zip"), "the emulator refuses: "),
        (("snapshot", "none/such/folder/s.zip"), "none/such/folder/s.zip"),
        (("reset", "--url", "ftp://127.0.0.1"), "'ftp://127.0.0.1' is no address of an emulator"),
        (("reset", "--url", "http://127.0.0.1:9"), "no emulator answers at http://127.0.0.1:9"),
        (("reset", "--url", "{url}/projects"), "the emulator refuses: "),
    ],
)
def test_what_a_running_emulator_cannot_do(
    shell: "Shell", asked: tuple[str, ...], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message, and code 2."""
    assert shell.emulator is not None
    monkeypatch.chdir(shell.folder)
    shell.write("no.zip", "no")
    url = shell.emulator.url
    words = [word.replace("{url}", url) for word in asked]

    result = shell.run("emulator", *words, *(() if "--url" in words else ("--url", url)))

    assert 2 == result.code
    assert complaint in result.err
    assert "Traceback" not in result.err


class _Other(BaseHTTPRequestHandler):
    """A server of something else."""

    def do_GET(self) -> None:
        """Be out of order, in words."""
        self.send_error(503, "Gone fishing")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Keep quiet."""


def test_what_is_no_emulator(alone: "Shell") -> None:
    """What another server says is told, too."""
    with HTTPServer(("127.0.0.1", 0), _Other) as other:
        serving = threading.Thread(target=other.handle_request)
        serving.start()
        result = alone.run("emulator", "snapshot", "s.zip", "--url", f"http://127.0.0.1:{other.server_port}")
        serving.join()

    assert (2, True) == (result.code, "the emulator refuses: Gone fishing" in result.err)
