"""Slips of the pen: which known word was meant."""

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean …?)` when *word* looks like a slip for one of the known words, else nothing."""
    by_folded = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(word.casefold(), by_folded, n=1)
    return f" (did you mean {by_folded[close[0]]}?)" if close else ""
