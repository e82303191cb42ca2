"""Tokens out of what is shown. Pure."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

import orjson
from attrs import frozen


REDACTED = "[redacted]"

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})

# A value may be cut off, so that its closing quote is missing.
_SECRET_MEMBER = re.compile(
    r'("(?:\w*_)?(?:token|secret|password|authorization)"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\\?$)', re.IGNORECASE
)
_PROJECT_TOKEN = re.compile(r"\bpat_[A-Za-z0-9_-]{6,}")


@frozen
class Redaction:
    """Takes out tokens that are known, those that look like ZangTable's, and what JSON calls a token or a secret."""

    _tokens: tuple[str, ...]

    @classmethod
    def of(cls, tokens: Iterable[str]) -> "Redaction":
        """That of these *tokens*, in all forms in which they may stand in a text; the longest first."""
        forms = {
            form for token in tokens if token for form in (token, quote(token, safe=""), _in_json(token))
        }
        return cls(tuple(sorted(forms, key=len, reverse=True)))

    def text(self, text: str) -> str:
        """*text* without tokens."""
        for token in self._tokens:
            text = text.replace(token, REDACTED)
        return _PROJECT_TOKEN.sub(REDACTED, _SECRET_MEMBER.sub(rf'\1"{REDACTED}"', text))

    def headers(self, headers: Mapping[str, str]) -> list[tuple[str, str]]:
        """Names and values of *headers*, without tokens."""
        return [
            (name, REDACTED if name.lower() in _SECRET_HEADERS else self.text(value))
            for name, value in headers.items()
        ]


def _in_json(text: str) -> str:
    return orjson.dumps(text.encode(errors="replace").decode()).decode()[1:-1]
