"""What was made last, kept for whoever asks for the same again."""

from collections.abc import Callable
from typing import Generic, TypeVar


ArgumentT = TypeVar("ArgumentT")
ResultT = TypeVar("ResultT")


class Latest(Generic[ArgumentT, ResultT]):
    """
    A function that is not called again for the very object that it was called with last.

    The tables of a template mostly share one tuple of columns, and come one after another; to put those into another
    form for each of very many tables would take longer than all the rest of it. Equal objects are not taken for the same:
    `True` equals `1`, and is not the same default of a column.

    Args:
        function: Its argument does not change, and nobody changes its result.
    """

    def __init__(self, function: Callable[[ArgumentT], ResultT]) -> None:
        self._function = function
        self._last: tuple[ArgumentT, ResultT] | None = None

    def __call__(self, argument: ArgumentT) -> ResultT:
        """The result for *argument*."""
        last = self._last
        if last is None or last[0] is not argument:
            last = self._last = (argument, self._function(argument))
        return last[1]
