"""Where settings come from, and which are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.errors import SettingsError
from aiotables.core.settings import find_base_url, find_token


URL = "https://api.example"


def token(argument: str | None, **environ: str) -> str:
    """The token that is found."""
    return find_token(argument, variable="TOY_TOKEN", environ=environ)


def base_url(argument: str | None, *, allow_http: bool = False, **environ: str) -> str:
    """The base URL that is found."""
    found = find_base_url(argument, variable="TOY_URL", default=URL, environ=environ, allow_http=allow_http)
    return str(found)


def test_token_from_the_argument() -> None:
    """An argument comes first."""
    assert "mine" == token("mine", TOY_TOKEN="other")


def test_token_from_the_environment() -> None:
    """Without an argument the environment is read."""
    assert "other" == token(None, TOY_TOKEN="other")


@pytest.mark.parametrize(
    ("argument", "environ"), [(None, {}), ("", {"TOY_TOKEN": "other"}), (None, {"TOY_TOKEN": ""})]
)
def test_no_token(argument: str | None, environ: dict[str, str]) -> None:
    """No token, and an empty one, is told with both ways to give it."""
    with pytest.raises(SettingsError, match=r"^no API token: pass token=… or set TOY_TOKEN$"):
        token(argument, **environ)


@pytest.mark.parametrize("wrong", ["pat_a\n", "pat a", "pat_ä", "pat_\x00", "\tpat"])
def test_wrong_tokens(wrong: str) -> None:
    """What cannot stand in a header is refused, and is not in the message."""
    with pytest.raises(SettingsError) as caught:
        token(wrong)

    assert wrong.strip() not in str(caught.value)


@given(st.text())
def test_any_token(text: str) -> None:
    """A token is taken unchanged or refused, and one that is taken fits into a header."""
    try:
        found = token(text)
    except SettingsError:
        return

    assert text == found
    assert all("!" <= character <= "~" for character in found)


def test_base_url_order() -> None:
    """The argument comes first, then the environment, then the service's own."""
    assert "https://a.example" == base_url("https://a.example", TOY_URL="https://b.example")
    assert "https://b.example" == base_url(None, TOY_URL="https://b.example")
    assert "https://api.example" == base_url(None)
    assert "https://api.example" == base_url("", TOY_URL="")


@pytest.mark.parametrize("right", ["https://h:8443/base/v1", "https://[::1]:1/", "https://ü.example/"])
def test_right_urls(right: str) -> None:
    """Ports, paths, addresses and names of any script are fine."""
    assert base_url(right).startswith("https://")


@pytest.mark.parametrize(
    "wrong",
    ["api.example", "ftp://api.example", "https://", "//api.example", "https://h:port", "https://h:99999"],
)
def test_wrong_urls(wrong: str) -> None:
    """What is no URL of a web server is refused with an example."""
    with pytest.raises(SettingsError, match=r"expected https://host\[:port\]\[/path\]") as caught:
        base_url(wrong)

    assert repr(wrong) in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        "https://user:s3cret@h",
        "https://s3cret@h",
        "https://h/?token=s3cret",
        "https://h/#s3cret",
        "ftp://user:s3cret@h",
        "user:s3cret@h",
    ],
)
def test_secrets_in_urls(wrong: str) -> None:
    """A URL with a secret in it is refused, and the secret is not in the message."""
    with pytest.raises(SettingsError) as caught:
        base_url(wrong)

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "[::1]"])
def test_plain_http_to_this_machine(host: str) -> None:
    """This machine may be spoken to unencrypted."""
    assert base_url(f"http://{host}:8080").startswith("http://")


@pytest.mark.parametrize(
    "host",
    ["api.example", "10.0.0.1", "localhost.example", "127.0.0.1.example", "[::2]", "0.0.0.0"],  # noqa: S104 -- not bound to
)
def test_plain_http_to_others(host: str) -> None:
    """Any other machine only if it is allowed by name."""
    with pytest.raises(SettingsError, match="would send the token unencrypted"):
        base_url(f"http://{host}")

    assert base_url(f"http://{host}", allow_http=True).startswith("http://")


@given(st.text() | st.from_regex(r"https?://.{0,30}"))
def test_any_url(text: str) -> None:
    """Any text is taken or refused as a setting, and what is taken is a plain http(s) URL."""
    try:
        found = find_base_url(text, variable="TOY_URL", default=URL, environ={})
    except SettingsError:
        return

    assert found.scheme in {"http", "https"}
    assert found.host
    assert (None, None, "", "") == (found.user, found.password, found.query_string, found.fragment)
