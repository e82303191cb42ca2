"""Opening: each target gets a client with its own settings, closed at the end."""

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from aiotables.core.errors import ClosedError, SettingsError
from aiotables.extruct import Extruct
from aiotables.provision.expand import load
from aiotables.provision.extruct import ExtructService
from aiotables.provision.margin import aimed_at
from aiotables.provision.new_project import NewProject
from aiotables.provision.opening import open_clients, open_services, services_of
from aiotables.provision.rows import RowReader
from aiotables.provision.traffic import RequestCount
from aiotables.provision.zangtable import ZangTableService
from aiotables.zangtable import ZangTable


if TYPE_CHECKING:
    from tests.conftest import Lab

TARGETS = """
manifest: lab
targets:
  crm: {{service: zangtable, project: acme, base_url: "{url}", in_flight: 3, rate: 50, timeout: 4, grace: 9}}
  crm2: {{service: zangtable, project: acme, base_url: "{url}", token_env: OTHER_TOKEN}}
  research: {{service: extruct, base_url: "{url}", timeout: 30, grace: 70}}
tables: [{{target: crm, name: a}}]
"""


async def test_each_target_has_its_service(
    lab: "Lab", write: Callable[[str, str], Path], environ: Mapping[str, str]
) -> None:
    """A manifest's targets become services of their kinds, with the tokens and settings of each."""
    tokens = {
        "ZANGTABLE_API_TOKEN": "pat_emulator",
        "OTHER_TOKEN": "wrong",
        "EXTRUCT_API_TOKEN": "extruct-emulator",
    }
    manifest = load(write("m.yaml", TARGETS.format(url=lab.emulator.url)), environ=tokens)
    count = RequestCount()

    async with open_services(manifest, environ=tokens, observer=count) as services:
        crm, crm2, research = services.values()
        await crm.refresh()
        await research.refresh()
        assert ["crm", "crm2", "research"] == [*services]
        assert isinstance(crm, ZangTableService)
        assert isinstance(research, ExtructService)
        assert 9 == crm.client._calls.settle_policy.grace
        assert 4 == crm.client._calls.transport._timeouts.answer
        assert 4 == crm.client._calls.transport._timeouts.connect
        assert 10 == research.client._calls.transport._timeouts.connect
        assert 70 == research._settling.grace
        assert crm.client is not crm2.client

    assert len(lab.emulator.calls) == count.total
    with pytest.raises(ClosedError):
        await crm.refresh()


def test_what_is_loaded(write: Callable[[str, str], Path]) -> None:
    """What sends is loaded before the first call, whose answer is measured; models of a service without use are not."""
    path = write(
        "m.yaml",
        "manifest: m\ntargets: {a: {service: zangtable, project: p}}\ntables: [{target: a, name: t}]",
    )
    code = f"""
import asyncio, sys
from pathlib import Path
from aiotables.provision.expand import load
from aiotables.provision.opening import open_services
manifest, environ = load(Path({str(path)!r})), {{"ZANGTABLE_API_TOKEN": "pat_x"}}
async def main():
    before = "aiohttp" in sys.modules
    async with open_services(manifest, environ=environ):
        print(before, *(name in sys.modules for name in ("aiohttp", "aiotables.extruct._generated.models")))
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "False True False\n" == done.stdout


async def test_service_that_cannot_be_opened(lab: "Lab", write: Callable[[str, str], Path]) -> None:
    """A setting that is wrong ends the opening, and what was opened before is closed."""
    tokens = {"ZANGTABLE_API_TOKEN": "pat_emulator", "OTHER_TOKEN": "x", "EXTRUCT_API_TOKEN": "y"}
    manifest = load(write("m.yaml", TARGETS.format(url=lab.emulator.url)), environ=tokens)

    with pytest.raises(SettingsError, match="holds a space"):
        async with open_services(manifest, environ={**tokens, "OTHER_TOKEN": "has a space"}):
            pytest.fail("opened")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "'crm' needs a ZangTable client of the project 'acme', and none is given"),
        ({"crm": "other"}, "'crm' needs a ZangTable client of the project 'acme', and it is given ZangTable"),
        (
            {"crm": "research"},
            "'crm' needs a ZangTable client of the project 'acme', and it is given Extruct",
        ),
        ({"crm": "acme", "crm2": "acme"}, "'research' needs an Extruct client, and none is given"),
        (
            {"crm": "acme", "crm2": "acme", "research": "acme"},
            "'research' needs an Extruct client, and it is",
        ),
    ],
)
def test_clients_that_do_not_fit(
    write: Callable[[str, str], Path], given: Mapping[str, str], told: str
) -> None:
    """A target without its client is told of, with what it needs and what it was given."""
    manifest = load(write("m.yaml", TARGETS.format(url="http://127.0.0.1:9")))
    clients = {
        "acme": ZangTable(token="x", project="acme"),
        "other": ZangTable(token="x", project="other"),
        "research": Extruct(token="x"),
    }

    with RowReader() as rows, pytest.raises(SettingsError, match=re.escape(told)):
        services_of(manifest, {name: clients[kind] for name, kind in given.items()}, rows)


async def test_clients_alone(
    lab: "Lab", write: Callable[[str, str], Path], environ: Mapping[str, str]
) -> None:
    """Clients can be had without what provisioning does with them; they are closed at the end."""
    manifest = load(
        write("m.yaml", TARGETS.format(url=lab.emulator.url)), environ={**environ, "OTHER_TOKEN": "x"}
    )

    async with open_clients(manifest, environ={**lab.tokens, "OTHER_TOKEN": "x"}) as clients:
        assert aimed_at(50) == clients["crm"].pacer.rate
        assert isinstance(clients["crm"], ZangTable)
        await clients["crm"].auth.me()

    with pytest.raises(ClosedError):
        await clients["crm"].auth.me()


SHARING = """
manifest: lab
targets:
  slow: {{service: zangtable, project: acme, base_url: "{url}", in_flight: 3, rate: 50}}
  other: {{service: zangtable, project: acme, base_url: "{url}", token_env: OTHER_TOKEN}}
  wide: {{service: zangtable, project: second, base_url: "{url}", in_flight: 9, rate: 70}}
  plain: {{service: zangtable, project: third, base_url: "{url}"}}
tables: [{{target: slow, name: a}}]
"""


async def test_targets_of_one_token_share_their_pace(lab: "Lab", write: Callable[[str, str], Path]) -> None:
    """The service counts by token, so its targets go together, at the pace of the slowest; others go at their own."""
    tokens = {"ZANGTABLE_API_TOKEN": "pat_emulator", "OTHER_TOKEN": "other"}
    manifest = load(write("m.yaml", SHARING.format(url=lab.emulator.url)), environ=tokens)

    async with open_clients(manifest, environ=tokens) as clients:
        slow, other, wide, plain = (clients[name].pacer for name in ("slow", "other", "wide", "plain"))

    assert slow is wide is plain
    assert (3, aimed_at(50)) == (slow.limit, slow.rate)
    assert (16, None) == (other.limit, other.rate)


async def test_project_that_is_to_be_made(
    lab: "Lab", write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    """Until its token is there a project is opened with the token that makes it, and from then on with its own."""
    created = "{name: A, username: u, password_env: P, account_user_id: 1, token_file: new.token}"
    text = (
        f"manifest: m\ntargets: {{crm: {{service: zangtable, project: new, base_url: '{lab.emulator.url}', "
        f"create_project: {created}}}}}\ntables: [{{target: crm, name: t}}]\n"
    )
    tokens = {"ZANGTABLE_API_TOKEN": "pat_emulator", "P": "x"}
    manifest = load(write("m.yaml", text), environ=tokens)

    async with open_services(manifest, environ=tokens) as services:
        assert not cast("NewProject", services["crm"]).is_there
    lab.emulator.add_project("new", "pat_new")
    (tmp_path / "new.token").write_text("pat_new", encoding="ascii")
    async with open_services(manifest, environ={}) as services:
        await services["crm"].refresh()
        assert cast("NewProject", services["crm"]).is_there
