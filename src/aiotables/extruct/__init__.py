"""The Extruct client, its models and its operations."""

from aiotables.extruct.client import Extruct


__all__ = ["Extruct"]
