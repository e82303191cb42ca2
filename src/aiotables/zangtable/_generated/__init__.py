# Generated from openapi/zangtable. Do not edit: run `make generate`.
"""What is generated of the fragments of zangtable."""

__all__ = [
    'models',
    'operations',
]


from typing import TYPE_CHECKING

from aiotables._lazy import lazy


if TYPE_CHECKING:
    from aiotables.zangtable._generated import models, operations

__getattr__ = lazy(__name__, dict.fromkeys(__all__, __name__))
