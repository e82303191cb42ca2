"""JSON to generated models and back, with errors that tell the path of what is wrong."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, get_args, overload

import orjson

from aiotables._lazy import LazyPart
from aiotables.core.errors import DecodeError
from aiotables.core.faults import WRONG_VALUE, Path, path_text, problem_lines
from aiotables.core.model_fields import Json, TypeExpr, is_list
from aiotables.core.read_plans import Reader
from aiotables.core.structure import readers
from aiotables.core.unstructure import Writers


if TYPE_CHECKING:
    from aiotables.core.explain import Explainer


T = TypeVar("T")

# How many of the problems are in the message, too.
MOST_SHOWN = 3

_DOCUMENTS = (bytes, bytearray, memoryview)


class Converter:
    """
    Reads JSON as the types that the fragments say, strictly, and writes them back.

    It may be shared by threads. What reads and writes a class is made when the class is first met.

    Args:
        forbid_unknown: Refuse keys that a model has no field for, except on models that keep them. For tests;
            a service may add a field at any time.
    """

    _explainer: "LazyPart[Explainer]" = LazyPart("aiotables.core.explain", "Explainer")

    def __init__(self, *, forbid_unknown: bool = False) -> None:
        self.forbids_unknown = forbid_unknown
        self._find = self._find_strict if forbid_unknown else readers()
        self._writers = Writers()

    @overload
    def decode(self, data: object, type_: type[T]) -> T: ...

    @overload
    def decode(self, data: object, type_: TypeExpr) -> Json: ...

    def decode(self, data: object, type_: TypeExpr) -> Json:
        """
        Read *data* as *type_*.

        Args:
            data: A JSON document as bytes, or what a document was parsed into. Free-form objects in it are
                taken over, not copied.
            type_: A generated model, a list of one, or whatever else a field of one may hold.

        Raises:
            DecodeError: The data is something else. It tells the paths, and has the good items of the first list that
                has bad ones.
        """
        value = data
        if data.__class__ is not dict and isinstance(data, _DOCUMENTS):
            value = _parsed(data)
        # Made first: a type that nothing reads is a fault of the program, not of the data.
        read = self._find(type_)
        try:
            return read(value)
        except WRONG_VALUE:
            # What is fast does not track where it is; reading once more with what does finds the path.
            pass
        raise self._explained(value, type_)

    def encode(self, value: object) -> bytes:
        """
        Write *value* as a JSON document.

        Raises:
            RequestError: Something in it has no form in JSON.
        """
        return self._writers.document(value)

    def to_wire(self, value: object) -> Json:
        """
        Write *value* as the dicts, lists and scalars that JSON has, of its own.

        Raises:
            RequestError: Something in it has no form in JSON.
        """
        return orjson.loads(self.encode(value))

    def _find_strict(self, type_: TypeExpr) -> Reader:
        return partial(self._explainer.read, type_=type_)

    def _explained(self, value: object, type_: TypeExpr) -> DecodeError:
        faults, found = self._explainer.explain(value, type_)
        if found is None:
            return _decode_error(type_, faults)

        path, list_type = found
        return _decode_error(type_, faults, path, self._good_items(value, path, list_type))

    def _good_items(self, value: Json, path: Path, list_type: TypeExpr) -> list[tuple[int, Any]]:
        for key in path:
            value = value[key]
        read = self._find(get_args(list_type)[0])
        good = []
        for index, item in enumerate(value):
            with suppress(*WRONG_VALUE):
                good.append((index, read(item)))
        return good


def _parsed(data: bytes | bytearray | memoryview) -> Json:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        problem = f"$: not JSON (line {error.lineno}, column {error.colno})"
        message = f"the document cannot be read: {problem}"
        raise DecodeError(message, problems=(problem,)) from None


def _decode_error(
    type_: TypeExpr,
    faults: Iterator[tuple[Path, str]],
    path: Path | None = None,
    good: Sequence[tuple[int, Any]] = (),
) -> DecodeError:
    problems = problem_lines(faults)
    shown = "; ".join(problems[:MOST_SHOWN]) + ("; ..." if len(problems) > MOST_SHOWN else "")
    return DecodeError(
        f"{_type_name(type_)} cannot be read: {shown}",
        problems=problems,
        list_path=None if path is None else path_text(path),
        good=good,
    )


def _type_name(type_: TypeExpr) -> str:
    if is_list(type_):
        return f"list of {_type_name(get_args(type_)[0])}"

    return getattr(type_, "__name__", str(type_))
