"""Checks of single values that several rules share."""

import re
from collections.abc import Iterator
from typing import Final

from codegen.spec import Location, Problem, Spec


EVIDENCE: Final = ("documented", "example", "inferred")
"""How sure a part is: said in words, seen in an example, or deduced."""


def filled(spec: Spec, at: Location, value: dict[str, object], *keys: str) -> Iterator[Problem]:
    """Each of *keys* holds text."""
    for key in keys:
        text = value.get(key)
        if not isinstance(text, str) or not text.strip():
            yield spec.problem(at, f"needs {key}, in words")


def one_of(
    spec: Spec, at: Location, value: dict[str, object], key: str, allowed: tuple[str, ...]
) -> Iterator[Problem]:
    """*key* holds one of the *allowed* words."""
    if value.get(key) not in allowed:
        yield spec.problem(at, f"needs {key}, one of {', '.join(allowed)}")


def matches(spec: Spec, at: Location, text: object, pattern: re.Pattern[str], form: str) -> Iterator[Problem]:
    """*text* is of the *form* that the *pattern* tells."""
    if not isinstance(text, str) or not pattern.fullmatch(text):
        yield spec.problem(at, f"{text!r} is not {form}")
