"""Which target a method and a path are of."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.emulator.routes import Found, NotFound, Routes


@pytest.fixture(scope="module")
def routes() -> Routes[str]:
    """Some paths, in the ways in which they can be alike."""
    routes: Routes[str] = Routes()
    for method, template in (
        ("GET", "/a"),
        ("POST", "/a"),
        ("GET", "/a/{one}"),
        ("DELETE", "/a/{one}"),
        ("GET", "/a/fixed"),
        ("GET", "/a/{other}/b/{two}"),
        ("GET", "/a/fixed/c"),
    ):
        routes.add(method, template, f"{method} {template}")
    return routes


@pytest.mark.parametrize(
    ("method", "path", "target", "values"),
    [
        ("GET", "/a", "GET /a", {}),
        ("POST", "/a", "POST /a", {}),
        ("GET", "/a/x", "GET /a/{one}", {"one": "x"}),
        ("GET", "/a/fixed", "GET /a/fixed", {}),
        ("DELETE", "/a/fixed", "DELETE /a/{one}", {"one": "fixed"}),
        ("GET", "/a/x/b/y", "GET /a/{other}/b/{two}", {"other": "x", "two": "y"}),
        ("GET", "/a/fixed/b/y", "GET /a/{other}/b/{two}", {"other": "fixed", "two": "y"}),
        ("GET", "/a/x%2Fy%20z", "GET /a/{one}", {"one": "x/y z"}),
    ],
)
def test_a_path_that_there_is(
    routes: Routes[str], method: str, path: str, target: str, values: dict[str, str]
) -> None:
    """A fixed segment goes first, but only where it leads to the method; parameters are decoded."""
    assert Found(target, values) == routes.find(method, path)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/a", ("GET", "POST")),
        ("PUT", "/a/fixed", ("DELETE", "GET")),
        ("GET", "/", ()),
        ("GET", "", ()),
        ("GET", "*", ()),
        ("GET", "/a/", ()),
        ("GET", "/a//b/y", ()),
        ("GET", "/a/x/b", ()),
        ("GET", "/b", ()),
    ],
)
def test_a_path_that_there_is_not(
    routes: Routes[str], method: str, path: str, allowed: tuple[str, ...]
) -> None:
    """The methods that the path takes are told; a parameter is never empty."""
    assert NotFound(allowed) == routes.find(method, path)


@given(st.text(min_size=1))
def test_any_text_can_be_a_parameter(routes: Routes[str], text: str) -> None:
    """What was percent-encoded comes back, slashes and braces included."""
    assert Found("GET /a/{other}/b/{two}", {"other": text, "two": "{y}"}) == routes.find(
        "GET", f"/a/{quote(text, safe='')}/b/{{y}}"
    )
