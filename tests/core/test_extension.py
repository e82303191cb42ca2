"""What carries plans out: C where it was compiled, Python elsewhere, and the same comes of both."""

import gc
import os
import subprocess
import sys
import tracemalloc
import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any, cast, get_args

import attrs
import orjson
import pytest
from attrs import define, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotables.core.extension import SWITCH, Extension, load, reader_of, writer_of
from aiotables.core.faults import WRONG_VALUE
from aiotables.core.memo import memoised
from aiotables.core.model_fields import Json, TypeExpr, is_dict, is_enum, is_list, model_fields, wire_name
from aiotables.core.read_plans import CALL, CLASSES, TABLE, TAGGED, ReadPlan, read_plan
from aiotables.core.sentinels import UnknownVariant
from aiotables.core.structure import readers
from aiotables.core.write_plans import ValuePlan, write_plan
from aiotables.extruct import models as extruct
from aiotables.zangtable import models as zangtable


HOME = "aiotables.core._models"


@define
class Thing:
    """A model."""

    name: str
    parts: list[str] = field(factory=list)


@frozen
class Frozen:
    """A model that cannot be filled."""

    name: str


# Which of them carries out


def test_without_the_module_there_is_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing was compiled, nothing is missing."""
    monkeypatch.setitem(sys.modules, HOME, None)

    assert load({}) is None


def test_the_module_is_used_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was compiled is taken, unless the environment says not to."""
    module = ModuleType(HOME)
    monkeypatch.setitem(sys.modules, HOME, module)

    assert module is load({}) is load({SWITCH: ""})
    assert load({SWITCH: "1"}) is None


def test_the_module_reads_and_writes() -> None:
    """It is given the plans, each of its parts an argument; a class that it cannot fill is left to Python."""
    given: list[tuple[object, ...]] = []
    fake = cast(
        "Extension",
        SimpleNamespace(
            ModelReader=lambda *args: given.append(args), ModelWriter=lambda *args: given.append(args)
        ),
    )
    reading = read_plan(Thing, model_fields(Thing), readers())
    writing = write_plan(Thing, model_fields(Thing), readers())
    reader_of(reading, fake)
    writer_of(writing, fake)
    read_frozen = reader_of(read_plan(Frozen, model_fields(Frozen), readers()), fake)

    assert [tuple(reading), tuple(writing)] == given
    assert Frozen("a") == read_frozen({"name": "a"})


def test_switched_off_all_is_python() -> None:
    """With the switch in its environment a program uses no C, and works."""
    program = """
import sys
from aiotables.core.convert import Converter
from aiotables.zangtable.models import ColumnCreate
column = Converter().decode({"column_name": "size"}, ColumnCreate)
assert b'{"column_name":"size"}' == Converter().encode(column)
print("aiotables.core._models" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, SWITCH: "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "False\n" == done.stdout


# The same comes of both


MODELS = sorted(
    {
        cls
        for module in (extruct, zangtable)
        for cls in vars(module).values()
        if isinstance(cls, type) and attrs.has(cls)
    },
    key=lambda cls: (cls.__module__, cls.__name__),
)

TEXTS = st.sampled_from(
    [
        "",
        "a",
        "one",
        "2026-06-02T01:00:00Z",
        "2026-06-02T01:00:00.5Z",
        "2026-06-02T01:00:00.Z",
        "2026-06-02T01:00:00+02:00",
        "é",
    ]
)
SCALARS = st.none() | st.booleans() | st.sampled_from([0, 1, 2, 2**63, 0.0, 1.0, 0.5]) | TEXTS


def values(type_: TypeExpr, depth: int) -> st.SearchStrategy[Json]:
    """JSON that is often of a type, and often a little wrong."""
    if attrs.has(type_):
        return objects(type_, depth - 1) if depth else SCALARS
    members: tuple[Any, ...] = get_args(type_)
    if is_list(type_):
        return st.lists(values(members[0], depth), max_size=3) | SCALARS
    if is_dict(type_):
        return st.dictionaries(st.sampled_from("ab"), values(members[1], depth), max_size=2) | SCALARS
    if is_enum(type_):
        return st.sampled_from([each.value for each in type_]) | SCALARS
    inside = [values(member, depth) for member in members if not isinstance(member, str)]
    return st.one_of(
        SCALARS, st.sampled_from([each for each in members if isinstance(each, str)] or ["a"]), *inside
    )


def objects(cls: type, depth: int) -> st.SearchStrategy[Json]:
    """Objects with the keys of a model, and maybe another one."""
    fields = model_fields(cls).declared
    keys = {wire_name(each): values(each.type, depth) for each in fields}
    needed = {key for each in fields if each.default is attrs.NOTHING for key in [wire_name(each)]}
    optional = {key: each for key, each in keys.items() if key not in needed}
    given = st.fixed_dictionaries(
        {key: keys[key] for key in needed}, optional={**optional, "unknown": SCALARS}
    )
    return given | SCALARS


def carried_out(extension: Extension | None) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """What finds readers and writers that are all carried out by one of them."""
    from aiotables.core import structure

    def write(cls: type) -> Any:  # noqa: ANN401  # a function
        return (
            (lambda raw: raw.raw)
            if cls is UnknownVariant
            else writer_of(write_plan(cls, model_fields(cls), find_writer), extension)
        )

    def read(type_: TypeExpr) -> Any:  # noqa: ANN401  # a function
        if attrs.has(type_):
            return reader_of(read_plan(type_, model_fields(type_), find_reader), extension)
        return structure._reader(type_, find_reader)

    find_reader, find_writer = memoised(read), memoised(write)
    return find_reader, find_writer


IN_PYTHON = carried_out(None)
IN_C = carried_out(load({}))


def outcome(function: Callable[[Any], Any], value: object) -> tuple[str, object]:
    """What came of a call: what it gave, every class in it included, or that it refused."""
    try:
        result = function(value)
    except WRONG_VALUE:
        return "refused", None
    return repr(result), result


def document(written: Json) -> bytes:
    """What orjson makes of what was written; of what is left to others, only what it is."""
    return orjson.dumps(written, repr, orjson.OPT_PASSTHROUGH_DATETIME)


@settings(max_examples=400)
@given(data=st.data())
def test_both_read_and_write_the_same(data: st.DataObject) -> None:
    """Whatever comes for a model of either service, C and Python read and write it alike, or refuse it."""
    cls = data.draw(st.sampled_from(MODELS))
    value = data.draw(objects(cls, 2))
    expected, model = outcome(IN_PYTHON[0](cls), value)

    assert expected == outcome(IN_C[0](cls), value)[0]
    if model is not None:
        assert document(IN_PYTHON[1](cls)(model)) == document(IN_C[1](cls)(model))


# What only C could do wrong


@pytest.fixture
def compiled() -> Extension:
    """The compiled module."""
    return load({}) or pytest.skip("the C module was not compiled")


PLAN = read_plan(Thing, model_fields(Thing), readers())


def with_field(**change: Any) -> dict[str, Any]:  # noqa: ANN401  # what is wrong about it
    """A change of the plan to read: it has one field, and that is another one."""
    return {"fields": (PLAN.fields[0]._replace(**change),)}


def with_value(**change: Any) -> dict[str, Any]:  # noqa: ANN401  # the same
    """A change of the plan to read: its field has another value."""
    return with_field(value=PLAN.fields[0].value._replace(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"cls": "Thing"},
        {"fields": [*PLAN.fields]},
        {"fields": ("name",)},
        {"fields": (("name",),)},
        {"kept": 3},
        with_field(key=b"name"),
        with_value(sort=CLASSES, detail=[str]),
        with_value(sort=TAGGED, detail=None),
        with_value(sort="str"),
    ],
)
def test_other_plans_to_read_are_refused(compiled: Extension, change: dict[str, Any]) -> None:
    """What is no plan is told at once, and does not end the process later."""
    with pytest.raises(TypeError):
        compiled.ModelReader(*PLAN._replace(**change))


WRITE_PLAN = write_plan(Thing, model_fields(Thing), readers())


def with_written(**change: Any) -> dict[str, Any]:  # noqa: ANN401  # the same
    """A change of the plan to write: it has one field, and that is another one."""
    return {"fields": (WRITE_PLAN.fields[0]._replace(**change),)}


@pytest.mark.parametrize(
    "change",
    [
        {"cls": None},
        {"fields": None},
        {"fields": ("name",)},
        {"kept": 3},
        with_written(name=None),
        with_written(value=({}, [], 1)),
        with_written(value=(None, None, 1)),
    ],
)
def test_other_plans_to_write_are_refused(compiled: Extension, change: dict[str, Any]) -> None:
    """The same of writing."""
    with pytest.raises(TypeError):
        compiled.ModelWriter(*WRITE_PLAN._replace(**change))


@pytest.mark.parametrize(("args", "names"), [((), {}), (({}, {}), {}), (({},), {"more": 1})])
def test_there_is_one_argument(
    compiled: Extension, args: tuple[object, ...], names: dict[str, object]
) -> None:
    """Called otherwise, both say so."""
    for function in (compiled.ModelReader(*PLAN), compiled.ModelWriter(*WRITE_PLAN)):
        with pytest.raises(TypeError, match="one argument"):
            cast("Any", function)(*args, **names)


def test_only_instances_of_the_class_are_written(compiled: Extension) -> None:
    """An instance of another class has other slots; one of a subclass has the same and more."""

    @define
    class More(Thing):
        more: int = 3

    write = compiled.ModelWriter(*WRITE_PLAN)

    assert {"name": "it", "parts": []} == write(More("it"))
    with pytest.raises(TypeError):
        write(Frozen("it"))


def test_classes_without_slots_are_read_and_written(extension: Extension | None) -> None:
    """A class that keeps its fields in a dict is as good."""

    @define(slots=False)
    class Loose:
        name: str
        more: dict[str, Any] = field(factory=dict, metadata={"additional": True})

    loose = reader_of(read_plan(Loose, model_fields(Loose), readers()), extension)({"name": "it", "x": 1})

    assert Loose("it", {"x": 1}) == loose
    assert {"x": 1, "name": "it"} == writer_of(write_plan(Loose, model_fields(Loose), readers()), extension)(
        loose
    )


def test_a_field_that_was_deleted_is_missed(extension: Extension | None) -> None:
    """An instance without one of its fields cannot be written."""
    thing = Thing("it")
    del thing.name

    with pytest.raises(AttributeError, match="name"):
        writer_of(WRITE_PLAN, extension)(thing)


def test_a_class_that_makes_others_is_refused(compiled: Extension) -> None:
    """Only instances of the class are filled."""

    class Other:
        __slots__ = ("name", "parts")

        def __new__(cls) -> Any:  # noqa: ANN401  # another class, which is the point
            return object()

    with pytest.raises(TypeError, match="another class"):
        compiled.ModelReader(*PLAN._replace(cls=Other))({"name": "it"})


def plan_that_reads(read: Callable[[Json], Json], *, is_list: bool) -> ReadPlan:
    """A plan whose fields are left to a function."""
    first, second = PLAN.fields
    value = first.value._replace(sort=CALL, read=read, is_list=is_list)
    return PLAN._replace(fields=(first._replace(value=value), second))


def test_a_list_that_gets_shorter_is_told(compiled: Extension) -> None:
    """What is called for an item may do anything to the list, and nothing that is gone is read."""
    items = [1, 2, 3]
    read = compiled.ModelReader(*plan_that_reads(lambda _: items.clear(), is_list=True))

    with pytest.raises(RuntimeError, match="shorter"):
        read({"name": items})


def test_an_object_that_is_emptied_is_read(compiled: Extension) -> None:
    """The same of an object: what is gone is absent."""
    value = {"name": "it", "parts": ["a"]}

    def empty(each: str) -> str:
        value.clear()
        return each

    assert Thing("it") == compiled.ModelReader(*plan_that_reads(empty, is_list=False))(value)


def test_a_list_that_gets_shorter_is_written(compiled: Extension) -> None:
    """What is written of a list is what was there."""
    thing = Thing("it", ["a", "b", "c"])
    plan = WRITE_PLAN.fields[1]._replace(value=ValuePlan({}, {str: lambda _: thing.parts.clear()}))
    write = compiled.ModelWriter(*WRITE_PLAN._replace(fields=(plan,)))

    assert {"parts": [None]} == write(thing)


def test_errors_on_the_way_reach_the_caller(compiled: Extension) -> None:
    """What a function of Python raises is raised, wherever it was called."""

    def fail(_: object) -> Json:
        message = "as it must"
        raise LookupError(message)

    writing = WRITE_PLAN.fields[1]._replace(value=ValuePlan({list: fail}, None))
    made = PLAN.fields[1]._replace(absent=lambda: fail(None))
    for function, value in (
        (compiled.ModelReader(*plan_that_reads(fail, is_list=True)), {"name": [1]}),
        (compiled.ModelReader(*plan_that_reads(fail, is_list=False)), {"name": 1}),
        (compiled.ModelReader(*PLAN._replace(fields=(made,))), {}),
        (compiled.ModelReader(*PLAN._replace(kept="parts", rest=fail)), {"name": "it", "x": 1}),
        (compiled.ModelWriter(*WRITE_PLAN._replace(fields=(writing,))), Thing("it")),
    ):
        with pytest.raises(LookupError, match="as it must"):
            function(value)


@define
class Chain:
    """A model that refers to itself."""

    next: "Chain | None" = field(default=None, metadata={"null": True})


attrs.resolve_types(Chain, globals())


def test_depth_is_bounded(compiled: Extension) -> None:
    """What is nested too deeply raises what Python raises, and does not end the process."""
    find_reader, find_writer = carried_out(compiled)
    value: dict[str, Any] = {}
    chain = Chain()
    for _ in range(50_000):
        value, chain = {"next": value}, Chain(chain)

    with pytest.raises(RecursionError):
        find_reader(Chain)(value)
    with pytest.raises(RecursionError):
        find_writer(Chain)(chain)
    while value and chain.next:  # else to give them up goes as deep
        value, chain = value["next"], chain.next


def test_nothing_is_left_behind(compiled: Extension) -> None:
    """However often values are read, refused and written, and readers made, memory does not grow."""
    document = {"name": "it", "parts": ["a"], "x": 1}
    moment = datetime(2026, 6, 2, tzinfo=UTC)

    @define(kw_only=True)
    class Whole:
        name: str
        parts: list[str] = field(factory=list)
        inner: Thing | None = None
        inners: list[Thing] = field(factory=list)
        made: datetime | None = None
        more: dict[str, Any] = field(factory=dict, metadata={"additional": True})

    def work() -> None:
        find_reader, find_writer = carried_out(compiled)
        read, write = find_reader(Whole), find_writer(Whole)
        value = {
            **document,
            "inner": document,
            "inners": [document],
            "made": moment.isoformat().replace("+00:00", "Z"),
        }
        for _ in range(200):
            assert isinstance(write(read(value)), dict)
            for wrong in (
                {},
                {**value, "parts": [1]},
                {**value, "inners": [document, {}]},
                {**value, "made": "x"},
                3,
            ):
                assert "refused" == outcome(read, wrong)[0]
            with pytest.raises(TypeError):
                write(3)
            with pytest.raises(TypeError):
                compiled.ModelReader(*PLAN._replace(**with_value(sort="x")))

    def grown() -> int:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        work()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before

    work()
    tracemalloc.start()
    try:
        # The first time fills what Python keeps for later.
        least = min(grown() for _ in range(4))
    finally:
        tracemalloc.stop()

    assert least < 20_000


class Watched(dict[str, str]):
    """A dict whose end can be seen."""


def test_cycles_are_collected(compiled: Extension) -> None:
    """A reader that refers to itself, as that of a model which holds its own kind does, goes with who needs it last."""
    table = Watched(a="b")
    seen = weakref.ref(table)
    value = PLAN.fields[0].value._replace(sort=TABLE, detail=table)
    cycle: list[object] = []
    plan = PLAN._replace(fields=(PLAN.fields[0]._replace(value=value),), rest=partial(zip, cycle))
    cycle.append(compiled.ModelReader(*plan))
    assert "b" == compiled.ModelReader(*plan)({"name": "a"}).name

    del table, value, cycle, plan
    gc.collect()

    assert seen() is None
