"""What changed between two states of the fragments, and what of it breaks users of the Python API."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import evolve, frozen

from codegen.surface import Key, Operation, Shape, Slot, Surface
from codegen.values import ABSENT, NULL, Values, also, fits, shown, told


@frozen(kw_only=True)
class Change:
    """One thing that changed."""

    service: str = ""
    subject: str
    """What changed, such as `create_table` or `TableCreate.name`."""

    kind: str
    """`added`, `removed` or `changed`."""

    what: str
    """In words."""

    breaks: str = ""
    """Why it breaks users of the Python API; empty where it does not."""

    left_to_write: str = ""
    """What is not generated, and so has to be written."""


@frozen
class _Use:
    """Who deals with a value: users of a class that is sent say what it is, and of one that is received, read it."""

    is_sent: bool
    is_received: bool


# Facts whose loss is seen in Python.
_LOST: Final = {("keeps-unknown", ""): "its field `additional` is gone"}

_SENT = _Use(is_sent=True, is_received=False)


def changes(old: Mapping[str, Surface], new: Mapping[str, Surface]) -> Iterator[Change]:
    """What changed from *old* to *new*, which are states of services by their names."""
    for service in sorted(old.keys() | new.keys()):
        before, after = old.get(service, Surface()), new.get(service, Surface())
        found = (
            *_operations(service, before.operations, after.operations),
            *_shapes(before.shapes, after.shapes),
        )
        yield from (evolve(change, service=service) for change in found)


# Operations


def _operations(service: str, old: Mapping[str, Operation], new: Mapping[str, Operation]) -> Iterator[Change]:
    moved = {(each.method, each.path): name for name, each in new.items() if name not in old}
    for name, operation in old.items():
        if name not in new:
            again = moved.get((operation.method, operation.path))
            what = f"removed; {shown(again)} has its method and path" if again else "removed"
            yield Change(
                subject=shown(name), kind="removed", what=what, breaks="its constant and its method are gone"
            )

    for name, operation in new.items():
        if name in old:
            yield from _operation(shown(name), old[name], operation)
        else:
            yield Change(
                subject=shown(name),
                kind="added",
                what=f"{operation.method} {shown(operation.path)}",
                left_to_write=f"its method{_rule(operation)} in src/aiotables/{service}/",
            )


def _rule(operation: Operation) -> str:
    return " and its settle rule" if operation.facts["effect"] in {"create", "start"} else ""


def _operation(subject: str, old: Operation, new: Operation) -> Iterator[Change]:
    facts = {"method": old.method, "path": old.path, **old.facts}
    yield from _facts(subject, facts, {"method": new.method, "path": new.path, **new.facts})
    yield from _slots(subject, "{}({})", old.parameters, new.parameters, _SENT)
    yield from _body(f"{subject} body", old.body, new.body)
    if old.result != new.result:
        yield Change(
            subject=f"{subject} result",
            kind="changed",
            what=f"{told(old.result)} → {told(new.result)}",
            breaks="" if fits(new.result, old.result) else "it returns something else",
        )


def _facts(subject: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for name, before in old.items():
        after = new[name]
        if before != after:
            what = f"{name}: {shown(before or 'no')} → {shown(after or 'no')}"
            yield Change(subject=subject, kind="changed", what=what, breaks=_LOST.get((name, after), ""))


def _body(subject: str, old: Slot | None, new: Slot | None) -> Iterator[Change]:
    yield from _slots(
        subject, "{}", {} if old is None else {(): old}, {} if new is None else {(): new}, _SENT
    )


# Fields, parameters and bodies


def _slots(
    owner: str, form: str, old: Mapping[Key, Slot], new: Mapping[Key, Slot], use: _Use
) -> Iterator[Change]:
    for key in [key for key in old if key not in new]:
        subject = _subject(form, owner, key)
        yield Change(subject=subject, kind="removed", what=_told(old[key]), breaks="it is gone")
    for key, slot in new.items():
        subject = _subject(form, owner, key)
        if key in old:
            yield from _slot(subject, old[key], slot, use)
        else:
            is_asked = use.is_sent and slot.must_be_given
            breaks = "it must be given" if is_asked else ""
            yield Change(subject=subject, kind="added", what=_told(slot), breaks=breaks)


def _subject(form: str, owner: str, key: Key) -> str:
    return form.format(owner, " ".join(map(shown, key)))


def _slot(subject: str, old: Slot, new: Slot, use: _Use) -> Iterator[Change]:
    if old != new:
        breaks = "; ".join(_breaks(old, new, use))
        yield Change(subject=subject, kind="changed", what=f"{_told(old)} → {_told(new)}", breaks=breaks)


def _breaks(old: Slot, new: Slot, use: _Use) -> Iterator[str]:
    if use.is_sent and not fits(_given(old), _given(new)):
        is_asked = new.must_be_given and not old.must_be_given
        yield "it must be given" if is_asked else "it does not take what it took"
    if use.is_received and not fits(_found(new, use), _found(old, use)):
        yield "it may hold what it never held"


def _given(slot: Slot) -> Values:
    """What may be said of it by whoever sends it."""
    return slot.values if slot.must_be_given else also(ABSENT, slot.values)


def _found(slot: Slot, use: _Use) -> Values:
    """What may be found in it by whoever reads it: what is only received reads as None where it is absent."""
    nothing = ABSENT if use.is_sent else NULL
    return also(nothing, slot.values) if slot.may_be_absent else slot.values


def _told(slot: Slot) -> str:
    parts = [told(slot.values)]
    if slot.may_be_absent:
        parts.append("may be left out")
    if slot.default is not None:
        parts.append(f"default {slot.default}")
    return ", ".join(parts)


# Schemas


def _shapes(old: Mapping[str, Shape], new: Mapping[str, Shape]) -> Iterator[Change]:
    for name in [name for name in old if name not in new]:
        yield Change(subject=shown(name), kind="removed", what=old[name].form, breaks="its class is gone")
    for name, shape in new.items():
        if name in old:
            yield from _shape(shown(name), old[name], shape)
        else:
            yield Change(subject=shown(name), kind="added", what=shape.form)


def _shape(subject: str, old: Shape, new: Shape) -> Iterator[Change]:
    if old.form != new.form:
        what = f"{old.form} → {new.form}"
        yield Change(subject=subject, kind="changed", what=what, breaks="it is another sort of thing")
        return

    use = _Use(is_sent=old.is_sent or new.is_sent, is_received=old.is_received or new.is_received)
    yield from _facts(subject, old.facts, new.facts)
    yield from _slots(subject, "{}.{}", old.fields, new.fields, use)
    yield from _members(subject, old, new)
    if old.values != new.values:
        what = f"{told(old.values)} → {told(new.values)}"
        slots = Slot(old.values, is_required=True), Slot(new.values, is_required=True)
        breaks = "; ".join(_breaks(*slots, use))
        yield Change(subject=subject, kind="changed", what=what, breaks=breaks)


def _members(subject: str, old: Shape, new: Shape) -> Iterator[Change]:
    """Values of an enum, or kinds of a union; both are open, so that one more is nothing that could not come before."""
    word = "value" if new.form == "enum" else "kind"
    for member, before in old.members.items():
        after = new.members.get(member)
        what = f"{word} {member!a}"
        if after is None:
            yield Change(subject=subject, kind="removed", what=what, breaks="its name is gone")
        elif after != before:
            named = f"{what}: {shown(before or 'no name')} → {shown(after or 'no name')}"
            yield Change(subject=subject, kind="changed", what=named, breaks="it has another name")

    for member in [member for member in new.members if member not in old.members]:
        yield Change(subject=subject, kind="added", what=f"{word} {member!a}")


# What people read


_MARKS: Final = {"added": "+", "removed": "-", "changed": "~"}


def told_changes(found: Sequence[Change]) -> str:
    """*found* for people: a line each, those that break users marked, and how many there are."""
    lines: list[str] = []
    for service in sorted({change.service for change in found}):
        lines.append(service)
        lines.extend(line for change in found if change.service == service for line in _lines(change))

    breaking = sum(bool(change.breaks) for change in found)
    ends = {0: "none breaks users of the Python API", 1: "1 breaks users of the Python API"}
    end = ends.get(breaking, f"{breaking} break users of the Python API")
    count = "1 change" if len(found) == 1 else f"{len(found)} changes"
    return "\n".join([*lines, f"{count}, {end}" if found else "nothing changed"])


def _lines(change: Change) -> Iterator[str]:
    yield f"{'!' if change.breaks else ' '} {_MARKS[change.kind]} {change.subject}: {change.what}"
    if change.breaks:
        yield f"      breaks users: {change.breaks}"
    if change.left_to_write:
        yield f"      left to write: {change.left_to_write}"
