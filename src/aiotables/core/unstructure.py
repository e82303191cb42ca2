"""Python values into JSON: hooks for a cattrs converter."""

import math
from collections.abc import Callable
from datetime import date, datetime
from types import NoneType
from typing import Any, Final

import attrs
import cattrs
from cattrs.gen import make_dict_unstructure_fn_from_attrs, override

from aiotables.core.errors import RequestError
from aiotables.core.memo import memoised
from aiotables.core.model_fields import (
    Json,
    TypeExpr,
    is_any,
    is_int_bool,
    is_left_out_by_default,
    model_fields,
)
from aiotables.core.sentinels import StrEnum, UnknownVariant, Unset


Hook = Callable[[Any], Json]

_AS_IT_IS: Final = frozenset({str, int, bool, NoneType})


def add_unstructure_hooks(converter: cattrs.Converter) -> None:
    """Make *converter* write the generated models: absent fields stay absent, nulls stay nulls."""
    converter.register_unstructure_hook(StrEnum, _text)
    converter.register_unstructure_hook(datetime, _date_time)
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_unstructure_hook(float, _finite)
    converter.register_unstructure_hook(Unset, _refuse_unset)
    converter.register_unstructure_hook(UnknownVariant, _raw)
    converter.register_unstructure_hook_factory(attrs.has, memoised(_model_hook))
    converter.register_unstructure_hook_func(is_int_bool, int)
    converter.register_unstructure_hook_func(is_any, _free_form_hook(converter))


def _text(value: object) -> object:
    # A caller may well pass the text instead of the member.
    return str(value) if isinstance(value, str) else value


def _date_time(value: datetime) -> str:
    offset = value.utcoffset()
    if offset is None:
        message = "a date-time without a time zone cannot be sent: give it one, such as datetime.UTC"
        raise RequestError(message)

    return value.isoformat() if offset else value.isoformat().removesuffix("+00:00") + "Z"


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        message = "NaN and infinity cannot be sent: JSON has no word for them"
        raise RequestError(message)

    return value


def _refuse_unset(_: Unset) -> None:
    message = "UNSET cannot be sent inside a list or an object: leave it out"
    raise RequestError(message)


def _raw(variant: UnknownVariant) -> dict[str, Json]:
    return variant.raw


def _free_form_hook(converter: cattrs.Converter) -> Hook:
    """What is JSON already, as most of it is, is told by its class alone."""

    def unstructure(value: Json) -> Json:
        if value.__class__ in _AS_IT_IS:
            return value
        if value.__class__ is dict:
            return {key: unstructure(each) for key, each in value.items()}
        if value.__class__ is list:
            return [unstructure(each) for each in value]
        return converter.unstructure(value)

    return unstructure


def _model_hook(cls: TypeExpr, converter: cattrs.Converter) -> Hook:
    fields = model_fields(cls)
    overrides: dict[str, Any] = {
        field.name: override(rename=field.metadata.get("wire"), omit_if_default=is_left_out_by_default(field))
        for field in fields.declared
        if "wire" in field.metadata or is_left_out_by_default(field)
    }
    write: Hook = make_dict_unstructure_fn_from_attrs(list(fields.declared), cls, converter, **overrides)
    return write if fields.additional is None else _with_unknown(write, fields.additional, converter)


def _with_unknown(write: Hook, keeper: str, converter: cattrs.Converter) -> Hook:
    def unstructure(model: object) -> Json:
        unknown = getattr(model, keeper)
        return converter.unstructure(unknown) | write(model) if unknown else write(model)

    return unstructure
