"""What the generated models need beyond Python's own types: an absent value, open enums and unions, flags."""

import enum
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, TypeVar

from aiotables.core.classes import frozen


EnumT = TypeVar("EnumT", bound="StrEnum")


class Unset(enum.Enum):
    """The type of `UNSET`; an enum, so that type checkers narrow `value is not UNSET`."""

    # orjson would write it as null, and not as a text: so what writes JSON finds it where it must not be.
    UNSET = None

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset.UNSET
"""A field that is not sent at all, as opposed to `None`, which is sent as null."""


# No listed member is called so: their names are identifiers.
_UNKNOWN = "UNKNOWN<"


class StrEnum(enum.StrEnum):
    """
    A text enum that takes values its spec does not list yet.

    A value that a service adds later becomes a member too: equal to its text, kept by pickling, sent back
    unchanged, but not listed by iteration.
    """

    @classmethod
    def _missing_(cls, value: object) -> "StrEnum | None":
        return _unknown_member(cls, str(value)) if isinstance(value, str) else None

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        # Early releases of Python 3.11 pickle a member by its name, and no name leads to an unknown one.
        return type(self), (self.value,)

    @property
    def is_unknown(self) -> bool:
        """Whether the spec that the models were generated from does not list this value."""
        return self._name_.startswith(_UNKNOWN)


# The server picks the values, so what is remembered is bounded.
@lru_cache(maxsize=4096)
def _unknown_member(cls: type[EnumT], value: str) -> EnumT:
    member = str.__new__(cls, value)
    member._name_ = f"{_UNKNOWN}{value}>"
    member._value_ = value
    return member


ZERO_OR_ONE: Final = "0 or 1 on the wire"

IntBool = Annotated[bool, ZERO_OR_ONE]
"""A flag that the service writes as the integer 0 or 1."""


@frozen
class UnknownVariant:
    """An object of a tagged union whose tag the spec does not list; it is sent back as it came."""

    tag: str
    """What the discriminating field held."""

    raw: dict[str, Any]
    """The whole object, tag included."""
