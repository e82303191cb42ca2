"""The attrs classes of a service's schemas, by datamodel-code-generator and our template."""

import json
import tempfile
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from datamodel_code_generator import generate
from datamodel_code_generator.config import GenerateConfig
from datamodel_code_generator.enums import DataModelType, InputFileType
from datamodel_code_generator.format import DatetimeClassType, PythonVersion

from codegen.shapes import PREFIX, Schema, as_taken, class_facts
from codegen.source import formatted, header


_TEMPLATES: Final = Path(__file__).with_name("templates")
_SENTINELS: Final = "aiotables.core.sentinels"

# Each is used by some service; the formatter takes out what a service does not use.
_IMPORTS: Final = [
    "aiotables.core.classes.define",
    "aiotables.core.classes.field",
    "typing.Any",
    f"{_SENTINELS}.UNSET",
    f"{_SENTINELS}.UnknownVariant",
    f"{_SENTINELS}.Unset",
]

# An empty one would be replaced by the generator's own.
_NO_HEADER: Final = "#\n"

# Names that a generated class cannot use for a field: they would hide what the class body or the converter needs.
_TAKEN: Final = (
    *(
        "additional",
        "attrs",
        "bool",
        "cl",
        "converter",
        "date",
        "datetime",
        "define",
        "dict",
        "field",
        "float",
    ),
    *("int", "list", "self", "str", "typevar_map"),
)


@frozen
class Models:
    """The generated module, and the class of each schema."""

    source: str
    class_names: dict[str, str]
    """Name of the class, or of the type it stands for, by name of the schema."""


def generate_models(service: str, schemas: dict[str, Schema], sent: set[str]) -> Models:
    """
    Make the models of *service*.

    Args:
        service: Its name, a folder of `openapi/`.
        schemas: Its schemas by name, as its bundle has them.
        sent: Names of the schemas that request bodies may hold.

    Raises:
        UserWarning: The generator could not do a schema justice; every warning of it is an error.
    """
    schemas = {name: as_taken(schema) for name, schema in schemas.items()}
    document = {
        "openapi": "3.1.0",
        "info": {"title": service, "version": "0"},
        "paths": {},
        "components": {"schemas": schemas},
    }
    facts = defaultdict(dict, {name: class_facts(schemas, name, is_sent=name in sent) for name in schemas})
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        metadata = Path(folder, "metadata.json")
        body = str(generate(document, config=_config(facts, metadata))).removeprefix(_NO_HEADER)
        class_names = _class_names(json.loads(metadata.read_bytes()))

    source = header(service, f"Models of {service}.", class_names.values()) + body
    return Models(formatted(source), class_names | {"IntBool": "IntBool"})


def _config(facts: defaultdict[str, dict[str, Any]], metadata: Path) -> GenerateConfig:
    return GenerateConfig(
        input_file_type=InputFileType.OpenAPI,
        output_model_type=DataModelType.DataclassesDataclass,
        target_python_version=PythonVersion.PY_311,
        custom_template_dir=_TEMPLATES,
        extra_template_data=facts,
        additional_imports=_IMPORTS,
        import_overrides={"field": "aiotables.core.classes", "StrEnum": _SENTINELS},
        type_overrides={"IntBool": f"{_SENTINELS}.IntBool"},
        aliases={name: f"{name}_" for name in _TAKEN},
        strict_nullable=True,
        use_one_literal_as_default=True,
        use_specialized_enum=True,
        capitalise_enum_members=True,
        use_schema_description=True,
        use_field_description=True,
        keyword_only=True,
        output_datetime_class=DatetimeClassType.Datetime,
        treat_dot_as_module=False,
        disable_timestamp=True,
        disable_future_imports=True,
        custom_file_header=_NO_HEADER,
        formatters=[],
        use_type_checking_imports=False,
        strict_refs=True,
        allow_remote_refs=False,
        emit_model_metadata=metadata,
    )


def _class_names(metadata: dict[str, Any]) -> dict[str, str]:
    refs = ((model["source_ref"], model["class_name"]) for model in metadata["models"])
    return {ref.partition(PREFIX)[2]: name for ref, name in refs if PREFIX in ref}
