"""Values and bodies as the page shows them: as text, and no more of it than a page can bear. Pure."""

from typing import Any

import orjson

from aiotables.emulator.bodies import Json
from aiotables.emulator.inspector.redaction import Redaction


LONGEST_VALUE = 300
"""Characters of a value in a table."""
LONGEST_LINE = 500
"""Characters of a path, a header, a name."""
LONGEST_BODY = 20_000
"""Characters of a body."""


def cut(text: str, longest: int = LONGEST_LINE) -> str:
    """*text*, ending in an ellipsis when it is longer; bytes of a header that were no text are replaced."""
    shown = text if len(text) <= longest else f"{text[:longest]}…"
    return shown.encode(errors="replace").decode()


def cell(value: object) -> dict[str, Any] | None:
    """
    A value of a row: its kind, its text and, if that is cut, its size.

    Numbers are texts, too, since a browser would round large ones.
    """
    match value:
        case None:
            return None
        case bytes():
            return {"kind": "blob", "text": f"{len(value):,} bytes"}
        case str():
            return _text("text", value)
        case int() | float() if not isinstance(value, bool):
            return {"kind": "number", "text": f"{value}"}
        case {"status": str(status), "value": worked}:
            return _text("text", _answer(worked)) | {"status": status}
        case _:
            return _text("json", orjson.dumps(value).decode())


def _answer(worked: Json) -> str:
    """What a cell of Extruct's that was worked on says."""
    answer = worked["answer"] if isinstance(worked, dict) and "answer" in worked else worked
    if answer is None:
        return ""

    return answer if isinstance(answer, str) else orjson.dumps(answer).decode()


def _text(kind: str, text: str) -> dict[str, Any]:
    shown = {"kind": kind, "text": text[:LONGEST_VALUE]}
    return shown if len(text) <= LONGEST_VALUE else shown | {"size": len(text)}


def body(content: bytes, size: int, redaction: Redaction) -> dict[str, Any]:
    """
    A body: its text, its size in bytes, and whether what is shown is all of it.

    Args:
        content: Its first bytes.
        size: The bytes of all of it.
        redaction: Takes tokens out.
    """
    text = redaction.text(_readable(content, whole=size == len(content)))
    return {
        "text": text[:LONGEST_BODY],
        "size": size,
        "cut": size > len(content) or len(text) > LONGEST_BODY,
    }


def _readable(content: bytes, *, whole: bool) -> str:
    if whole:
        try:
            return orjson.dumps(orjson.loads(content), option=orjson.OPT_INDENT_2).decode()
        except ValueError:
            # No JSON, or nested too deeply to be written.
            pass
    text = content.decode(errors="replace")
    return f"({len(content):,} bytes that are no text)" if "\0" in text or _mostly_noise(text) else text


def _mostly_noise(text: str) -> bool:
    return text.count("\N{REPLACEMENT CHARACTER}") * 10 > len(text)
