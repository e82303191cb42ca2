"""What sessions connect through."""

import ssl
from pathlib import Path

import pytest
from yarl import URL

from aiotables.core.errors import SettingsError
from aiotables.core.network import Network, find_network, find_proxy


API = URL("https://api.example")
PROXY = "http://ann:secret@proxy.example:3128"


def test_nothing_said() -> None:
    """Without a word there is no proxy, no limit, and the system's certificates, whatever the environment says."""
    assert Network() == find_network(API, environ={"https_proxy": PROXY})


def test_proxy() -> None:
    """A proxy that is given goes before that of the environment, and shows in no text."""
    network = find_network(
        API, proxy=PROXY, proxy_from_environ=True, environ={"https_proxy": "http://x.example"}
    )

    assert URL(PROXY) == network.proxy
    assert "secret" not in repr(network)


def test_proxy_of_the_environment() -> None:
    """The environment is asked when it is wanted, and may name none."""
    assert URL(PROXY) == find_network(API, proxy_from_environ=True, environ={"HTTPS_PROXY": PROXY}).proxy
    assert find_network(API, proxy_from_environ=True, environ={}).proxy is None


@pytest.mark.parametrize(
    ("url", "environ", "expected"),
    [
        ("https://a.example", {"https_proxy": "1", "HTTPS_PROXY": "2", "all_proxy": "3"}, "1"),
        ("https://a.example", {"HTTPS_PROXY": "2", "all_proxy": "3"}, "2"),
        ("https://a.example", {"https_proxy": "", "ALL_PROXY": "3"}, "3"),
        ("https://a.example", {"http_proxy": "1"}, None),
        ("http://a.example", {"http_proxy": "1", "https_proxy": "2"}, "1"),
        ("http://a.example", {"HTTP_PROXY": "1"}, "1"),
        ("http://a.example", {"HTTP_PROXY": "1", "REQUEST_METHOD": "GET"}, None),
        ("http://a.example", {"http_proxy": "1", "REQUEST_METHOD": "GET"}, "1"),
        ("https://a.example", {"https_proxy": "1", "no_proxy": "*"}, None),
        ("https://a.example", {"https_proxy": "1", "no_proxy": "b.example, A.example"}, None),
        ("https://a.example", {"https_proxy": "1", "NO_PROXY": "example"}, None),
        ("https://a.example", {"https_proxy": "1", "no_proxy": ".example"}, None),
        ("https://a.example", {"https_proxy": "1", "no_proxy": "*.example"}, None),
        ("https://a.example", {"https_proxy": "1", "no_proxy": "a.example:443"}, None),
        ("https://a.example", {"https_proxy": "1", "no_proxy": "a.example:8443"}, "1"),
        ("https://notexample", {"https_proxy": "1", "no_proxy": "example"}, "1"),
        ("https://a.example", {"https_proxy": "1", "no_proxy": ",,"}, "1"),
    ],
)
def test_names_of_the_environment(url: str, environ: dict[str, str], expected: str | None) -> None:
    """The names mean what they mean to other programs."""
    assert expected == find_proxy(URL(url), environ)


@pytest.mark.parametrize(
    "proxy", ["socks5://u:secret@proxy.example", "proxy.example:1", "http://", "http://[secret", ""]
)
def test_wrong_proxies(proxy: str) -> None:
    """What is no proxy that can be used is refused, and not shown."""
    with pytest.raises(SettingsError, match="must be http://") as caught:
        find_network(API, proxy=proxy, environ={})

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_certificates(tmp_path: Path) -> None:
    """A context is taken as it is; a file is read at once, and has to hold certificates."""
    context = ssl.create_default_context()
    empty = tmp_path / "empty.pem"
    empty.touch()

    assert context is find_network(API, ssl_context=context, environ={}).ssl_context
    with pytest.raises(SettingsError, match=r"gone\.pem.*No such file"):
        find_network(API, ca_file=tmp_path / "gone.pem", environ={})
    with pytest.raises(SettingsError, match=r"empty\.pem.*cannot be read"):
        find_network(API, ca_file=str(empty), environ={})
    with pytest.raises(SettingsError, match="not both"):
        find_network(API, ca_file="x", ssl_context=context, environ={})


def test_connections() -> None:
    """A limit lets at least one connection be."""
    assert 1 == find_network(API, connections=1, environ={}).connections
    with pytest.raises(SettingsError, match="must be positive"):
        find_network(API, connections=0, environ={})
