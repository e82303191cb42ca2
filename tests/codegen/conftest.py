"""A tiny set of fragments that keeps every rule, for tests to break."""

import copy
import json
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import define

from codegen.lint import lint
from codegen.spec import Spec, load


_ROOT: Final = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1"},
    "tags": [{"name": "things"}],
    "paths": {"/things/{thing_id}": {"$ref": "paths/things.yaml#/thing"}},
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "parameters": {"ThingId": {"$ref": "parameters.yaml#/ThingId"}},
        "responses": {"Error": {"$ref": "responses.yaml#/Error"}},
        "schemas": {
            "Fault": {"$ref": "schemas/things.yaml#/Fault"},
            "Thing": {"$ref": "schemas/things.yaml#/Thing"},
            "ThingCreate": {"$ref": "schemas/things.yaml#/ThingCreate"},
            "Round": {"$ref": "schemas/shapes.yaml#/Round"},
            "Shape": {"$ref": "schemas/shapes.yaml#/Shape"},
            "Square": {"$ref": "schemas/shapes.yaml#/Square"},
        },
    },
}

_PATHS: Final = {
    "thing": {
        "post": {
            "operationId": "create_thing",
            "tags": ["things"],
            "summary": "Create a thing.",
            "description": "Makes a thing.",
            "x-source": "reference/create-thing",
            "x-evidence": "documented",
            "x-effect": "create",
            "parameters": [{"$ref": "../parameters.yaml#/ThingId"}],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {"$ref": "../schemas/things.yaml#/ThingCreate"},
                        "examples": {"basic": {"summary": "A name alone.", "value": {"name": "it"}}},
                    }
                },
            },
            "responses": {
                "200": {
                    "description": "The thing.",
                    "headers": {"x-total": {"schema": {"type": "integer"}}},
                    "content": {
                        "application/json": {"schema": {"$ref": "../schemas/things.yaml#/Thing"}},
                    },
                },
                "default": {"$ref": "../responses.yaml#/Error"},
            },
        }
    }
}

_PARAMETERS: Final = {
    "ThingId": {
        "name": "thing_id",
        "in": "path",
        "required": True,
        "description": "Which thing.",
        "x-source": "reference/create-thing",
        "x-evidence": "documented",
        "schema": {"type": "string"},
    }
}

_RESPONSES: Final = {
    "Error": {
        "description": "A refusal.",
        "content": {"application/json": {"schema": {"$ref": "schemas/things.yaml#/Fault"}}},
    }
}

_FACTS: Final = {"x-source": "reference/create-thing", "x-evidence": "documented"}

_THINGS: Final = {
    "ThingCreate": {
        "type": "object",
        "description": "A thing to make.",
        **_FACTS,
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "shape": {"description": "Its form.", "$ref": "shapes.yaml#/Shape"},
            "parts": {"type": "array", "items": {}},
        },
    },
    "Thing": {
        "description": "A thing that is there.",
        **_FACTS,
        "allOf": [
            {"$ref": "#/ThingCreate"},
            {
                "type": "object",
                "required": ["made_at"],
                "properties": {
                    "made_at": {"type": "string", "format": "date-time"},
                    "colours": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
                    "last_fault": {"anyOf": [{"$ref": "#/Fault"}, {"type": "null"}]},
                },
            },
        ],
    },
    "Fault": {
        "type": "object",
        "description": "What is wrong.",
        **_FACTS,
        "properties": {"detail": {"description": "Anything."}},
    },
}

_SHAPES: Final = {
    "Shape": {
        "description": "The form of a thing.",
        **_FACTS,
        "oneOf": [{"$ref": "#/Round"}, {"$ref": "#/Square"}],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"round": "#/Round", "square": "#/Square"},
        },
    },
    "Round": {
        "type": "object",
        "description": "Round.",
        **_FACTS,
        "x-keeps-unknown": True,
        "required": ["kind"],
        "properties": {"kind": {"type": "string", "const": "round"}},
    },
    "Square": {
        "type": "object",
        "description": "Square.",
        **_FACTS,
        "required": ["kind"],
        "properties": {"kind": {"type": "string", "const": "square"}},
    },
}


@define
class Fragments:
    """The fragments of a made-up service, as data to be changed and then written."""

    folder: Path
    files: dict[str, Any]

    def put(self, file: str, *path: str | int, value: object) -> None:
        """Put *value* where *path* leads to in *file*."""
        part = self.files[file]
        for key in path[:-1]:
            part = part[key]

        part[path[-1]] = value

    def drop(self, file: str, *path: str | int) -> None:
        """Take away what *path* leads to in *file*."""
        part = self.files[file]
        for key in path[:-1]:
            part = part[key]

        del part[path[-1]]

    def write(self) -> Path:
        """Write the files; JSON is YAML too."""
        for name, content in self.files.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content, indent=2), encoding="utf-8")
        return self.folder

    def load(self) -> Spec:
        """Write and read the files."""
        return load(self.write())

    def problems(self) -> list[str]:
        """What lint says of the files: `file: path: message`, or `file: message`, each."""
        folder = self.write()
        found = lint(folder)
        return [
            ": ".join(filter(None, [Path(each.file).relative_to(folder).as_posix(), each.path, each.message]))
            for each in found
        ]


@pytest.fixture
def fragments(tmp_path: Path) -> Fragments:
    """Fragments without a fault."""
    files = {
        "openapi.yaml": _ROOT,
        "parameters.yaml": _PARAMETERS,
        "responses.yaml": _RESPONSES,
        "paths/things.yaml": _PATHS,
        "schemas/shapes.yaml": _SHAPES,
        "schemas/things.yaml": _THINGS,
    }
    return Fragments(tmp_path / "openapi" / "things", copy.deepcopy(files))
