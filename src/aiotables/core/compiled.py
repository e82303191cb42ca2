"""Functions that read one model class, field by field, as a person would write them by hand."""

from collections.abc import Mapping
from types import NoneType

import attrs

from aiotables.core import read_plans
from aiotables.core.date_times import LATEST
from aiotables.core.function_text import FunctionText, indented
from aiotables.core.read_plans import FieldPlan, Reader, ReadPlan, ValuePlan, can_be_filled


def compiled_reader(plan: ReadPlan) -> Reader:
    """
    A function from a JSON object to an instance. It raises what says no more than that something is wrong.

    Args:
        plan: How the class is read. Unless it `can_be_filled`, its `__init__` is called.
    """
    text = FunctionText("value")
    text.begin("if value.__class__ is not dict: raise TypeError")
    cls = text.name(plan.cls)
    if can_be_filled(plan.cls):
        text.add(f"model = {text.name(plan.cls.__new__)}({cls})")
        _add_fields(text, plan, {})
        text.add("return model")
    else:
        text.add("given = {}")
        _add_fields(text, plan, {each.name: each.alias for each in attrs.fields(plan.cls)})
        text.add(f"return {cls}(**given)")
    return text.compiled(plan.cls)


def _add_fields(text: FunctionText, plan: ReadPlan, aliases: Mapping[str, str | None]) -> None:
    if plan.kept is not None:
        text.add(f"found = {sum(each.required for each in plan.fields)}")
    for each in plan.fields:
        take = _taking(text, each, _place(each.name, aliases))
        if each.required:
            text.add(*take)
            continue

        text.add(f"if {text.name(each.key)} in value:", *indented(take))
        if plan.kept is not None:
            text.add("  found += 1")
        if not aliases:
            text.add(f"else: model.{each.name} = {text.name(each.absent)}{'()' if each.is_made else ''}")
    if plan.kept is not None:
        # To count is faster than to compare the keys, and most objects have none that is unknown.
        rest = f"{{}} if len(value) == found else {text.name(plan.rest)}(value)"
        text.add(f"{_place(plan.kept, aliases)} = {rest}")


def _place(name: str, aliases: Mapping[str, str | None]) -> str:
    """Where a field goes: into the model, or among the arguments of its `__init__`, where it may have another name."""
    return f"given[{aliases[name]!r}]" if aliases else f"model.{name}"


def _taking(text: FunctionText, field: FieldPlan, place: str) -> list[str]:
    """Lines that take the value of *field* to its *place*."""
    lines, expression = _reading(text, field.value)
    return [f"each = value[{text.name(field.key)}]", *lines, f"{place} = {expression}"]


def _reading(text: FunctionText, plan: ValuePlan) -> tuple[list[str], str]:
    """Lines that check `each`, and an expression of what it is in Python."""
    if plan.nullable:
        lines, expression = _reading(text, plan._replace(nullable=False))
        checks = ["if each is not None:", *indented(lines)] if lines else []
        return checks, expression if expression == "each" else f"None if each is None else {expression}"

    if plan.is_list:
        return _reading_list(text, plan)

    if plan.sort == read_plans.CLASSES:
        return [_refusing(text, "each", plan.detail)], "each"

    if plan.sort == read_plans.TIME:
        return _reading_time(text, plan), "last_time"

    return [], _converted(text, plan, "each")


def _reading_time(text: FunctionText, plan: ValuePlan) -> list[str]:
    latest = text.name(LATEST)
    text.begin(f"last_text, last_time = {latest}[0]")
    # Both services write times so. Of what has these signs at these places and ends in Z, Python reads but one form that is
    # no date-time: a point without digits. To look takes a fourth of the time that a pattern takes.
    is_usual = "(signs == '--T::Z' or signs == '--T::.' and each[-2] != '.') and each[-1] == 'Z'"
    return [
        "if each != last_text:",
        "  signs = each[4:20:3]",
        f"  last_time = {text.name(plan.detail)}(each) if {is_usual} else {text.name(plan.read)}(each)",
        f"  last_text = each; {latest}[0] = each, last_time",
    ]


def _reading_list(text: FunctionText, plan: ValuePlan) -> tuple[list[str], str]:
    refuse = _refusing(text, "each", (list,))
    if plan.sort == read_plans.CLASSES:
        return [refuse, "for item in each:", f"  {_refusing(text, 'item', plan.detail)}"], "each"
    return [refuse], f"[{_converted(text, plan, 'item')} for item in each]"


def _converted(text: FunctionText, plan: ValuePlan, name: str) -> str:
    """An expression for what the value called *name* is in Python, the usual cases in place."""
    if plan.sort == read_plans.ANY:
        return name

    if plan.sort == read_plans.TABLE:
        return f"{text.name(plan.detail)}[{name}]"

    read = text.name(plan.read)
    if plan.sort == read_plans.TAGGED:
        # Whatever is wrong with the value makes this raise, or find nothing.
        tag = f"{name}[{text.name(plan.key)}]"
        return f"({text.name(plan.detail.get)}({tag}) or {read})({name})"

    if plan.sort == read_plans.FLAG:
        # Small numbers are always the same objects; `==` would take 1.0, too.
        one, zero = text.name(1), text.name(0)
        return f"(True if {name} is {one} else False if {name} is {zero} else {read}({name}))"

    return f"{read}({name})"


def _refusing(text: FunctionText, name: str, classes: tuple[type, ...]) -> str:
    # A chain of comparisons is faster than a set of two, and has null first: Python speeds up what always sees one class.
    tests = (
        f"{name} is not None" if cls is NoneType else f"{name}.__class__ is not {text.name(cls)}"
        for cls in sorted(classes, key=lambda cls: cls is not NoneType)
    )
    return f"if {' and '.join(tests)}: raise TypeError"
