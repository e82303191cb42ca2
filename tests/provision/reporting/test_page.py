"""Reports as HTML pages."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from aiotables.provision.journal import OutcomeKind
from aiotables.provision.reporting.page import html


Reported = Callable[..., Any]

VOID = {"meta", "br"}


class Page(HTMLParser):
    """Reads a page, and sees that each element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert [] == self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without anything in it."""
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        """Text."""
        self.text += data


async def test_page(reported: Reported) -> None:
    """Facts, charts and tables are there, and nothing that is loaded or run."""
    steps = [(f"t{n}", n / 10, n / 10 + 0.3, OutcomeKind.CREATED) for n in range(50)]
    text = html(await reported([*steps, ("bad", 1, 3, OutcomeKind.FAILED)], ended_at=6, reason="because"))
    page = Page(text)

    assert 4 == page.tags.count("svg")
    assert {"script", "img", "link", "iframe", "object"}.isdisjoint(page.tags)
    assert {"src", "href", "onclick"}.isdisjoint(page.attributes)
    assert "default-src 'none'" in text
    assert all(f"--{kind}:" in text and f".{kind} {{" in text for kind in OutcomeKind)
    assert all(word in page.text for word in ("Half within", "Slowest steps", "because", "m.yaml"))
    assert "prefers-color-scheme: dark" in text


async def test_several_targets(reported: Reported) -> None:
    """With several targets the sums over all stand below."""
    made = await reported([("a", 0, 1, OutcomeKind.CREATED)], ended_at=2)
    made.targets["research"] = {"created": 4}

    assert "all" in Page(html(made)).text


async def test_empty_page(reported: Reported) -> None:
    """A run that sent nothing has no charts; one that only noted outcomes has none of times."""
    page = Page(html(await reported([], ended_at=0)))

    assert "Nothing was sent." in page.text
    assert "svg" not in page.tags


async def test_without_times(reported: Reported) -> None:
    """Outcomes of what other runs sent have no times to draw."""
    made = await reported([("a", 0, 1, OutcomeKind.CREATED)], ended_at=2)

    class Timeless:
        latency = None

        def __getattr__(self, name: str) -> object:
            return getattr(made, name)

    assert 2 == Page(html(Timeless())).tags.count("svg")  # type: ignore[arg-type] # all that a page asks for


async def test_hostile_names(reported: Reported) -> None:
    """Names and reasons are text, whatever is in them."""
    evil = "</title></style></td><script>alert('1')</script><img src=x onerror=\"y\">"

    page = Page(
        html(await reported([(evil, 0, 1, OutcomeKind.FAILED)], ended_at=2, target=f"crm{evil}", reason=evil))
    )

    assert {"script", "img"}.isdisjoint(page.tags)
    assert "onerror" not in page.attributes
    assert page.text.count(evil) >= 4
