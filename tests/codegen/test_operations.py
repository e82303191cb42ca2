"""Descriptors made of fragments, imported and looked at."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_origin

import pytest

import aiotables
from aiotables.core.operations import Effect, Operation, Parameter
from codegen.bundle import bundle
from codegen.generated import generated_files, write
from codegen.operations import sent_schemas
from codegen.spec import SpecError


PATHS = "paths/things.yaml"
POST = ("thing", "post")
OK = (*POST, "responses", "200")
JSON = "application/json"
SCHEMA = ("content", JSON, "schema")

Make = Callable[[], ModuleType]


@pytest.fixture
def make(fragments: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:  # noqa: ANN401
    """Generate the code of the fragments into a package beside the real services, and import its operations."""
    package = tmp_path / "package"
    monkeypatch.setattr(aiotables, "__path__", [*aiotables.__path__, str(package)])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def import_operations() -> ModuleType:
        write(generated_files(fragments.write()), package / "things" / "_generated")
        importlib.invalidate_caches()
        return importlib.import_module("aiotables.things._generated.operations")

    yield import_operations
    for name in [name for name in sys.modules if name.startswith("aiotables.things")]:
        del sys.modules[name]
    aiotables.__dict__.pop("things", None)


def test_descriptor_has_the_facts_of_the_fragment(make: Make) -> None:
    """An operation is told whole, types included."""
    operations = make()
    models = operations.models

    expected = Operation(
        name="things.create_thing",
        method="POST",
        path="/things/{thing_id}",
        effect=Effect.CREATE,
        body=models.ThingCreate,
        body_required=True,
        result=models.Thing,
        parameters=(Parameter(name="thing_id", location="path", required=True),),
        source="reference/create-thing",
        evidence="documented",
    )

    assert expected == operations.CREATE_THING
    assert (expected,) == operations.OPERATIONS
    assert ["CREATE_THING", "OPERATIONS"] == operations.__all__


def test_optional_facts_are_told(fragments: Any, make: Make) -> None:  # noqa: ANN401
    """What few operations have is there when the fragment has it."""
    fragments.put(PATHS, *POST, "x-nothing-done", value=[503, 409])
    fragments.put(PATHS, *POST, "x-gone-is-done", value=True)
    fragments.put(PATHS, *POST, "x-effect", value="replace")
    fragments.put(PATHS, *POST, "requestBody", "required", value=False)
    header = {"name": "X-Key", "in": "header", "schema": {"type": "string"}}
    fragments.put(PATHS, *POST, "parameters", value=[{"$ref": "../parameters.yaml#/ThingId"}, header])

    operation = make().CREATE_THING

    assert frozenset({409, 503}) == operation.nothing_done
    assert operation.gone_is_done
    assert Effect.REPLACE is operation.effect
    assert not operation.body_required
    assert Parameter(name="X-Key", location="header") == operation.parameters[1]


def test_summary_and_description_are_the_docstring(make: Make) -> None:
    """An editor shows what the operation is for."""
    source = Path(str(make().__file__)).read_text(encoding="utf-8")

    assert '"""\nCreate a thing.\n\nMakes a thing.\n"""' in source


def test_operation_without_a_body(fragments: Any, make: Make) -> None:  # noqa: ANN401
    """An operation that sends nothing has no body type."""
    fragments.drop(PATHS, *POST, "requestBody")

    assert make().CREATE_THING.body is None


def test_operation_without_an_answer(fragments: Any, make: Make) -> None:  # noqa: ANN401
    """An operation that answers with nothing has None as its result."""
    fragments.drop(PATHS, *OK, "content")

    assert type(None) is make().CREATE_THING.result


@pytest.mark.parametrize(
    ("expected", "schema"),
    [
        (list[str], {"type": "array", "items": {"type": "string"}}),
        (list[list[int]], {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
    ],
)
def test_results_that_need_no_class(fragments: Any, make: Make, expected: Any, schema: Any) -> None:  # noqa: ANN401
    """Scalars and arrays are themselves."""
    fragments.put(PATHS, *OK, *SCHEMA, value=schema)

    assert expected == make().CREATE_THING.result


def test_union_is_a_body(fragments: Any, make: Make) -> None:  # noqa: ANN401
    """A body may be one of several classes, which are told one by one at run time."""
    fragments.put(PATHS, *POST, "requestBody", *SCHEMA, value={"$ref": "../schemas/shapes.yaml#/Shape"})
    operations = make()

    assert operations.models.Shape == operations.CREATE_THING.body


def test_answer_of_bytes(fragments: Any, make: Make) -> None:  # noqa: ANN401
    """What is no JSON is bytes, even where answers have an envelope."""
    fragments.put("openapi.yaml", "x-envelope", value="data")
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    fragments.put(PATHS, *OK, "content", value=content)

    assert bytes is make().CREATE_THING.result


def test_answer_of_bytes_or_json_is_an_error(fragments: Any, make: Make) -> None:  # noqa: ANN401
    """An answer of two kinds has no one type."""
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    fragments.put(PATHS, *POST, "responses", "201", value={"description": "Bytes.", "content": content})

    with pytest.raises(SpecError, match="the successes do not answer with one type"):
        make()


def test_list_of_models(fragments: Any, make: Make) -> None:  # noqa: ANN401
    """An array of a named schema is a list of its class."""
    ref = {"$ref": "../schemas/things.yaml#/Thing"}
    fragments.put(PATHS, *OK, *SCHEMA, value={"type": "array", "items": ref})
    operations = make()

    assert list is get_origin(operations.CREATE_THING.result)
    assert (operations.models.Thing,) == get_args(operations.CREATE_THING.result)


def envelope(payload: dict[str, Any]) -> dict[str, Any]:
    """A media type's schema in which the envelope's data is *payload*."""
    data = {"type": "object", "properties": {"data": payload}}
    return {"allOf": [{"$ref": "../schemas/things.yaml#/Fault"}, data]}


def test_result_is_what_the_envelope_holds(fragments: Any, make: Make) -> None:  # noqa: ANN401
    """Where the service wraps its answers, the result is the type of what is inside."""
    fragments.put("openapi.yaml", "x-envelope", value="data")
    fragments.put(PATHS, *OK, *SCHEMA, value=envelope({"$ref": "../schemas/things.yaml#/Thing"}))
    operations = make()

    assert operations.models.Thing is operations.CREATE_THING.result


def test_refs_to_whole_answers_are_followed(fragments: Any, make: Make) -> None:  # noqa: ANN401
    """An answer that several operations share is looked up."""
    fragments.put(PATHS, *POST, "responses", value={"2XX": {"$ref": "../responses.yaml#/Error"}})
    operations = make()

    assert operations.models.Fault is operations.CREATE_THING.result


@pytest.mark.parametrize(
    ("message", "path", "value"),
    [
        ("operationId is no name for a constant", ("operationId",), "x = print('owned')\ny"),
        ("operationId is no name for a constant", ("operationId",), "1st"),
        ("x-effect is none of", ("x-effect",), "READ)\nprint('owned'"),
        ("the successes do not answer with one type", ("responses",), {"404": {"description": "No."}}),
        (
            "the successes do not answer with one type",
            ("responses",),
            {"200": {"$ref": "../responses.yaml#/Error"}, "204": {"description": "Nothing."}},
        ),
        (f"only {JSON} is known", ("requestBody", "content"), {"text/csv": {"schema": {"type": "string"}}}),
        ("a body is a named schema", ("requestBody", *SCHEMA), {"type": "object", "properties": {}}),
        ("a body is a named schema", ("requestBody", *SCHEMA), {}),
    ],
)
def test_shape_that_no_descriptor_can_tell_is_an_error(
    fragments: Any,  # noqa: ANN401
    make: Make,
    message: str,
    path: tuple[str, ...],
    value: object,
) -> None:
    """What the generator does not understand is told with its file, and nothing is made of it."""
    fragments.put(PATHS, *POST, *path, value=value)

    with pytest.raises(SpecError, match=rf"things\.yaml:\d+: .*{message}"):
        make()


def test_envelope_that_is_not_narrowed_is_an_error(fragments: Any, make: Make) -> None:  # noqa: ANN401
    """An operation that does not say what the envelope holds would have a result of anything."""
    fragments.put("openapi.yaml", "x-envelope", value="result")
    fragments.put(PATHS, *OK, *SCHEMA, value=envelope({"$ref": "../schemas/things.yaml#/Thing"}))

    with pytest.raises(SpecError, match="needs allOf with 'result'"):
        make()


def test_only_bodies_are_sent(fragments: Any) -> None:  # noqa: ANN401
    """What a request body refers to is sent; what an answer refers to is not."""
    assert {"ThingCreate"} == sent_schemas(bundle(fragments.load()))


HOSTILE = [
    '"""\nimport pathlib; pathlib.Path("owned").touch()\n"""',
    "'+__import__('pathlib').Path('owned').touch()+'",
    "{{ 7*7 }} \\N{BULLET} \\",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_runs_nothing(
    fragments: Any,  # noqa: ANN401
    make: Make,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the texts of an operation say, they stay texts, and are what the descriptor has."""
    for key in ("summary", "description", "x-source", "x-evidence"):
        fragments.put(PATHS, *POST, key, value=text)
    fragments.put("parameters.yaml", "ThingId", "name", value=text)
    fragments.put("openapi.yaml", "paths", value={f"/{text}": {"$ref": f"{PATHS}#/thing"}})
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")

    operation = make().CREATE_THING

    assert [] == list(Path.cwd().iterdir())
    assert [text, text] == [operation.source, operation.evidence]
    assert f"/{text}" == operation.path
    assert text == operation.parameters[0].name
