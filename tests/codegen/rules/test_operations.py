"""What every operation tells."""

from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments

FILE = "paths/things.yaml"
POST = ("thing", "post")
BODY = (*POST, "requestBody", "content", "application/json")
SUCCESS = (*POST, "responses", "200", "content", "application/json")
BYTES = "application/octet-stream"
BINARY = {"type": "string", "format": "binary"}
ONLY_JSON = f"bodies are application/json, and successes may be {BYTES}"


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("operationId", ".operationId: None is not an operationId such as create_table"),
        ("summary", ": needs summary, in words"),
        ("description", ": needs description, in words"),
        ("tags", ": needs one tag, of those that the root describes"),
        ("x-source", ": needs x-source, in words"),
        ("x-evidence", ": needs x-evidence, one of documented, example, inferred"),
        ("x-effect", ": needs x-effect, one of read, replace, create, start"),
    ],
)
def test_needed(fragments: "Fragments", key: str, message: str) -> None:
    """An operation has a name, a tag, words, a source, an evidence and an effect."""
    fragments.drop(FILE, *POST, key)

    assert [f"{FILE}: thing.post{message}"] == fragments.problems()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "operationId",
            "createThing",
            ".operationId: 'createThing' is not an operationId such as create_table",
        ),
        ("tags", ["things", "more"], ": needs one tag, of those that the root describes"),
        ("tags", ["others"], ": needs one tag, of those that the root describes"),
        ("x-evidence", "sure", ": needs x-evidence, one of documented, example, inferred"),
        ("x-evidence", ["documented"], ": needs x-evidence, one of documented, example, inferred"),
        ("x-effect", "delete", ": needs x-effect, one of read, replace, create, start"),
        ("x-nothing-done", 503, ".x-nothing-done: must be a list of HTTP statuses"),
        ("x-nothing-done", ["503"], ".x-nothing-done: must be a list of HTTP statuses"),
        ("x-gone-is-done", "yes", ".x-gone-is-done: is true, or left out"),
        ("x-nothing-done", [503], ".x-nothing-done: names 503, which no response describes"),
        ("x-gone-is-done", True, ".x-gone-is-done: is for DELETE only"),
        ("x-no-example", "Cut.", ": has an example, and x-no-example"),
    ],
)
def test_wrong(fragments: "Fragments", key: str, value: object, message: str) -> None:
    """What an operation tells has the form that descriptors need."""
    fragments.put(FILE, *POST, key, value=value)

    assert [f"{FILE}: thing.post{message}"] == fragments.problems()


def test_nothing_done(fragments: "Fragments") -> None:
    """A status that means that nothing was done is one of those that are described."""
    fragments.put(FILE, *POST, "x-nothing-done", value=[503])
    fragments.put(FILE, *POST, "responses", "503", value={"$ref": "../responses.yaml#/Error"})

    assert [] == fragments.problems()


def test_gone_is_done(fragments: "Fragments") -> None:
    """A DELETE may say that what is gone is done."""
    fragments.put(FILE, *POST, "x-gone-is-done", value=True)
    fragments.put(FILE, "thing", "delete", value=fragments.files[FILE]["thing"].pop("post"))

    assert [] == fragments.problems()


@pytest.mark.parametrize(("problems", "why"), [([], "Cut."), (["needs x-no-example, in words"], "")])
def test_reason_for_no_example(fragments: "Fragments", problems: list[str], why: str) -> None:
    """An operation without an example says why, in words."""
    fragments.drop(FILE, *BODY, "examples")
    fragments.put(FILE, *POST, "x-no-example", value=why)

    assert [f"{FILE}: thing.post: {problem}" for problem in problems] == fragments.problems()


def test_get_reads(fragments: "Fragments") -> None:
    """A GET that would create is a mistake."""
    fragments.put(FILE, "thing", "get", value=fragments.files[FILE]["thing"].pop("post"))
    fragments.drop(FILE, "thing", "get", "requestBody")
    fragments.put(FILE, "thing", "get", "x-no-example", value="None.")
    fragments.drop("openapi.yaml", "components", "schemas", "ThingCreate")
    fragments.drop("schemas/things.yaml", "ThingCreate")
    fragments.put("schemas/things.yaml", "Thing", "allOf", 0, "$ref", value="#/Fault")
    for name in ("Shape", "Round", "Square"):
        fragments.drop("openapi.yaml", "components", "schemas", name)
    fragments.files.pop("schemas/shapes.yaml")

    assert [f"{FILE}: thing.get: a GET has the x-effect read"] == fragments.problems()


def test_no_error_response(fragments: "Fragments") -> None:
    """An operation says how it fails."""
    fragments.drop(FILE, *POST, "responses", "default")
    fragments.drop("openapi.yaml", "components", "responses")
    fragments.files.pop("responses.yaml")

    assert [f"{FILE}: thing.post: needs an error response"] == fragments.problems()


def test_no_success_response(fragments: "Fragments") -> None:
    """An operation says what it answers with."""
    fragments.put(
        FILE, *POST, "responses", "404", value=fragments.files[FILE]["thing"]["post"]["responses"].pop("200")
    )

    assert [f"{FILE}: thing.post: needs a success response"] == fragments.problems()


def test_no_example(fragments: "Fragments") -> None:
    """An operation shows an example, or says why it does not."""
    fragments.drop(FILE, *BODY, "examples")

    assert [f"{FILE}: thing.post: needs an example, or x-no-example with the reason"] == fragments.problems()


def test_example_of_the_answer(fragments: "Fragments") -> None:
    """An example of the answer is one, too."""
    example = {"summary": "A thing.", "value": {"name": "it", "made_at": "2026-01-01T00:00:00Z"}}
    fragments.drop(FILE, *BODY, "examples")
    fragments.put(FILE, *SUCCESS, "examples", value={"basic": example})

    assert [] == fragments.problems()


def test_example_of_an_error_alone(fragments: "Fragments") -> None:
    """An example of an error does not show the operation."""
    examples = fragments.files[FILE]["thing"]["post"]["requestBody"]["content"]["application/json"].pop(
        "examples"
    )
    fragments.put("responses.yaml", "Error", "content", "application/json", "examples", value=examples)

    assert [f"{FILE}: thing.post: needs an example, or x-no-example with the reason"] == fragments.problems()


def test_answer_without_a_body(fragments: "Fragments") -> None:
    """A success may have no body."""
    fragments.drop(FILE, *POST, "responses", "200", "content")
    fragments.put(FILE, *POST, "responses", "200", "content", value={})
    fragments.drop("openapi.yaml", "components", "schemas", "Thing")
    fragments.drop("schemas/things.yaml", "Thing")

    assert [] == fragments.problems()


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("description", "needs description, in words"),
        ("x-source", "needs x-source, in words"),
        ("x-evidence", "needs x-evidence, one of documented, example, inferred"),
    ],
)
def test_parameter(fragments: "Fragments", key: str, message: str) -> None:
    """A parameter says what it is and where that is from."""
    fragments.drop("parameters.yaml", "ThingId", key)

    assert [f"parameters.yaml: ThingId: {message}"] == fragments.problems()


def test_cookie(fragments: "Fragments") -> None:
    """Cookies are not sent."""
    cookie = {**fragments.files["parameters.yaml"]["ThingId"], "in": "cookie", "name": "c", "required": False}
    fragments.files[FILE]["thing"]["post"]["parameters"].append(cookie)

    assert [f"{FILE}: thing.post.parameters.1: needs in, one of path, query, header"] == fragments.problems()


def answer_with(fragments: "Fragments", media_type: dict[str, object]) -> None:
    """Let the operation answer with bytes, described by *media_type*."""
    fragments.put(FILE, *SUCCESS[:-1], value={BYTES: media_type})
    fragments.drop("openapi.yaml", "components", "schemas", "Thing")
    fragments.drop("schemas/things.yaml", "Thing")


@pytest.mark.parametrize("other", ["text/plain", BYTES])
def test_other_media_type(fragments: "Fragments", other: str) -> None:
    """Bodies are JSON."""
    content = fragments.files["responses.yaml"]["Error"]["content"]
    content[other] = content.pop("application/json")

    assert [f"responses.yaml: Error.content.{other}: {ONLY_JSON}"] == fragments.problems()


def test_answer_of_bytes(fragments: "Fragments") -> None:
    """A success may be bytes, even where answers have an envelope."""
    fragments.put("openapi.yaml", "x-envelope", value="detail")
    answer_with(fragments, {"schema": BINARY})

    assert [] == fragments.problems()


def test_body_of_bytes(fragments: "Fragments") -> None:
    """Bytes are answered, not sent."""
    fragments.put(FILE, *BODY[:-1], value={BYTES: {"schema": BINARY}})
    fragments.put(FILE, *POST, "x-no-example", value="Bytes.")
    fragments.drop("openapi.yaml", "components", "schemas", "ThingCreate")
    fragments.drop("schemas/things.yaml", "ThingCreate")
    fragments.put("schemas/things.yaml", "Thing", "allOf", 0, "$ref", value="#/Fault")
    for name in ("Shape", "Round", "Square"):
        fragments.drop("openapi.yaml", "components", "schemas", name)
    fragments.files.pop("schemas/shapes.yaml")

    assert [f"{FILE}: {'.'.join(BODY[:-1])}.{BYTES}: {ONLY_JSON}"] == fragments.problems()


@pytest.mark.parametrize(
    ("media_type", "message"),
    [
        ({"schema": {"type": "string"}}, "holds bytes: its schema is a string of the format binary"),
        ({"schema": {}}, "holds bytes: its schema is a string of the format binary"),
        (
            {"schema": BINARY, "examples": {"basic": {"summary": "One.", "value": "x"}}},
            "holds bytes, which have no example in JSON",
        ),
    ],
)
def test_answer_of_bytes_in_the_wrong_form(
    fragments: "Fragments", media_type: dict[str, object], message: str
) -> None:
    """Bytes are described as such, and are not shown."""
    answer_with(fragments, media_type)

    assert [f"{FILE}: {'.'.join(SUCCESS[:-1])}.{BYTES}: {message}"] == fragments.problems()


def test_media_type_without_schema(fragments: "Fragments") -> None:
    """A body has a schema."""
    fragments.put("responses.yaml", "Error", "content", "application/json", value={})

    assert ["responses.yaml: Error.content.application/json: needs a schema"] == fragments.problems()


@pytest.mark.parametrize("cut", ["", {"ok": True}])
def test_cut_example(fragments: "Fragments", cut: object) -> None:
    """What is left of a cut example is kept as text, since it is no JSON."""
    fragments.put(FILE, *BODY, "x-cut-example", value=cut)

    assert f"{FILE}: {'.'.join(BODY)}: needs x-cut-example, in words" in fragments.problems()


def test_cut_example_that_is_whole(fragments: "Fragments") -> None:
    """What can be read as JSON is an example, and is checked like one."""
    fragments.put(FILE, *BODY, "x-cut-example", value='{"name": "it"}')

    assert [
        f"{FILE}: {'.'.join(BODY)}: has an x-cut-example that is whole: move it to the examples"
    ] == fragments.problems()


def test_cut_example_that_is_cut(fragments: "Fragments") -> None:
    """What there is of an example may stand there, whatever it is."""
    fragments.put(FILE, *BODY, "x-cut-example", value='{"name": "i')

    assert [] == fragments.problems()


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "../schemas/things.yaml#/Thing"},
        {"allOf": [{"$ref": "../schemas/things.yaml#/Fault"}, {"$ref": "../schemas/things.yaml#/Thing"}]},
        {
            "allOf": [
                {"$ref": "../schemas/things.yaml#/Fault"},
                {"type": "object", "properties": {"other": {"$ref": "../schemas/things.yaml#/Thing"}}},
            ]
        },
    ],
)
def test_envelope_is_missing(fragments: "Fragments", schema: object) -> None:
    """With an envelope, every success is the envelope, narrowed to the payload."""
    fragments.put("openapi.yaml", "x-envelope", value="detail")
    fragments.put(FILE, *SUCCESS, "schema", value=schema)

    assert (
        f"{FILE}: {'.'.join(SUCCESS)}: must be the envelope and the type of its detail, in one allOf"
    ) in fragments.problems()


def test_envelope(fragments: "Fragments") -> None:
    """An envelope with the type of its payload is what is asked for."""
    fragments.put("openapi.yaml", "x-envelope", value="detail")
    payload = {"type": "object", "properties": {"detail": {"$ref": "../schemas/things.yaml#/Thing"}}}
    fragments.put(
        FILE, *SUCCESS, "schema", value={"allOf": [{"$ref": "../schemas/things.yaml#/Fault"}, payload]}
    )

    assert [] == fragments.problems()
