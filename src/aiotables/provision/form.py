"""
The form of a manifest: every field, its shape and what it is for.

This one table drives both the validation and the JSON Schema. What the services list, such as types of columns, is
taken from the generated models; the docs page that states any other rule is named beside it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, get_args

from attrs import evolve, fields_dict

from aiotables.core.sentinels import UnknownVariant
from aiotables.extruct import _generated as extruct
from aiotables.provision.listed import Listed
from aiotables.provision.records import Either, Field, Items, Named, Record
from aiotables.provision.shapes import Flag, Json, Number, Scalar, Shape, Text
from aiotables.provision.sources import ROW_FILE
from aiotables.provision.template import TEMPLATE
from aiotables.provision.tree import Node
from aiotables.zangtable import _generated as zangtable


ZANGTABLE: Final = "zangtable"
EXTRUCT: Final = "extruct"

COLUMN_TYPES: Final = Listed(lambda: (each.value for each in zangtable.models.ColumnType))
TABLE_KINDS: Final = Listed(lambda: (each.value for each in extruct.models.TableKind))


def _column_kinds() -> Iterator[str]:
    for variant in get_args(extruct.models.ColumnConfig):
        if variant is not UnknownVariant:
            yield str(fields_dict(variant)["kind"].default)


COLUMN_KINDS: Final = Listed(_column_kinds)
"""The kinds that the docs list. Others are let through."""

IDENTIFIER: Final = "[A-Za-z][A-Za-z0-9_]*"
"""Names of tables, columns and indexes. Source: ZangTable docs pages reference/tables, columns and query."""

IDENTIFIER_RULE: Final = "a name of a letter, then letters, digits or _"

_TEMPLATED_IDENTIFIER = r"(?:[A-Za-z]|\$\{[^}]+\})(?:[A-Za-z0-9_]|\$\{[^}]+\})*"
_TEMPLATE_RULE = "text in which every ${ is closed and names a column (write $$ for a plain $)"

_TEMPLATE = Text(pattern=TEMPLATE, rule=_TEMPLATE_RULE)
_TEMPLATE_OR_EMPTY = Text(pattern=TEMPLATE, rule=_TEMPLATE_RULE, empty=True)
_NAME = Text(pattern=_TEMPLATED_IDENTIFIER, rule=f"{IDENTIFIER_RULE}, or ${{column}}")
_WORD = Text(pattern="[A-Za-z0-9][A-Za-z0-9._-]*", rule="a word of letters, digits, '.', '_' or '-'")
_ROW_FILE = Text(pattern=ROW_FILE, rule="the name of a .csv or .jsonl file")
_JSON = Json(text=_TEMPLATE_OR_EMPTY, reference="json")

DEFINITIONS: Final[Mapping[str, Json]] = {_JSON.reference: _JSON}
"""The shapes that the JSON Schema refers to by name."""

_ANOTHER_TABLE = Record(
    fields={
        "target": Field(shape=_WORD, says="Name of its target.", required=True),
        "key": Field(shape=_TEMPLATE, says="Its key.", required=True),
    }
)


def _dependency_shape(node: Node) -> Shape | None:
    return _ANOTHER_TABLE if isinstance(node.value, dict) else _TEMPLATE


_COMMON: Final = {
    "target": Field(shape=_WORD, says="Name of the target that gets the table.", required=True),
    "for_each": Field(
        shape=_ROW_FILE,
        says="A CSV or JSONL file, found from the manifest's folder: one table is made for each of its rows.",
    ),
    "key": Field(
        shape=_TEMPLATE,
        says="What tells the table from others of its target, also when renamed; by default its name.",
    ),
    "depends_on": Field(
        shape=Items(item=Either(options=(_TEMPLATE, _ANOTHER_TABLE), choose=_dependency_shape)),
        says="Tables that have to be there first: keys of tables of the same target, or target and key.",
    ),
    "protect": Field(shape=Flag(), says="Whether nothing may delete the table; by default not."),
}

# ZangTable's docs show how records are read, changed and deleted, and no call that creates one.
_NO_ROWS = (
    "ZangTable documents no call that creates records, so rows cannot be added to its tables; "
    "only tables of Extruct have rows"
)

_ZANGTABLE_COLUMN = Record(
    fields={
        "name": Field(shape=_NAME, says="Name of the column.", required=True),
        "type": Field(shape=Text(choices=COLUMN_TYPES), says="Type of its values; by default TEXT."),
        "primary": Field(shape=Flag(), says="Whether it is the primary key; one column can be."),
        "unique": Field(shape=Flag(), says="Whether no two rows may have the same value."),
        "nullable": Field(shape=Flag(), says="Whether null is allowed, as it is by default."),
        "default": Field(
            shape=Scalar(text=_TEMPLATE_OR_EMPTY), says="Value of rows that give none; null is a default too."
        ),
    }
)

_INDEX = Record(
    fields={
        "columns": Field(
            shape=Items(item=_NAME, least=1), says="Columns of the index, in order.", required=True
        ),
        "name": Field(
            shape=_NAME,
            says="Name, unique in the project; by default idx_<table>_<columns joined by _>.",
        ),
        "unique": Field(shape=Flag(), says="Whether no two rows may have the same values."),
    }
)

ZANGTABLE_TABLE: Final = Record(
    fields={
        **_COMMON,
        "name": Field(shape=_NAME, says="Name of the table, unique in its project.", required=True),
        "display_name": Field(shape=_TEMPLATE, says="Title for people."),
        "columns": Field(
            shape=Items(item=_ZANGTABLE_COLUMN),
            says="Columns. When none is primary, the service puts a primary column id before them.",
        ),
        "indexes": Field(shape=Items(item=_INDEX), says="Indexes."),
    },
    refused={"rows": _NO_ROWS, "run": "ZangTable has no agents to run; only tables of Extruct have run"},
)

_EXTRUCT_COLUMN = Record(
    fields={
        "kind": Field(shape=Text(known=COLUMN_KINDS), says="Kind of the column.", required=True),
        "name": Field(shape=_TEMPLATE, says="Title of the column.", required=True),
        "key": Field(
            shape=_TEMPLATE,
            says="Key of its values in rows, and {key} in prompts of other columns.",
            required=True,
        ),
    },
    others=_JSON,
)

_ROWS_FROM_FILE = Record(
    fields={
        "from": Field(
            shape=_ROW_FILE, says="A CSV or JSONL file, found from the manifest's folder.", required=True
        ),
        "where": Field(
            shape=Named(item=Scalar(text=_TEMPLATE_OR_EMPTY)),
            says="Columns of that file and the values that a row must have in them; by default all rows are "
            "taken. ${column} is a column of the for_each file.",
        ),
        "data": Field(
            shape=Named(item=_JSON),
            says="Values by the key of the table's column; by default all columns of the row. ${column} is a "
            "column of the row, ${each.column} one of the for_each file.",
        ),
    }
)

_INLINE_ROWS = Items(item=Named(item=_JSON))


def _rows_shape(node: Node) -> Shape | None:
    if isinstance(node.value, tuple):
        return _INLINE_ROWS
    return _ROWS_FROM_FILE if isinstance(node.value, dict) else None


EXTRUCT_TABLE: Final = Record(
    fields={
        **_COMMON,
        "name": Field(shape=_TEMPLATE, says="Name of the table.", required=True),
        "id": Field(
            shape=_TEMPLATE,
            says="Id of a table that is there: this one is meant, whatever its tags, and none is ever made.",
        ),
        "kind": Field(shape=Text(choices=TABLE_KINDS), says="What its rows are; by default company."),
        "description": Field(shape=_TEMPLATE_OR_EMPTY, says="Description for people."),
        "tags": Field(shape=Items(item=_TEMPLATE), says="Tags."),
        "columns": Field(
            shape=Items(item=_EXTRUCT_COLUMN), says="Column configs, in the form of the service's own API."
        ),
        "rows": Field(
            shape=Either(options=(_ROWS_FROM_FILE, _INLINE_ROWS), choose=_rows_shape),
            says="Rows to add: a list of values by column key, or rows of a file.",
        ),
        "run": Field(shape=Flag(), says="Whether to start the agents on the new rows; by default not."),
    }
)

_OWN = ("target", "key", "name")
"""What each table gives itself."""


def _defaults(table: Record) -> Record:
    fields = {name: evolve(each, required=False) for name, each in table.fields.items() if name not in _OWN}
    refused = dict.fromkeys(_OWN, "each table gives its own; the other fields can have a default")
    return Record(fields=fields, refused={**table.refused, **refused})


_TOKEN_ENV = Text(
    pattern="[A-Z_][A-Z0-9_]{0,63}",
    rule="the NAME of an environment variable, in capitals, never a token itself",
    secret=True,
)
_PASSWORD_ENV = Text(
    pattern="[A-Z_][A-Z0-9_]{0,63}",
    rule="the NAME of an environment variable, in capitals, never a password itself",
    secret=True,
)
_NO_TOKENS = "a manifest holds no token; set an environment variable and give its name as token_env"


def _target(service: str, variable: str, table: Record, more: Mapping[str, Field]) -> Record:
    return Record(
        fields={
            "service": Field(shape=Text(choices=(service,)), says="The service.", required=True),
            **more,
            "token_env": Field(
                shape=_TOKEN_ENV,
                says=f"Name of the environment variable with the token; by default {variable}.",
            ),
            "base_url": Field(
                shape=Text(), says="URL of the service; by default the environment's, else the service's own."
            ),
            "allow_http": Field(
                shape=Flag(), says="Let the token travel unencrypted to a host that is not this machine."
            ),
            "in_flight": Field(
                shape=Number(whole=True, least=1), says="Calls under way at once; by default 16."
            ),
            "rate": Field(
                shape=Number(above=0), says="Requests per second that the service takes; by default no limit."
            ),
            "timeout": Field(shape=Number(above=0), says="Seconds for one call; by default 60."),
            "grace": Field(
                shape=Number(above=0),
                says="Seconds after which a call whose reply was lost can no longer take effect; by "
                "default one and a half times the timeout, and no less than 90. A shorter one, which may not be "
                "below the timeout, is taken as one and a half times the timeout.",
            ),
            "defaults": Field(
                shape=_defaults(table),
                says="Fields of its tables that do not give them; they go before the defaults of the service.",
            ),
        },
        refused={"token": _NO_TOKENS, "api_token": _NO_TOKENS, "api_key": _NO_TOKENS},
    )


CREATE_PROJECT: Final = Record(
    fields={
        "name": Field(shape=Text(), says="Name of the project for people.", required=True),
        "username": Field(shape=Text(), says="Name of the project's first user.", required=True),
        "password_env": Field(
            shape=_PASSWORD_ENV,
            says="Name of the environment variable with the password of that user.",
            required=True,
        ),
        "account_user_id": Field(
            shape=Number(whole=True, least=1),
            says="Number of the account's user that the project's token is made for.",
            required=True,
        ),
        "token_file": Field(
            shape=Text(pattern=r"[^\x00]+", rule="the name of a file"),
            says="File for the project's token, found from the manifest's folder. Its being there means that the "
            "project is: keep it, and keep it secret.",
            required=True,
        ),
    },
    refused={
        "password": "a manifest holds no password; set an environment variable and give its name as password_env"
    },
)
"""Source: ZangTable docs page reference/service/bootstrap-project."""

ZANGTABLE_TARGET: Final = _target(
    ZANGTABLE,
    "ZANGTABLE_API_TOKEN",
    ZANGTABLE_TABLE,
    {
        "project": Field(
            shape=Text(pattern="[a-z0-9_-]+", rule="a project of lower-case letters, digits, '_' or '-'"),
            says="The project that the tables belong to.",
            required=True,
        ),
        "create_project": Field(
            shape=CREATE_PROJECT,
            says="How the project is made where it is not there yet: with its first tables in one request. The token of "
            "token_env is that of another project of the same account.",
        ),
    },
)

EXTRUCT_TARGET: Final = _target(EXTRUCT, "EXTRUCT_API_TOKEN", EXTRUCT_TABLE, {})

_TARGETS = {ZANGTABLE: ZANGTABLE_TARGET, EXTRUCT: EXTRUCT_TARGET}
_TABLES = {ZANGTABLE: ZANGTABLE_TABLE, EXTRUCT: EXTRUCT_TABLE}
_SERVICE = Record(
    fields={"service": Field(shape=Text(choices=tuple(_TARGETS)), says="The service.", required=True)},
    others=_JSON,
)


def service_of(node: Node) -> str | None:
    """The service that a target names, when it names one that there is."""
    service = node.value.get("service") if isinstance(node.value, dict) else None
    named = service.value if service is not None else None
    return named if isinstance(named, str) and named in _TARGETS else None


def _target_shape(node: Node) -> Shape:
    service = service_of(node)
    return _SERVICE if service is None else _TARGETS[service]


def _table_shape(services: Mapping[str, str]) -> Callable[[Node], Shape | None]:
    def choose(node: Node) -> Shape | None:
        target = node.value.get("target") if isinstance(node.value, dict) else None
        if target is None or not isinstance(target.value, str) or target.value not in services:
            return None
        return _TABLES[services[target.value]]

    return choose


_MANIFEST_FILE = Text(
    pattern=r"[^\x00/][^\x00]*\.(?:yaml|yml|json)", rule="the name of a .yaml, .yml or .json file"
)

_DEFAULTS = Record(
    fields={
        service: Field(
            shape=_defaults(table), says="Fields of the tables of this service that do not give them."
        )
        for service, table in _TABLES.items()
    }
)


def _part_fields(services: Mapping[str, str], unless: str) -> dict[str, Field]:
    tables = Either(options=tuple(_TABLES.values()), choose=_table_shape(services))
    targets = Either(options=tuple(_TARGETS.values()), choose=_target_shape)
    return {
        "$schema": Field(shape=Text(), says="For editors: where the JSON Schema of manifests is."),
        "include": Field(
            shape=Items(item=_MANIFEST_FILE),
            says="Files with further targets, defaults and tables, found from this file's folder.",
        ),
        "targets": Field(
            shape=Named(item=targets, key=_WORD, least=1),
            says="The services and projects that tables go to, by a name of your choice.",
            required=bool(unless),
            unless=unless,
        ),
        "defaults": Field(
            shape=_DEFAULTS, says="By service, fields of tables that neither the table nor its target gives."
        ),
        "tables": Field(
            shape=Items(item=tables, least=1),
            says="The tables; with for_each, templates of many tables.",
            required=bool(unless),
            unless=unless,
        ),
    }


def included_form(services: Mapping[str, str]) -> Record:
    """
    The shape of a file that a manifest includes.

    Args:
        services: As of `manifest_form`.
    """
    return Record(
        fields=_part_fields(services, ""),
        refused={"manifest": "only the manifest itself has a name, not what it includes"},
    )


def manifest_form(services: Mapping[str, str]) -> Record:
    """
    The shape of a whole manifest.

    Args:
        services: The service of each target, which says what its tables may hold; where it is not known, a
            table may be of either service.
    """
    name = Field(
        shape=_WORD,
        says="Name of this set of tables, part of each table's identity: do not change it later.",
        required=True,
    )
    return Record(fields={"manifest": name, **_part_fields(services, "include")})
