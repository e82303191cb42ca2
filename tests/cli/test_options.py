"""How the texts of options are read."""

from typing import Any

import pytest
import typer
from attrs import evolve

from aiotables.cli.options import (
    WIDTH,
    Address,
    ApplyOptions,
    Limits,
    WhenFailed,
    address,
    failures_of,
    seconds,
    selection_of,
    tolerance,
)
from aiotables.provision.course import Rules, Tolerance
from aiotables.provision.selection import Selection


@pytest.mark.parametrize(
    ("text", "number"), [("90", 90.0), ("0.5", 0.5), ("90s", 90.0), (" 15m ", 900.0), ("1.5h", 5400.0)]
)
def test_times(text: str, number: float) -> None:
    """A time is seconds, minutes or hours."""
    assert number == seconds(text)


@pytest.mark.parametrize("text", ["", "x", "-1", "1d", "1 m", "inf"])
def test_no_time(text: str) -> None:
    """Anything else is bad usage."""
    with pytest.raises(typer.BadParameter, match="such as 15m or 2h"):
        seconds(text)


@pytest.mark.parametrize(
    ("text", "host", "port", "shown"),
    [
        ("9464", "127.0.0.1", 9464, "127.0.0.1:9464"),
        (":9464", "127.0.0.1", 9464, "127.0.0.1:9464"),
        ("0.0.0.0:0", "0.0.0.0", 0, "0.0.0.0:0"),  # noqa: S104 -- nobody listens there
        ("[::1]:80", "::1", 80, "[::1]:80"),
    ],
)
def test_addresses(text: str, host: str, port: int, shown: str) -> None:
    """An address is a port, with a host before it; this machine alone, where none is named."""
    assert Address(host, port) == address(text)
    assert shown == str(address(text))


@pytest.mark.parametrize("text", ["", "localhost", "localhost:", "65536", "1.5", "-1", "٣"])
def test_no_address(text: str) -> None:
    """Anything else is bad usage."""
    with pytest.raises(typer.BadParameter, match="expected a port such as 9464"):
        address(text)


def test_tolerance() -> None:
    """A tolerance is a number or a share; anything else is bad usage."""
    assert Tolerance(3) == tolerance("3")
    with pytest.raises(typer.BadParameter, match="a share such as 2%"):
        tolerance("many")


def test_selection() -> None:
    """Without globs everything is meant."""
    assert Selection() == selection_of(None, None)
    assert Selection(only=["a"], without=["b"]) == selection_of(["a"], ["b"])


def test_limits() -> None:
    """The limits of a run are those of its plan."""
    rules = Rules(max_requests=5, max_seconds=60)
    options = ApplyOptions(selection=Selection(), rules=rules, as_json=False, width=1, yes=False)

    assert Limits(requests=5, seconds=60) == options.limits


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"width": 1}, "--width is for each worker to say"),
        ({"rules": Rules(wave=1)}, "workers make no canary and no waves"),
        ({"rules": Rules(canary=1)}, "workers make no canary and no waves"),
    ],
)
def test_what_workers_cannot_do(changed: dict[str, Any], message: str) -> None:
    """Workers take no width, canary or waves; selections and bounds they do, and answers are no concern of theirs."""
    plain = ApplyOptions(
        selection=Selection(only=["x"]),
        rules=Rules(max_requests=1),
        as_json=True,
        width=WIDTH,
        yes=True,
    )

    plain.check_shared(None)
    with pytest.raises(typer.BadParameter, match=message):
        evolve(plain, **changed).check_shared(None)


def test_failures() -> None:
    """To stop at an error is to let none fail; both together are bad usage."""
    assert Tolerance(2) == failures_of(Tolerance(2), WhenFailed.CONTINUE)
    assert failures_of(None, WhenFailed.CONTINUE) is None
    assert Tolerance(0) == failures_of(None, WhenFailed.STOP)
    with pytest.raises(typer.BadParameter, match="give one of them"):
        failures_of(Tolerance(2), WhenFailed.STOP)
