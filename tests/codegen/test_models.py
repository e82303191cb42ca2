"""Models made of schemas, imported and used."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

from aiotables.core.convert import Converter
from aiotables.core.sentinels import UNSET, StrEnum, UnknownVariant
from codegen.models import _TAKEN, Models, generate_models
from codegen.shapes import PREFIX


Make = Callable[..., ModuleType]

CONVERTER = Converter()


def ref(name: str, description: str = "") -> dict[str, str]:
    """A reference as the bundle has it."""
    return {"$ref": PREFIX + name, **({"description": description} if description else {})}


def thing(*required: str, keeps_unknown: bool = False, **properties: Any) -> dict[str, Any]:  # noqa: ANN401
    """An object schema."""
    kept = {"x-keeps-unknown": True} if keeps_unknown else {}
    return {
        "type": "object",
        "description": "A thing.",
        "required": [*required],
        "properties": properties,
    } | kept


def tagged(tag: str) -> dict[str, Any]:
    """A variant of a union."""
    return thing("kind", kind={"type": "string", "const": tag})


UNION = {
    "Shape": {
        "description": "A form.",
        "oneOf": [ref("Round"), ref("Square")],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"round": PREFIX + "Round", "square": PREFIX + "Square"},
        },
    },
    "Round": tagged("round"),
    "Square": tagged("square"),
}


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Generate models of schemas and import them."""

    def import_models(schemas: dict[str, dict[str, Any]], sent: set[str] | None = None) -> ModuleType:
        file = tmp_path / "generated_models.py"
        models = generate_models("things", schemas, set(schemas) if sent is None else sent)
        file.write_text(models.source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, file.stem, module)
        spec.loader.exec_module(module)
        return module

    return import_models


def test_class_of_a_sent_schema_tells_absent_from_null(make: Make) -> None:
    """What was not given is UNSET and not sent; null is given and sent."""
    models = make({"Thing": thing("name", name={"type": "string"}, note={"type": ["string", "null"]})})

    assert UNSET is models.Thing(name="a").note
    assert {"name": "a"} == CONVERTER.to_wire(models.Thing(name="a"))
    assert {"name": "a", "note": None} == CONVERTER.to_wire(models.Thing(name="a", note=None))


def test_class_of_a_received_schema_is_simpler(make: Make) -> None:
    """What was absent is None; where the service always sends null, None is null and absence does no harm."""
    schema = thing(
        "id", "ends_at", id={"type": "string"}, ends_at={"type": ["string", "null"]}, note={"type": "string"}
    )
    models = make({"Thing": schema}, set())

    assert models.Thing(id="a", ends_at=None, note=None) == CONVERTER.decode({"id": "a"}, models.Thing)
    assert {"id": "a", "ends_at": None} == CONVERTER.to_wire(models.Thing(id="a"))


def test_defaults_of_received_fields_are_kept(make: Make) -> None:
    """A default that the spec states is the default of the class, a mutable one made anew for each."""
    numbers = {"type": "array", "items": {"type": "integer"}, "default": []}
    models = make({"Thing": thing(count={"type": "integer", "default": 3}, numbers=numbers)}, set())

    assert 3 == models.Thing().count
    assert models.Thing().numbers is not models.Thing().numbers


def test_every_field_takes_keywords_only(make: Make) -> None:
    """A field that is added later moves no argument."""
    models = make({"Thing": thing(name={"type": "string"})})

    with pytest.raises(TypeError):
        models.Thing("a")


def test_names_that_are_taken_are_changed_and_sent_as_they_are(make: Make) -> None:
    """A property may be called anything; Python gets another name and JSON gets the right one."""
    names = [*_TAKEN, "from", "class", "@id", "x-y", "_id", "__init__", "None"]
    properties = {name: {"type": "string"} for name in names}
    models = make({"Thing": {"type": "object", "x-keeps-unknown": True, "properties": properties}})
    value = dict.fromkeys(names, "x")

    read = CONVERTER.decode(value, models.Thing)

    assert {} == read.additional
    assert "x" == read.from_
    assert value == CONVERTER.to_wire(read)


def test_unknown_keys_are_kept_where_the_schema_says_so(make: Make) -> None:
    """Of two classes, the one with x-keeps-unknown has a place for other keys."""
    models = make({"Kept": thing(keeps_unknown=True), "Dropped": thing()})

    assert {"a": 1} == CONVERTER.decode({"a": 1}, models.Kept).additional
    assert not hasattr(CONVERTER.decode({"a": 1}, models.Dropped), "additional")


def test_union_by_tag_is_open(make: Make) -> None:
    """The alias of a union takes each variant, whose tag need not be given, and unknown ones."""
    models = make(UNION | {"Holder": thing("shapes", shapes={"type": "array", "items": ref("Shape")})})
    value = {"shapes": [{"kind": "round"}, {"kind": "star"}]}

    read = CONVERTER.decode(value, models.Holder)

    assert [models.Round(), UnknownVariant("star", {"kind": "star"})] == read.shapes
    assert value == CONVERTER.to_wire(read)


def test_variant_may_have_two_tags(make: Make) -> None:
    """A variant that two tags lead to is read from both and written with its own."""
    mapping = {"round": PREFIX + "Round", "disc": PREFIX + "Round", "square": PREFIX + "Square"}
    shape = UNION["Shape"] | {"discriminator": {"propertyName": "kind", "mapping": mapping}}
    models = make({"Shape": shape, "Round": thing(), "Square": thing()})

    assert models.Round(kind="disc") == CONVERTER.decode({"kind": "disc"}, models.Shape)
    assert {"kind": "round"} == CONVERTER.to_wire(models.Round(kind="round"))


def test_warning_of_the_generator_fails_the_step() -> None:
    """What the generator only warns of, such as a format that it does not know, is an error."""
    with pytest.raises(UserWarning, match="colour"):
        generate_models("things", {"Thing": thing(tint={"type": "string", "format": "colour"})}, set())


def test_enum_is_open(make: Make) -> None:
    """An enum has the listed members, under given names where there are any, and takes other values."""
    schema = {"type": "string", "enum": ["-name", "name"], "x-enum-varnames": ["LAST_FIRST", "FIRST_FIRST"]}
    models = make({"Order": schema})

    assert "-name" == models.Order.LAST_FIRST
    assert models.Order("size").is_unknown
    assert issubclass(models.Order, StrEnum)


def test_flags_are_int_bools(make: Make) -> None:
    """The schema IntBool is no class of its own."""
    flag = {"type": "integer", "enum": [0, 1]}
    models = make({"IntBool": flag, "Thing": thing("on", on=ref("IntBool"), off=ref("IntBool"))})

    assert {"on": 1, "off": 0} == CONVERTER.to_wire(models.Thing(on=True, off=False))
    assert "IntBool" not in models.__all__


def test_all_of_is_inheritance(make: Make) -> None:
    """A schema that adds to another one is a class that does."""
    more = {
        "allOf": [ref("Base"), {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}}]
    }
    models = make({"Base": thing("a", a={"type": "string"}), "More": more})

    assert issubclass(models.More, models.Base)
    assert models.More(a="1", b="2") == CONVERTER.decode({"a": "1", "b": "2"}, models.More)


def test_secrets_are_not_printed(make: Make) -> None:
    """The repr of a model does not have its password."""
    models = make({"User": thing("password", password={"type": "string", "format": "password"})})

    assert "hunter2" not in repr(models.User(password="hunter2"))


def test_free_form_objects_are_dicts(make: Make) -> None:
    """An object without known keys is a dict, and {} is anything."""
    free = {"type": "object", "additionalProperties": {}}
    models = make({"Thing": thing("free", "any", free=free, any={"description": "Anything."})})

    assert dict[str, Any] == attrs.fields(models.Thing).free.type
    assert Any is attrs.fields(models.Thing).any.type


def test_any_json_is_taken_as_it_is(make: Make) -> None:
    """What a schema says of the form of any JSON makes no class, but what it refers to has one."""
    filters = {
        "description": "Rows.",
        "x-any-json": True,
        "type": ["object", "array"],
        "additionalProperties": {},
        "items": ref("Condition"),
    }
    models = make({"Filters": filters, "Condition": thing(), "Query": thing("where", where=ref("Filters"))})

    assert Any is models.Filters
    assert {"where": [{}, 1]} == CONVERTER.to_wire(models.Query(where=[models.Condition(), 1]))


def test_descriptions_are_docstrings(make: Make) -> None:
    """What a schema says of itself is in the class's docstring, and of its fields in the source."""
    models = make({"Thing": thing(name={"type": "string", "description": "What it is called."})})

    assert "A thing." == models.Thing.__doc__
    assert '"""What it is called."""' in Path(str(models.__file__)).read_text(encoding="utf-8")


def test_class_names_are_told_by_schema() -> None:
    """Who writes operations need not guess what a schema's class is called."""
    models = generate_models("things", {"Thing": thing(), "Kind": {"type": "string", "enum": ["a"]}}, set())

    assert {"Thing": "Thing", "Kind": "Kind", "IntBool": "IntBool"} == models.class_names


def test_what_is_imported_is_little(make: Make) -> None:
    """Models need typing, datetime, the classes and the sentinels, nothing else."""
    made = {"type": "string", "format": "date-time"}
    models = make(UNION | {"Thing": thing(keeps_unknown=True, made=made, shape=ref("Shape"))})
    lines = Path(str(models.__file__)).read_text(encoding="utf-8").splitlines()

    imports = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}

    assert {"typing", "datetime", "aiotables.core.classes", "aiotables.core.sentinels"} == imports


HOSTILE = [
    '"""\nimport pathlib; pathlib.Path("owned").touch()\n"""',
    "'+__import__('pathlib').Path('owned').touch()+'",
    '{{ ().__class__ }}{% raw %}{% include "docstring.jinja2" %}',
    "\\",
    "\\N{BULLET} \\x41",
    'ends with "',
    "a\x00b",
    "\u202eevil",
    "\n",
    "x\u2028y",
    "'''",
]


@pytest.fixture
def hostile(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Models of schemas with each hostile text wherever a text may be, imported in an empty folder."""
    schemas: dict[str, dict[str, Any]] = {}
    for index, text in enumerate(HOSTILE):
        words = {"description": text}
        schemas[f"Enum{index}"] = {"type": "string", "enum": [text, "plain"], **words}
        schemas[f"Alias{index}"] = {"type": ["string", "integer"], **words}
        schemas[f"Class{index}"] = words | {
            "type": "object",
            "required": ["kind"],
            "properties": {
                "kind": {"type": "string", "const": text, **words},
                text: {"type": "string", **words},
                "word": {"type": "string", "default": text},
            },
        }
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    return make(schemas, set())


def test_hostile_text_runs_nothing(hostile: ModuleType) -> None:
    """Whatever the texts of a spec say, generating and importing its models does nothing else."""
    assert [] == list(Path.cwd().iterdir())
    assert 3 * len(HOSTILE) == len(hostile.__all__)


def test_hostile_text_is_kept(hostile: ModuleType) -> None:
    """Constants, defaults, enum values and names in JSON are exactly what the spec says."""
    for index, text in enumerate(HOSTILE):
        read = CONVERTER.decode({"kind": text, text: "value"}, getattr(hostile, f"Class{index}"))

        assert {"kind": text, text: "value", "word": text} == CONVERTER.to_wire(read)
        assert [text, "plain"] == [each.value for each in getattr(hostile, f"Enum{index}")]


def test_models_are_the_same_each_time() -> None:
    """The same schemas give the same bytes, whatever came before."""

    def generated() -> Models:
        return generate_models("things", UNION, {"Shape"})

    assert generated() == generated()
