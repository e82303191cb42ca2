"""What every operation tells."""

from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments

FILE = "paths/things.yaml"
POST = ("thing", "post")
BODY = (*POST, "requestBody", "content", "application/json")
SUCCESS = (*POST, "responses", "200", "content", "application/json")


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
        ("x-no-example", "", ": needs x-no-example, in words"),
    ],
)
def test_wrong(fragments: "Fragments", key: str, value: object, message: str) -> None:
    """What an operation tells has the form that descriptors need."""
    fragments.put(FILE, *POST, key, value=value)

    assert [f"{FILE}: thing.post{message}"] == fragments.problems()


@pytest.mark.parametrize(
    ("key", "value"), [("x-nothing-done", [503]), ("x-gone-is-done", True), ("x-no-example", "Cut.")]
)
def test_right(fragments: "Fragments", key: str, value: object) -> None:
    """What may be told besides."""
    fragments.put(FILE, *POST, key, value=value)

    assert [] == fragments.problems()


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
    fragments.put(
        FILE,
        *SUCCESS,
        "examples",
        value=fragments.files[FILE]["thing"]["post"]["requestBody"]["content"]["application/json"].pop(
            "examples"
        ),
    )

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


def test_other_media_type(fragments: "Fragments") -> None:
    """Bodies are JSON."""
    content = fragments.files["responses.yaml"]["Error"]["content"]
    content["text/plain"] = content.pop("application/json")

    assert ["responses.yaml: Error.content.text/plain: bodies are application/json"] == fragments.problems()


def test_media_type_without_schema(fragments: "Fragments") -> None:
    """A body has a schema."""
    fragments.put("responses.yaml", "Error", "content", "application/json", value={})

    assert ["responses.yaml: Error.content.application/json: needs a schema"] == fragments.problems()


@pytest.mark.parametrize("cut", ["", {"ok": True}])
def test_cut_example(fragments: "Fragments", cut: object) -> None:
    """What is left of a cut example is kept as text, since it is no JSON."""
    fragments.put(FILE, *BODY, "x-cut-example", value=cut)

    assert [f"{FILE}: {'.'.join(BODY)}: needs x-cut-example, in words"] == fragments.problems()


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
