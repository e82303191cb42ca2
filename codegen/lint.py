"""
The rules that fragments keep, so that they can be trusted and code can be made of them.

Rules are pure functions over what was read. They run in stages, each relying on what the one before has made sure of: the
files can be read; keys are known and references lead somewhere; it is OpenAPI; the rules of this project; and last, that
examples fit.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from codegen.rules import examples, operations, references, schemas, shape, standard
from codegen.spec import Problem, Spec, SpecError, load


__all__ = ["Problem", "lint"]

_STAGES: Final[tuple[tuple[Callable[[Spec], Iterable[Problem]], ...], ...]] = (
    (shape.check, references.check),
    (standard.check,),
    (operations.check, schemas.check, examples.check),
    (examples.check_fit,),
)


def lint(folder: Path) -> list[Problem]:
    """All that is wrong with the fragments in *folder*, in the order of files and lines; nothing when all is well."""
    try:
        spec = load(folder)
    except SpecError as error:
        return sorted(error.problems)

    for rules in _STAGES:
        problems = sorted({problem for rule in rules for problem in rule(spec)})
        if problems:
            return problems

    return []
