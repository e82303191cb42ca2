"""The Extruct client; its models are in `aiotables.extruct.models`, its operations in `.operations`."""

from typing import TYPE_CHECKING

from aiotables._lazy import lazy


if TYPE_CHECKING:
    from aiotables.extruct.client import Extruct

__all__ = ["Extruct"]

__getattr__ = lazy(__name__, {"Extruct": "aiotables.extruct.client"})
