"""Why JSON is not what its type says: it is read once more, by what keeps track of paths."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

import attrs
import cattrs
from cattrs.cols import list_structure_factory, mapping_structure_factory
from cattrs.errors import (
    BaseValidationError,
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.gen import make_dict_structure_fn_from_attrs, override

from aiotables.core.faults import WRONG_VALUE, Fault, Path, json_type_name, mismatch
from aiotables.core.memo import memoised
from aiotables.core.model_fields import (
    Json,
    TypeExpr,
    is_any,
    is_dict,
    is_list,
    model_fields,
    wire_name,
)
from aiotables.core.read_plans import Find, Reader
from aiotables.core.sentinels import StrEnum
from aiotables.core.structure import SCALARS, SHARED, Factory, enum_member, exactly


if TYPE_CHECKING:
    from aiotables.core.convert import Converter


Hook = Callable[[Json, TypeExpr], Json]


class Explainer:
    """
    Reads as slowly as it takes to say what is wrong, and where. Loaded when something is.

    Args:
        converter: Whose types are read; whether keys that a model has no field for are wrong is its setting.
    """

    def __init__(self, converter: "Converter") -> None:
        self.converter = cattrs.Converter(
            detailed_validation=True, forbid_extra_keys=converter.forbids_unknown
        )
        for type_, read in SCALARS.items():
            self.converter.register_structure_hook(type_, _hook(read))
        self.converter.register_structure_hook(StrEnum, lambda value, type_: enum_member(type_, value))
        find = _find(self.converter)
        for is_handled, factory in SHARED:
            self.converter.register_structure_hook_factory(is_handled, partial(_shared_hook, factory, find))
        self.converter.register_structure_hook_factory(is_list, _list_hook)
        self.converter.register_structure_hook_factory(is_dict, _dict_hook)
        model_hook: Callable[[TypeExpr], Hook] = memoised(partial(_model_hook, converter=self.converter))
        self.converter.register_structure_hook_factory(attrs.has, model_hook)

    def read(self, value: Json, type_: TypeExpr) -> Json:
        """
        Read *value* as *type_*.

        Raises:
            Fault: It is something else.
        """
        try:
            return self.converter.structure(value, type_)
        except (BaseValidationError, ForbiddenExtraKeysError) as error:
            message = "cannot be read"
            raise Fault(message) from error

    def explain(
        self, value: Json, type_: TypeExpr
    ) -> tuple[Iterator[tuple[Path, str]], tuple[Path, TypeExpr] | None]:
        """Each fault of *value* with its path, and path and type of the first list with bad items."""
        try:
            self.converter.structure(value, type_)
        except (BaseValidationError, ForbiddenExtraKeysError, *WRONG_VALUE) as error:
            return faults_of(error), first_list(error)
        return iter([((), "cannot be read")]), None


def _find(converter: cattrs.Converter) -> Find:
    def find(type_: TypeExpr) -> Reader:
        hook = converter.get_structure_hook(type_)
        return lambda value: hook(value, type_)

    return find


def _shared_hook(factory: Factory, find: Find, type_: TypeExpr) -> Hook:
    return _hook(factory(type_, find))


def _hook(read: Reader) -> Hook:
    return lambda value, _: read(value)


def _list_hook(type_: TypeExpr, converter: cattrs.Converter) -> Hook:
    return _only(list, list_structure_factory(type_, converter))


def _dict_hook(type_: TypeExpr, converter: cattrs.Converter) -> Hook:
    if is_any(get_args(type_)[1]):
        return _hook(exactly(dict, json_type_name(dict)))

    return _only(dict, mapping_structure_factory(type_, converter))


def _only(json_type: type, hook: Hook) -> Hook:
    name = json_type_name(json_type)

    def structure(value: Json, type_: TypeExpr) -> Json:
        if value.__class__ is json_type:
            return hook(value, type_)
        raise mismatch(value, name)

    return structure


def _model_hook(cls: TypeExpr, converter: cattrs.Converter) -> Hook:
    fields = model_fields(cls)
    overrides: dict[str, Any] = {
        field.name: override(rename=wire_name(field)) for field in fields.declared if "wire" in field.metadata
    }
    build: Hook = make_dict_structure_fn_from_attrs(
        list(fields.declared),
        cls,
        converter,
        _cattrs_forbid_extra_keys=converter.forbid_extra_keys and fields.additional is None,
        **overrides,
    )
    if fields.additional is not None:
        return _keeping_unknown(build, fields.additional, frozenset(map(wire_name, fields.declared)))

    return _only(dict, build)


def _keeping_unknown(build: Hook, keeper: str, known: frozenset[str]) -> Hook:
    def structure(value: Json, cls: TypeExpr) -> Json:
        if value.__class__ is not dict:
            raise mismatch(value, "object")

        model = build(value, cls)
        if not value.keys() <= known:
            setattr(model, keeper, {key: each for key, each in value.items() if key not in known})
        return model

    return structure


def faults_of(error: BaseException, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Each fault inside *error*, which detailed validation raised, with its path in wire names."""
    match error:
        case ClassValidationError() | IterableValidationError():
            for inner, place in _parts(error, path):
                yield from faults_of(inner, place)
        case ForbiddenExtraKeysError():
            yield from (((*path, name), "unknown field") for name in sorted(error.extra_fields))
        case KeyError():
            yield path, "required field missing"
        case Fault():
            yield (path if error.at is None else (*path, error.at)), str(error)
        case _:
            yield path, f"cannot be read ({type(error).__name__})"


def first_list(error: BaseException, path: Path = ()) -> tuple[Path, TypeExpr] | None:
    """The first list with bad items inside *error*, which detailed validation raised: its path and type."""
    if not isinstance(error, ClassValidationError | IterableValidationError):
        return None

    if is_list(error.cl):
        return path, error.cl

    found = (first_list(inner, place) for inner, place in _parts(error, path))
    return next(filter(None, found), None)


def _parts(
    error: ClassValidationError | IterableValidationError, path: Path
) -> Iterator[tuple[BaseException, Path]]:
    if isinstance(error, IterableValidationError):
        yield from ((inner, (*path, note.index)) for inner, note in error.group_exceptions()[0])
        return

    noted, others = error.group_exceptions()
    fields = attrs.fields_dict(error.cl)
    yield from ((inner, (*path, wire_name(fields[note.name]))) for inner, note in noted)
    yield from ((inner, path) for inner in others)
