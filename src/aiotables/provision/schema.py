"""The JSON Schema of the manifest, for editors that complete and check while one types."""

from typing import Any

from aiotables.provision.form import DEFINITIONS, included_form, manifest_form


def manifest_schema() -> dict[str, Any]:
    """
    The JSON Schema (2020-12) of a manifest, derived from the definitions that `load_manifest` checks by.

    What needs more than one place to judge, such as a target that a table names and nobody defines, is left
    to `load_manifest`. What a manifest includes is described under `$defs/included`.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "aiotables manifest",
        "description": "Tables to provision on ZangTable and Extruct.",
        **manifest_form({}).schema(),
        "$defs": {
            **{name: shape.definition() for name, shape in DEFINITIONS.items()},
            "included": included_form({}).schema(),
        },
    }
