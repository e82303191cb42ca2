"""JSON to generated models and back, with errors that tell the path of what is wrong."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, TypeVar, get_args, overload

import cattrs
import orjson
from cattrs.errors import BaseValidationError, ForbiddenExtraKeysError

from aiotables.core.errors import DecodeError, RequestError
from aiotables.core.faults import Path, faults_of, first_list, path_text, problem_lines
from aiotables.core.model_fields import Json, TypeExpr, is_list
from aiotables.core.structure import add_structure_hooks
from aiotables.core.unstructure import add_unstructure_hooks, refuse_what_json_lacks


T = TypeVar("T")

# How many of the problems are in the message, too.
MOST_SHOWN = 3

_DOCUMENTS = (bytes, bytearray, memoryview)

# What reading raises when the value is wrong; anything else is a fault of the program.
_WRONG_VALUE = (KeyError, TypeError, ValueError, AttributeError, ForbiddenExtraKeysError)


class Converter:
    """
    Reads JSON as the types that the fragments say, strictly, and writes them back.

    It may be shared by threads. The hooks of a class are made when the class is first met.

    Args:
        forbid_unknown: Refuse keys that a model has no field for, except on models that keep them. For tests;
            a service may add a field at any time.
    """

    def __init__(self, *, forbid_unknown: bool = False) -> None:
        self._forbid_unknown = forbid_unknown

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
        value = _parsed(data) if isinstance(data, _DOCUMENTS) else data
        # Made first: a type that no hook can be made for is a fault of the program, not of the data.
        read = self._fast.get_structure_hook(type_)
        try:
            return read(value, type_)
        except _WRONG_VALUE:
            # The fast hooks do not track where they are; reading once more with those that do finds the path.
            pass
        raise self._explained(value, type_)

    def encode(self, value: object) -> bytes:
        """
        Write *value* as a JSON document.

        Raises:
            RequestError: Something in it has no form in JSON.
        """
        try:
            document = orjson.dumps(value, default=self._written, option=orjson.OPT_PASSTHROUGH_DATETIME)
        except orjson.JSONEncodeError as error:
            raise _encode_error(error) from None
        refuse_what_json_lacks(value, document, self._fast.unstructure)
        return document

    def to_wire(self, value: object) -> Json:
        """
        Write *value* as the dicts, lists and scalars that JSON has, of its own.

        Raises:
            RequestError: Something in it has no form in JSON.
        """
        return orjson.loads(self.encode(value))

    def _written(self, value: object) -> Json:
        written = self._fast.unstructure(value)
        if written.__class__ is value.__class__:
            message = f"the value cannot be written as JSON: {value.__class__.__name__} has no form there"
            raise RequestError(message)
        return written

    def _explained(self, value: object, type_: TypeExpr) -> DecodeError:
        try:
            self._detailed.structure(value, type_)
        except (BaseValidationError, *_WRONG_VALUE) as error:
            found = first_list(error)
            if found is None:
                return _decode_error(type_, faults_of(error))

            path, list_type = found
            return _decode_error(type_, faults_of(error), path, self._good_items(value, path, list_type))
        return _decode_error(type_, iter([((), "cannot be read")]))

    def _good_items(self, value: Json, path: Path, list_type: TypeExpr) -> list[tuple[int, Any]]:
        for key in path:
            value = value[key]
        item_type = get_args(list_type)[0]
        read = self._fast.get_structure_hook(item_type)
        good = []
        for index, item in enumerate(value):
            with suppress(*_WRONG_VALUE):
                good.append((index, read(item, item_type)))
        return good

    @cached_property
    def _fast(self) -> cattrs.Converter:
        return self._with_hooks(detailed=False)

    @cached_property
    def _detailed(self) -> cattrs.Converter:
        return self._with_hooks(detailed=True)

    def _with_hooks(self, *, detailed: bool) -> cattrs.Converter:
        converter = cattrs.Converter(detailed_validation=detailed, forbid_extra_keys=self._forbid_unknown)
        add_structure_hooks(converter)
        add_unstructure_hooks(converter)
        return converter


def _encode_error(error: orjson.JSONEncodeError) -> BaseException:
    """What orjson was told while it wrote, or else what it says itself."""
    if error.__cause__ is None or isinstance(error.__cause__, RecursionError):
        return RequestError(f"the value cannot be written as JSON: {error.__cause__ or error}")

    return error.__cause__


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
