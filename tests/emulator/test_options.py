"""The options of the emulator's command lines."""

from collections import Counter

from aiotables.emulator.options import OPTIONS


def test_each_option_is_explained() -> None:
    """Each has a name of its own, a sentence, and, unless it is a flag, a word for what it takes."""
    assert {1} == set(Counter(option.flag for option in OPTIONS).values())
    assert all(option.help[:1].isupper() and "." in option.help for option in OPTIONS)
    assert [option for option in OPTIONS if option.kind is bool] == [
        option for option in OPTIONS if option.takes is None
    ]


def test_flags() -> None:
    """A flag is a name as one types it."""
    assert "--address-file" in {option.flag for option in OPTIONS}
