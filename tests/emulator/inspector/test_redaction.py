"""Tokens out of what is shown."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.emulator.inspector.redaction import REDACTED, Redaction


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"token": "abc", "token_name": "x"}', f'{{"token": "{REDACTED}", "token_name": "x"}}'),
        ('{"api_token":"a\\"b","n":1}', f'{{"api_token":"{REDACTED}","n":1}}'),
        ('{"password": "hunter2"}', f'{{"password": "{REDACTED}"}}'),
        ('{"token": "cut off', f'{{"token": "{REDACTED}"'),
        ('{"token": "cut off\\', f'{{"token": "{REDACTED}"'),
        ("?t=pat_AbC-123_x", f"?t={REDACTED}"),
        ("a known one: s3cret!", f"a known one: {REDACTED}"),
        ("a known one: s3cret%21", f"a known one: {REDACTED}"),
        ("nothing of a kind", "nothing of a kind"),
        ('{"tokens": [1], "token": null}', '{"tokens": [1], "token": null}'),
    ],
)
def test_texts(text: str, expected: str) -> None:
    """Known tokens, those of ZangTable's form, and members of JSON that are named like secrets."""
    assert expected == Redaction.of(["s3cret!", ""]).text(text)


@given(st.text(min_size=4), st.text())
def test_a_known_token_is_in_no_json(token: str, around: str) -> None:
    """However JSON writes it."""
    text = orjson.dumps({"said": f"{around}{token}"}).decode()

    assert orjson.dumps(token).decode()[1:-1] not in Redaction.of([token]).text(text).replace(REDACTED, "")


def test_headers() -> None:
    """Those that carry secrets are shown by name; of the others, what they hold."""
    headers = {"Authorization": "Bearer x", "cookie": "y", "Accept": "s3cret!", "Content-Type": "text/plain"}

    assert [
        ("Authorization", REDACTED),
        ("cookie", REDACTED),
        ("Accept", REDACTED),
        ("Content-Type", "text/plain"),
    ] == Redaction.of(["s3cret!"]).headers(headers)
