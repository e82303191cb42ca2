"""Who may use the emulator's own endpoints."""

import pytest

from aiotables.emulator.guard import is_stranger, objection


HOST = {"Host": "127.0.0.1:8787"}


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8787", "127.0.0.1", "localhost:8787", "[::1]:8787", "[::1]", "192.168.0.7:8787"]
)
def test_this_machine_by_any_of_its_names(host: str) -> None:
    """An address can belong to nobody's site, and so can localhost."""
    assert objection("POST", {"Host": host}) is None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8787", "127.0.0.1.evil.example", "localhost.evil.example", "", "[", "a b"],
)
def test_a_name_that_leads_here(host: str) -> None:
    """A site whose name was made to lead to this machine is not served, whatever else it says (DNS rebinding)."""
    headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}

    assert "not to the name" in (objection("GET", headers) or "")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://127.0.0.1:8787"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_programs_and_the_page_itself(method: str, headers: dict[str, str]) -> None:
    """Who is no browser says nothing of sites; the page says that it is of this one."""
    assert objection(method, HOST | headers) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:3000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "document"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_other_sites(method: str, headers: dict[str, str]) -> None:
    """Another site, another port of this machine included, may neither change nor read anything."""
    assert "another site asked for this" == objection(method, HOST | headers)


@pytest.mark.parametrize(("method", "let_in"), [("GET", True), ("POST", False)])
def test_a_link_from_elsewhere(method: str, let_in: bool) -> None:  # noqa: FBT001 - what is expected
    """A person may follow a link to the page; a form may not be sent here."""
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}

    assert let_in is (objection(method, HOST | headers) is None)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_who_is_of_this_machine(peer: str) -> None:
    """Loopback addresses, of either version of IP."""
    assert not is_stranger(peer)


@pytest.mark.parametrize(
    "peer",
    [
        "192.0.2.1",
        "0.0.0.0",  # noqa: S104 - nothing listens
        "::",
        "2001:db8::1",
        "::ffff:192.0.2.1",
        "",
        None,
        "x",
    ],
)
def test_who_is_a_stranger(peer: str | None) -> None:
    """Everybody else, and who cannot be told."""
    assert is_stranger(peer)
