"""Values and bodies as text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.emulator.inspector.redaction import Redaction
from aiotables.emulator.inspector.texts import LONGEST_BODY, LONGEST_VALUE, body, cell, cut


NOTHING = Redaction.of([])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (1, {"kind": "number", "text": "1"}),
        (2**63 - 1, {"kind": "number", "text": "9223372036854775807"}),
        (0.5, {"kind": "number", "text": "0.5"}),
        (float("inf"), {"kind": "number", "text": "inf"}),
        (True, {"kind": "json", "text": "true"}),
        ("<b>", {"kind": "text", "text": "<b>"}),
        (b"12345", {"kind": "blob", "text": "5 bytes"}),
        ([1, {"a": "b"}], {"kind": "json", "text": '[1,{"a":"b"}]'}),
        ({"status": "pending", "value": None}, {"kind": "text", "text": "", "status": "pending"}),
        (
            {"status": "done", "value": {"answer": "yes", "sources": []}},
            {"kind": "text", "text": "yes", "status": "done"},
        ),
        ({"status": "done", "value": {"answer": 3}}, {"kind": "text", "text": "3", "status": "done"}),
        ({"status": "done", "value": {"a": 1}}, {"kind": "text", "text": '{"a":1}', "status": "done"}),
        ({"status": 1}, {"kind": "json", "text": '{"status":1}'}),
    ],
)
def test_a_value(value: object, expected: dict[str, Any] | None) -> None:
    """Numbers keep all their digits; a cell that is worked on tells how far it is."""
    assert expected == cell(value)


def test_a_long_value() -> None:
    """It is cut, and its size is told."""
    shown = cell("x" * (LONGEST_VALUE + 1))

    assert {"kind": "text", "text": "x" * LONGEST_VALUE, "size": LONGEST_VALUE + 1} == shown


@given(st.text())
def test_a_line(text: str) -> None:
    """No longer than it may be, and always text, whatever bytes it was made of."""
    shown = cut(f"{text}\udcff", 10)

    assert len(shown) <= 11
    assert shown.encode()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'{"b":1,"a":[]}', '{\n  "b": 1,\n  "a": []\n}'),
        (b"plain <i>text</i>", "plain <i>text</i>"),
        (b"K\xc3\xa4se and \xff once", "Käse and \N{REPLACEMENT CHARACTER} once"),
        (bytes(range(128, 256)), "(128 bytes that are no text)"),
        (b"PK\x00\x01", "(4 bytes that are no text)"),
        (b"[" * 2000 + b"]" * 2000, "[" * 2000 + "]" * 2000),
    ],
)
def test_a_body(content: bytes, text: str) -> None:
    """JSON is set out, other text shown as it is, and of anything else, how much it is."""
    assert {"text": text, "size": len(content), "cut": False} == body(content, len(content), NOTHING)


def test_a_body_without_its_end() -> None:
    """Half of a JSON is shown as it is, and marked."""
    assert {"text": '{"a": ', "size": 100, "cut": True} == body(b'{"a": ', 100, NOTHING)


def test_a_large_body() -> None:
    """No more of it than a page can bear."""
    shown = body(b"x" * (LONGEST_BODY + 1), LONGEST_BODY + 1, NOTHING)

    assert (LONGEST_BODY, LONGEST_BODY + 1, True) == (len(shown["text"]), shown["size"], shown["cut"])


def test_tokens_are_not_in_a_body() -> None:
    """Set out or not."""
    assert "pat_" not in body(b'{"x":"pat_abcdefgh"}', 20, NOTHING)["text"]
