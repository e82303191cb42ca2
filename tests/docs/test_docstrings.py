"""Docstrings become what Sphinx reads: fences, tables and code, and where each operation and model is from."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from aiotables.zangtable import operations


DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def docstrings() -> ModuleType:
    """The extension, which is no part of any package."""
    pytest.importorskip("sphinx", reason="only the environment of `make check` has Sphinx")
    spec = importlib.util.spec_from_file_location("docstrings", DOCS / "docstrings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def to_rest(docstrings: ModuleType) -> Callable[[str], str]:
    """Rewrites a text."""
    found: Callable[[str], str] = docstrings.to_rest
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain *text*", "plain *text*"),
        ("the `id` of it", "the ``id`` of it"),
        ("several `Operation`s", r"several ``Operation``\ s"),
        ("`id\nINTEGER` twice ``over``", "``id\nINTEGER`` twice ``over``"),
    ],
)
def test_code(to_rest: Callable[[str], str], text: str, expected: str) -> None:
    """Code is marked as such, over the end of a line, too, and whatever letter follows."""
    assert expected == to_rest(text)


def test_fences(to_rest: Callable[[str], str]) -> None:
    """A fenced block is a code block, and nothing inside of it is changed."""
    text = "Before:\n\n    ```python\n    print(`x`)\n    ```\n"

    assert "Before:\n\n    .. code-block:: python\n\n       print(`x`)\n\n" == to_rest(text)


def test_fences_without_language(to_rest: Callable[[str], str]) -> None:
    """A block without a language is text."""
    assert ".. code-block:: text\n\n   a\n" == to_rest("```\na\n```")


def test_tables(to_rest: Callable[[str], str]) -> None:
    """A table is a table, with code in its cells."""
    text = "| a | `b` |\n| --- | --- |\n| c | d |\n\nafter"

    assert [
        ".. list-table::",
        "   :header-rows: 1",
        "",
        "   * - a",
        "     - ``b``",
        "   * - c",
        "     - d",
        "",
        "after",
    ] == to_rest(text).splitlines()


def test_sources(docstrings: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """To operations and models is added where they are from, and how sure that is."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(DOCS.parent)])

    assert [
        "``PATCH /projects/{project}/records/{table}``, effect ``replace``.",
        "",
        "Source: docs page filters (example).",
    ] == [*docstrings.sources("UPDATE_RECORDS", operations.UPDATE_RECORDS)]
    assert ["Source: docs page concepts (documented)."] == [
        *docstrings.sources("aiotables.zangtable.models.Scalar", None)
    ]
    assert [] == [*docstrings.sources("aiotables.ZangTable", None)]


def test_other_sources(docstrings: ModuleType) -> None:
    """What is no docs page is an address."""
    assert ("docs page filters", "https://x.example") == (
        docstrings.page("filters"),
        docstrings.page("https://x.example"),
    )


def test_attributes_keep_their_sentence(docstrings: ModuleType) -> None:
    """Napoleon would take what stands in front of an attribute's first colon for its type."""
    lines = ["The id: a number."]

    docstrings.process(None, "attribute", "x", None, None, lines)

    assert ["..", "", "The id: a number.", "", ""] == lines


def test_signatures(docstrings: ModuleType) -> None:
    """A default that is made anew each time is not called by the name that attrs has for it."""
    shortened = docstrings.shorten(None, "class", "x", None, None, "(*, path: dict = NOTHING)", None)

    assert ("(*, path: dict = ...)", None) == shortened
    assert (None, "int") == docstrings.shorten(None, "class", "x", None, None, None, "int")
