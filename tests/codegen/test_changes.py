"""What changed between two states of fragments, and whom it breaks."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from codegen.changes import Change, changes, told_changes
from codegen.surface import Operation, Shape, Slot, Surface, surface
from codegen.values import values


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments

POST = ("thing", "post")
THING = ("Thing", "allOf", 1, "properties")
CREATE = ("ThingCreate", "properties")
STRING = {"type": "string"}
NOTHING = object()

Edit = tuple[str, tuple[str | int, ...], object]
"""A file, the way to a part of it, and what is put there; `NOTHING` takes it away."""


def told(old: Surface, new: Surface) -> list[str]:
    """A line for each change, without the service."""
    found = list(changes({"things": old}, {"things": new}))
    assert {"things"} >= {change.service for change in found}
    return told_changes(found).splitlines()[1:-1]


@pytest.fixture
def after(fragments: "Fragments") -> Callable[..., list[str]]:
    """Makes edits, and tells what changed."""

    def tell(*edits: Edit) -> list[str]:
        old = surface(fragments.load())
        for file, path, value in edits:
            if value is NOTHING:
                fragments.drop(file, *path)
            else:
                fragments.put(file, *path, value=value)
        return told(old, surface(fragments.load()))

    return tell


def test_nothing_changed(fragments: "Fragments") -> None:
    """The same fragments tell no change, and other words, sources and examples are none."""
    old = surface(fragments.load())
    fragments.put("schemas/things.yaml", "Thing", "description", value="Other words.")
    fragments.put("paths/things.yaml", *POST, "x-source", value="reference/other")

    found = list(changes({"things": old}, {"things": surface(fragments.load())}))

    assert [] == found
    assert "nothing changed" == told_changes(found)


def test_service_that_is_new(fragments: "Fragments") -> None:
    """Everything of a new service is added, and of one that went, removed."""
    new = surface(fragments.load())

    added, removed = list(changes({}, {"things": new})), list(changes({"things": new}, {}))

    assert {"added"} == {change.kind for change in added}
    assert {"removed"} == {change.kind for change in removed}
    assert [each.subject for each in added] == [each.subject for each in removed]
    assert all(change.breaks for change in removed)
    assert not any(change.breaks for change in added)


# Operations


OPERATIONS: list[tuple[list[str], Edit]] = [
    (
        ["  ~ create_thing: path: /things/{thing_id} → /items/{thing_id}"],
        ("openapi.yaml", ("paths",), {"/items/{thing_id}": {"$ref": "paths/things.yaml#/thing"}}),
    ),
    (
        ["  ~ create_thing: effect: create → replace"],
        ("paths/things.yaml", (*POST, "x-effect"), "replace"),
    ),
    (
        ["  ~ create_thing: gone-is-done: no → True"],
        ("paths/things.yaml", (*POST, "x-gone-is-done"), True),
    ),
    (
        ["  ~ create_thing: answers: '200, default' → 200"],
        ("paths/things.yaml", (*POST, "responses", "default"), NOTHING),
    ),
    (
        ["! - create_thing(path thing_id): string", "      breaks users: it is gone"],
        ("paths/things.yaml", (*POST, "parameters"), []),
    ),
    (
        [
            "! ~ create_thing(path thing_id): string → integer",
            "      breaks users: it does not take what it took",
        ],
        ("parameters.yaml", ("ThingId", "schema"), {"type": "integer"}),
    ),
    (
        ["  ~ create_thing body: ThingCreate → ThingCreate, may be left out"],
        ("paths/things.yaml", (*POST, "requestBody", "required"), False),
    ),
    (
        ["! - create_thing body: ThingCreate", "      breaks users: it is gone"],
        ("paths/things.yaml", (*POST, "requestBody"), NOTHING),
    ),
    (
        ["! ~ create_thing result: Thing → nothing", "      breaks users: it returns something else"],
        ("paths/things.yaml", (*POST, "responses", "200"), {"description": "Done."}),
    ),
]


@pytest.mark.parametrize(("expected", "edit"), OPERATIONS, ids=lambda value: str(value)[:50])
def test_operation_that_changed(expected: list[str], edit: Edit, after: Callable[..., list[str]]) -> None:
    """What an operation is, takes and gives is compared; how it goes over the wire breaks nobody."""
    assert expected == after(edit)


def test_method_that_changed(fragments: "Fragments", after: Callable[..., list[str]]) -> None:
    """Another HTTP method is told, and breaks nobody."""
    operation = fragments.files["paths/things.yaml"]["thing"]["post"]

    assert ["  ~ create_thing: method: POST → PUT"] == after(
        ("paths/things.yaml", ("thing",), {"put": operation})
    )


def test_parameter_that_is_new(after: Callable[..., list[str]]) -> None:
    """A new parameter breaks callers when it must be given."""
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    path = (*POST, "parameters")

    assert ["  + create_thing(query limit): integer, may be left out"] == after(
        ("paths/things.yaml", path, [{"$ref": "../parameters.yaml#/ThingId"}, limit])
    )
    assert [
        "! ~ create_thing(query limit): integer, may be left out → integer",
        "      breaks users: it must be given",
    ] == after(
        ("paths/things.yaml", path, [{"$ref": "../parameters.yaml#/ThingId"}, {**limit, "required": True}])
    )


@pytest.mark.parametrize(
    ("left", "effect"),
    [
        ("its method and its settle rule", "start"),
        ("its method", "read"),
    ],
)
def test_operation_that_is_new(left: str, effect: str, fragments: "Fragments", after: Any) -> None:  # noqa: ANN401
    """A new operation is the one thing that leaves something to write."""
    operation = {**fragments.files["paths/things.yaml"]["thing"]["post"], "operationId": "get_thing"}

    assert [
        "  + get_thing: GET /things/{thing_id}",
        f"      left to write: {left} in src/aiotables/things/",
    ] == after(("paths/things.yaml", ("thing", "get"), {**operation, "x-effect": effect}))


def test_operation_with_another_name(after: Callable[..., list[str]]) -> None:
    """A new name for what is called in the same way breaks whoever uses the old one, and says where it went."""
    assert [
        "! - create_thing: removed; make_thing has its method and path",
        "      breaks users: its constant and its method are gone",
        "  + make_thing: POST /things/{thing_id}",
        "      left to write: its method and its settle rule in src/aiotables/things/",
    ] == after(("paths/things.yaml", (*POST, "operationId"), "make_thing"))


# Fields


THINGS = "schemas/things.yaml"
FIELDS: list[tuple[list[str], Edit]] = [
    (["  + Thing.size: integer, may be left out"], (THINGS, (*THING, "size"), {"type": "integer"})),
    (
        ["  + Fault.size: integer, default 0"],
        (THINGS, ("Fault", "properties", "size"), {"type": "integer", "default": 0}),
    ),
    (
        ["! - Thing.colours: object of string or null, may be left out", "      breaks users: it is gone"],
        (THINGS, (*THING, "colours"), NOTHING),
    ),
    (
        ["  ~ Thing.last_fault: Fault or null, may be left out → Fault, may be left out"],
        (THINGS, (*THING, "last_fault"), {"$ref": "#/Fault"}),
    ),
    (
        ["! ~ Thing.made_at: date-time → string", "      breaks users: it may hold what it never held"],
        (THINGS, (*THING, "made_at"), STRING),
    ),
    (
        ["  ~ Thing.colours: object of string or null, may be left out → object of string, may be left out"],
        (THINGS, (*THING, "colours", "additionalProperties"), STRING),
    ),
    (
        ["  ~ Fault.detail: any JSON, may be left out → string, may be left out"],
        (THINGS, ("Fault", "properties", "detail"), STRING),
    ),
]


@pytest.mark.parametrize(("expected", "edit"), FIELDS, ids=lambda value: str(value)[:50])
def test_field_that_is_received(expected: list[str], edit: Edit, after: Callable[..., list[str]]) -> None:
    """Whoever reads a field is broken by what it never held before, and not by less."""
    assert expected == after(edit)


def test_field_that_may_be_missing_breaks_readers(after: Callable[..., list[str]]) -> None:
    """A field that was always there and may be absent now reads as None, which was never so."""
    assert [
        "! ~ Thing.made_at: date-time → date-time, may be left out",
        "      breaks users: it may hold what it never held",
    ] == after((THINGS, ("Thing", "allOf", 1, "required"), []))


def test_absent_reads_as_null_where_it_is_only_received(after: Callable[..., list[str]]) -> None:
    """To readers of what is only received, absent and null are both None."""
    colours = {"anyOf": [{"$ref": "#/Fault"}, {"type": "null"}]}

    assert ["! ~", "   "] == [line[:3] for line in after((THINGS, (*THING, "colours"), colours))]
    assert ["  ~ Thing.colours: Fault or null, may be left out → Fault or null"] == after(
        (THINGS, ("Thing", "allOf", 1, "required"), ["made_at", "colours"])
    )


ROUND = ("Round", "properties", "size")


@pytest.mark.parametrize(
    ("expected", "edits"),
    [
        (
            ["! + Round.size: string", "      breaks users: it must be given"],
            [(ROUND, STRING), (("Round", "required"), ["kind", "size"])],
        ),
        (["  + Round.size: string, may be left out"], [(ROUND, STRING)]),
        (
            ["  + Round.sort: 'a', default 'a'"],
            [
                (("Round", "properties", "sort"), {"type": "string", "const": "a"}),
                (("Round", "required"), ["kind", "sort"]),
            ],
        ),
        (
            ["! ~ Round: keeps-unknown: True → no", "      breaks users: its field `additional` is gone"],
            [(("Round", "x-keeps-unknown"), NOTHING)],
        ),
        (["  ~ Round: evidence: documented → inferred"], [(("Round", "x-evidence"), "inferred")]),
        (["  ~ Square: keeps-unknown: no → True"], [(("Square", "x-keeps-unknown"), True)]),
    ],
)
def test_class_that_is_sent(
    expected: list[str],
    edits: list[tuple[tuple[str, ...], object]],
    after: Callable[..., list[str]],
) -> None:
    """Whoever makes an object is broken by what must be given now."""
    assert expected == after(*(("schemas/shapes.yaml", path, value) for path, value in edits))


@pytest.mark.parametrize(
    ("expected", "before", "now"),
    [
        ("! it does not take what it took; it may hold what it never held", STRING, {"type": "integer"}),
        ("! it may hold what it never held", STRING, {"type": ["string", "null"]}),
        ("! it does not take what it took", {"type": ["string", "null"]}, STRING),
        ("! it may hold what it never held", {"type": "integer"}, {"type": "number"}),
    ],
)
def test_class_that_goes_both_ways(expected: str, before: object, now: object, after: Any) -> None:  # noqa: ANN401
    """More breaks those who read it, less those who give it."""
    after(("schemas/shapes.yaml", ROUND, before))

    mark, reason = after(("schemas/shapes.yaml", ROUND, now))

    assert expected == f"{mark[0]} {reason.partition('breaks users: ')[2]}"


# Schemas


def test_schema_that_went(after: Callable[..., list[str]]) -> None:
    """A class that is gone breaks whoever imports it."""
    assert "! - Square: object" in after(
        ("openapi.yaml", ("components", "schemas", "Square"), NOTHING),
        ("schemas/shapes.yaml", ("Shape", "oneOf"), [{"$ref": "#/Round"}]),
        ("schemas/shapes.yaml", ("Shape", "discriminator", "mapping"), {"round": "#/Round"}),
    )


def test_schema_that_is_new(after: Callable[..., list[str]]) -> None:
    """A class more breaks nobody."""
    assert ["  + Star: object"] == after(
        ("openapi.yaml", ("components", "schemas", "Star"), {"$ref": "schemas/shapes.yaml#/Star"}),
        ("schemas/shapes.yaml", ("Star",), {"type": "object", "properties": {}}),
    )


def test_schema_of_another_form(after: Callable[..., list[str]]) -> None:
    """An object that becomes an enum is another thing under the same name."""
    assert ["! ~ Fault: object → enum", "      breaks users: it is another sort of thing"] == after(
        (THINGS, ("Fault",), {"type": "string", "enum": ["a"]})
    )


def test_value_that_changed(after: Callable[..., list[str]]) -> None:
    """A name for a plain value is compared as a field is."""
    after((THINGS, ("Fault",), STRING))

    assert [
        "! ~ Fault: string → integer or string",
        "      breaks users: it may hold what it never held",
    ] == after((THINGS, ("Fault",), {"type": ["string", "integer"]}))


def test_enum_that_changed(after: Callable[..., list[str]]) -> None:
    """A value more breaks nobody, since enums are open; a member that is gone or renamed does."""
    after(
        (THINGS, ("Fault",), {"type": "string", "enum": ["a", "b", "c"], "x-enum-varnames": ["A", "B", "C"]})
    )

    assert [
        "! ~ Fault: value 'b': B → SECOND",
        "      breaks users: it has another name",
        "! - Fault: value 'c'",
        "      breaks users: its name is gone",
        "  + Fault: value 'd'",
    ] == after(
        (
            THINGS,
            ("Fault",),
            {"type": "string", "enum": ["a", "b", "d"], "x-enum-varnames": ["A", "SECOND", "D"]},
        )
    )


def test_enum_that_names_its_members(after: Callable[..., list[str]]) -> None:
    """A member that gets a name of its own had another before."""
    after((THINGS, ("Fault",), {"type": "string", "enum": ["a"]}))

    assert ["! ~ Fault: value 'a': 'no name' → FIRST", "      breaks users: it has another name"] == after(
        (THINGS, ("Fault", "x-enum-varnames"), ["FIRST"])
    )


def test_union_that_changed(after: Callable[..., list[str]]) -> None:
    """A kind more breaks nobody, since unions are open; one that means another class does."""
    mapping = {"round": "#/Round", "oblong": "#/Square"}

    assert [
        "! - Shape: kind 'square'",
        "      breaks users: its name is gone",
        "  + Shape: kind 'oblong'",
    ] == after(("schemas/shapes.yaml", ("Shape", "discriminator", "mapping"), mapping))


# What people read


def test_changes_are_counted() -> None:
    """The last line says how many there are, and how many break."""
    fine = Change(service="a", subject="X", kind="added", what="object")
    bad = evolve(fine, breaks="it is gone")

    assert "1 change, none breaks users of the Python API" == told_changes([fine]).splitlines()[-1]
    assert "2 changes, 1 breaks users of the Python API" == told_changes([fine, bad]).splitlines()[-1]
    assert "2 changes, 2 break users of the Python API" == told_changes([bad, bad]).splitlines()[-1]


def test_services_are_told_apart() -> None:
    """Each service has its heading."""
    first = Change(service="a", subject="X", kind="added", what="object")

    assert ["a", "  + X: object", "b", "  + X: object"] == told_changes(
        [evolve(first, service="b"), first]
    ).splitlines()[:-1]


def hostile(name: str, value: str) -> Surface:
    """Everything that a spec can say, said by *name* and *value*."""
    slot = Slot(values({"$ref": f"#/components/schemas/{value}"}), is_required=False, default=ascii(value))
    operation = Operation(
        method="GET",
        path=value,
        facts={"effect": value},
        parameters={("query", value): slot},
        body=slot,
        result=slot.values,
    )
    shape = Shape(
        form="object",
        facts={"tag": value},
        fields={(value,): slot},
        members={name: value},
        values=slot.values,
        is_sent=True,
        is_received=True,
    )
    return Surface({name: operation, value: operation}, {name: shape, value: shape})


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_no_text_of_a_spec_leaves_its_line(name: str, old: str, new: str) -> None:
    """Names and values of a hostile spec cannot end a line, move the cursor, or stand at its beginning."""
    found = list(changes({"things": hostile(name, old)}, {"things": hostile(name, new)}))

    lines = told_changes(found).splitlines()

    assert all(line.replace("→", "").isascii() and line.isprintable() for line in lines)
    assert all(line.startswith(("  + ", "  ~ ", "! ~ ", "! - ", "      ")) for line in lines[1:-1])
