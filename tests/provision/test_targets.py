"""Tests of `aiotables.provision.targets`."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from aiotables.provision.problems import Faults
from aiotables.provision.targets import (
    AnyTarget,
    ExtructTarget,
    ProjectToCreate,
    ZangTableTarget,
    read_target,
    token_of,
)
from aiotables.provision.tree import Node


Read = Callable[..., AnyTarget]


@pytest.fixture
def read(tree: Callable[[str], Node], faults: Faults, environ: Mapping[str, str]) -> Read:
    """The target of a YAML text, in an environment with the tokens and what else is given."""

    def read(text: str, **more: str) -> AnyTarget:
        return read_target("crm", tree(text), environ={**environ, **more}, faults=faults)

    return read


def test_defaults(read: Read, faults: Faults) -> None:
    """A target needs no more than its service, and ZangTable's a project."""
    assert ZangTableTarget(
        name="crm",
        project="music",
        token_env="ZANGTABLE_API_TOKEN",
        base_url=None,
        allow_http=False,
        in_flight=16,
        rate=None,
        timeout=60.0,
        grace=90.0,
    ) == read("{service: zangtable, project: music}")
    assert ExtructTarget(name="crm", token_env="EXTRUCT_API_TOKEN") == read("{service: extruct}")
    assert [] == list(faults)


def test_settings(read: Read, faults: Faults) -> None:
    """What the manifest says is taken as it is said, numbers as the types that they are used as."""
    target = read(
        "{service: extruct, token_env: MY_TOKEN, base_url: 'http://127.0.0.1:8787', "
        "in_flight: 4.0, rate: 50, timeout: 10, grace: 20}",
        MY_TOKEN="x",
    )

    assert [] == list(faults)
    assert "MY_TOKEN" == target.token_env
    assert "http://127.0.0.1:8787" == target.base_url
    assert (4, 50, 10.0, 20.0) == (target.in_flight, target.rate, target.timeout, target.grace)
    assert isinstance(target.in_flight, int)


def test_base_url_from_the_environment(read: Read) -> None:
    """Without a base URL in the manifest, the environment's is taken."""
    assert "http://localhost:1" == read("{service: extruct}", EXTRUCT_BASE_URL="http://localhost:1").base_url


def test_grace_follows_a_long_timeout(read: Read, faults: Faults) -> None:
    """By default the grace is one and a half times the timeout, which is what the client takes at least."""
    assert 135.0 == read("{service: extruct, timeout: 90}").grace
    assert [] == list(faults)


@pytest.mark.parametrize(
    ("text", "more", "path", "message"),
    [
        (
            "{service: extruct, timeout: 90, grace: 60}",
            {},
            "$.grace",
            "not below the timeout of 90 s; got 60",
        ),
        (
            "{service: extruct, token_env: NOT_SET}",
            {},
            "$.token_env",
            "variable NOT_SET with the token is not set",
        ),
        ("{service: extruct}", {"EXTRUCT_API_TOKEN": ""}, "$", "EXTRUCT_API_TOKEN with the token is not set"),
        ("{service: extruct}", {"EXTRUCT_API_TOKEN": "two words"}, "$", "EXTRUCT_API_TOKEN) holds a space"),
        ("{service: extruct, base_url: 'ftp://x'}", {}, "$.base_url", "expected https://"),
        ("{service: extruct, base_url: 'http://example.com'}", {}, "$.base_url", "unencrypted"),
        ("{service: extruct}", {"EXTRUCT_BASE_URL": "x"}, "$", "EXTRUCT_BASE_URL"),
    ],
)
def test_faults(read: Read, faults: Faults, text: str, more: dict[str, str], path: str, message: str) -> None:
    """What the client would refuse is told before anything is sent, and never shows a token."""
    read(text, **more)

    (fault,) = faults
    assert path == fault.path
    assert message in fault.message
    assert "two words" not in fault.message


def test_http_can_be_allowed(read: Read, faults: Faults) -> None:
    """Plain http to another machine is possible for those who say so."""
    read("{service: extruct, base_url: 'http://emulator:8787', allow_http: true}")

    assert [] == list(faults)


def test_no_token_in_a_target(read: Read) -> None:
    """A target can be logged: it knows the variable's name and not what it holds."""
    assert "made-up" not in repr(read("{service: extruct}"))


CREATED = (
    "{service: zangtable, project: music, create_project: "
    "{name: Music, username: server, password_env: PASSWORD, account_user_id: 7.0, token_file: music.token}}"
)


def test_project_to_create(read: Read, faults: Faults, tmp_path: Path) -> None:
    """How a project is made is read, with the file of its token beside the manifest, and without any secret."""
    target = read(CREATED, PASSWORD="s3cret")

    wanted = ProjectToCreate(
        name="Music",
        username="server",
        password_env="PASSWORD",
        account_user_id=7,
        token_file=tmp_path / "music.token",
    )
    assert isinstance(target, ZangTableTarget)
    assert wanted == target.create_project
    assert isinstance(wanted.account_user_id, int)
    assert [] == list(faults)
    assert "s3cret" not in repr(target)
    assert "pat_made_up" == token_of(target, {"ZANGTABLE_API_TOKEN": "pat_made_up"})


def test_project_that_was_created(read: Read, faults: Faults, tmp_path: Path) -> None:
    """Once its token is there, nothing else is needed."""
    (tmp_path / "music.token").write_text("pat_own", encoding="ascii")

    target = read(CREATED, ZANGTABLE_API_TOKEN="")

    assert [] == list(faults)
    assert "pat_own" == token_of(target, {})


@pytest.mark.parametrize(
    ("content", "more", "path", "message"),
    [
        (None, {}, "password_env", "PASSWORD with the password is not set"),
        ("", {"PASSWORD": "x"}, "token_file", "is there, and holds no token"),
        ("pat_ 1", {"PASSWORD": "x"}, "token_file", "holds a space"),
    ],
)
def test_project_that_cannot_be_created(
    read: Read,
    faults: Faults,
    tmp_path: Path,
    content: str | None,
    more: dict[str, str],
    path: str,
    message: str,
) -> None:
    """What making it would lack is told before anything is sent."""
    if content is not None:
        (tmp_path / "music.token").write_text(content, encoding="ascii")

    read(CREATED, **more)

    (fault,) = faults
    assert f"$.create_project.{path}" == fault.path
    assert message in fault.message


def test_project_that_a_program_creates(tree: Callable[[str], Node], faults: Faults) -> None:
    """Where clients are at hand, no variable is looked for."""
    read_target("crm", tree(CREATED), environ=None, faults=faults)

    assert [] == list(faults)
