"""Examples say what they show."""

import re
from collections.abc import Iterator
from typing import Final

from codegen.rules.texts import EVIDENCE, filled, matches, one_of
from codegen.spec import Problem, Spec
from codegen.walk import Kind, paths, walk


_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


def check(spec: Spec) -> Iterator[Problem]:
    """Every example has a name, a summary and a value; that it is JSON was made sure of when it was read."""
    for node in walk(spec, paths(spec)).of(Kind.EXAMPLE):
        yield from matches(spec, node.at, node.at.path[-1], _NAME, "a name such as full_request")
        yield from filled(spec, node.at, node.value, "summary")
        if "value" not in node.value:
            yield spec.problem(node.at, "needs a value")

        if "x-evidence" in node.value:
            yield from one_of(spec, node.at, node.value, "x-evidence", EVIDENCE)
