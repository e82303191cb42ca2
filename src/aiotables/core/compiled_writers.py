"""Functions that write one model class, field by field, as a person would write them by hand."""

from aiotables.core.function_text import FunctionText
from aiotables.core.write_plans import ByClass, FieldPlan, ValuePlan, WritePlan, Writer


def compiled_writer(plan: WritePlan) -> Writer:
    """
    A function from an instance to a dict, which may share parts with the instance.

    Args:
        plan: How the class is written.
    """
    text = FunctionText("model")
    items = []
    for number, each in enumerate(plan.fields):
        if not each.can_be_left_out:
            items.append(f"{each.key!r}: {_field(text, each, f'field_{number}')}")
    text.add(f"result = {{{', '.join(items)}}}")
    for each in plan.fields:
        if each.can_be_left_out:
            text.add(
                f"each = model.{each.name}",
                f"if each is not {text.name(each.left_out)}:",
                f"  result[{each.key!r}] = {_written(text, each.value, 'each')}",
            )
    kept = f"model.{plan.kept}"
    text.add(f"return {{**{kept}, **result}} if {kept} else result" if plan.kept else "return result")
    return text.compiled(plan.cls)


def _field(text: FunctionText, plan: FieldPlan, name: str) -> str:
    """An expression for what is written of a field that is always there; where it takes a name, it is called *name*."""
    written = _written(text, plan.value, name)
    if written == name:
        return f"model.{plan.name}"
    text.add(f"{name} = model.{plan.name}")
    return written


def _written(text: FunctionText, plan: ValuePlan, name: str) -> str:
    """An expression for what orjson can write in the place of *name*: that itself, where orjson writes or asks for it."""
    written = _by_class(text, plan.by_class, name)
    if plan.by_class_of_item is None:
        return written
    item = _by_class(text, plan.by_class_of_item, "item")
    is_one = f"{name}.__class__ is {text.name(list)} and len({name}) <= {plan.most}"
    return f"([{item} for item in {name}] if {is_one} else {written})"


def _by_class(text: FunctionText, by_class: ByClass, name: str) -> str:
    if not by_class:
        return name

    if len(by_class) > 1:
        table = text.name(by_class)
        return f"({table}[{name}.__class__]({name}) if {name}.__class__ in {table} else {name})"

    ((cls, write),) = by_class.items()
    return f"({text.name(write)}({name}) if {name}.__class__ is {text.name(cls)} else {name})"
