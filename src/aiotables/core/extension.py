"""What carries plans out: the C of `_models.c`, where it was compiled, and functions that are written as text elsewhere."""

import importlib
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol, cast

from aiotables import core
from aiotables.core.read_plans import Reader, ReadPlan, can_be_filled
from aiotables.core.write_plans import WritePlan, Writer


if TYPE_CHECKING:
    from aiotables.core._models import ModelReader, ModelWriter


SWITCH: Final = "AIOTABLES_NO_EXTENSIONS"
"""The environment variable that, set to anything, leaves the C aside."""


class Extension(Protocol):
    """What the compiled module has."""

    ModelReader: "type[ModelReader]"
    ModelWriter: "type[ModelWriter]"


def load(environ: Mapping[str, str]) -> Extension | None:
    """The compiled module; `None` where it was not compiled, or is switched off."""
    if environ.get(SWITCH):
        return None
    try:
        return cast("Extension", importlib.import_module("aiotables.core._models"))
    except ImportError:
        return None


EXTENSION: Final = load(os.environ)


def reader_of(plan: ReadPlan, extension: Extension | None = EXTENSION) -> Reader:
    """What reads the instances of the class of *plan*, and raises what says no more than that something is wrong."""
    if extension is not None and can_be_filled(plan.cls):
        return extension.ModelReader(*plan)
    return core.compiled.compiled_reader(plan)


def writer_of(plan: WritePlan, extension: Extension | None = EXTENSION) -> Writer:
    """What writes the instances of the class of *plan* as dicts, which may share parts with them."""
    return core.compiled_writers.compiled_writer(plan) if extension is None else extension.ModelWriter(*plan)
