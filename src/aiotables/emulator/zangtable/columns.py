"""Columns as data: what a request asks for, what SQLite is told, and what the metadata says."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import orjson
from attrs import evolve, field, frozen

from aiotables.core.sentinels import Unset
from aiotables.emulator.bodies import Json, given
from aiotables.emulator.choices import AUTOMATIC_KEY, COLUMN_EXISTS, INVALID_COLUMN
from aiotables.emulator.sqlite import literal, quoted
from aiotables.emulator.zangtable.names import checked_identifier
from aiotables.emulator.zangtable.refusal import Refusal
from aiotables.zangtable._generated.models import ColumnCreate, ColumnType, ColumnUpdate, Scalar


@frozen(kw_only=True)
class ColumnPlan:
    """A column to be made."""

    name: str
    type: str = "TEXT"
    nullable: bool = True
    unique: bool = False
    primary: bool = False
    automatic: bool = False
    """Whether it is the key that the service prepends."""
    default: str | float | None = None
    default_literal: str = field(default="NULL")

    def definition(self, *, unique: bool = True) -> str:
        """
        The column as SQL.

        Args:
            unique: Write UNIQUE, too, when the column is; SQLite takes that in a new table only.
        """
        parts = [quoted(self.name), self.type]
        if self.primary:
            parts.append("PRIMARY KEY AUTOINCREMENT" if self.automatic else "PRIMARY KEY")
        elif self.unique and unique:
            parts.append("UNIQUE")
        if not self.nullable and not self.automatic:
            parts.append("NOT NULL")
        if self.default is not None:
            parts.append(f"DEFAULT {self.default_literal}")
        return " ".join(parts)

    def to_record(self) -> tuple[Any, ...]:
        """The values of the catalogue's columns for it, from its name to its flags."""
        return (
            self.name,
            self.type,
            int(self.nullable),
            "null" if self.default is None else orjson.dumps(self.default).decode(),
            int(self.primary),
            int(self.unique),
            int(self.automatic),
        )

    def answer(self, number: int, table: str, created_at: str, updated_at: str) -> dict[str, Any]:
        """The metadata of the column, as it is answered."""
        return {
            "id": number,
            "table_name": table,
            "column_name": self.name,
            "column_type": self.type,
            "is_nullable": int(self.nullable),
            "default_value": self.default,
            "is_primary": int(self.primary),
            "is_unique": int(self.unique),
            "created_at": created_at,
            "updated_at": updated_at,
        }

    @classmethod
    def of_record(cls, row: sqlite3.Row) -> "ColumnPlan":
        """The column that the catalogue knows."""
        default = orjson.loads(row["default_value"])
        return cls(
            name=row["name"],
            type=row["type"],
            nullable=bool(row["is_nullable"]),
            unique=bool(row["is_unique"]),
            primary=bool(row["is_primary"]),
            automatic=bool(row["is_automatic"]),
            default=default,
            default_literal=literal(default),
        )

    def changed(self, change: ColumnUpdate) -> "ColumnPlan":
        """
        The column as it is after *change*; a primary key stays unique and not nullable.

        Raises:
            Refusal: A value is not valid.
        """
        asked = plan_column(
            ColumnCreate(
                column_name=self.name
                if isinstance(change.new_column_name, Unset)
                else change.new_column_name,
                column_type=ColumnType(self.type)
                if isinstance(change.column_type, Unset)
                else change.column_type,
                is_nullable=self.nullable if isinstance(change.is_nullable, Unset) else change.is_nullable,
                is_unique=self.unique if isinstance(change.is_unique, Unset) else change.is_unique,
                is_primary=self.primary,
                default_value=self.default
                if isinstance(change.default_value, Unset)
                else change.default_value,
            )
        )
        if self.automatic and asked.type != self.type:
            raise Refusal(INVALID_COLUMN.saying("The type of the automatic primary key cannot be changed."))

        return evolve(asked, automatic=self.automatic)


_KEY = ColumnPlan(
    name=AUTOMATIC_KEY, type="INTEGER", nullable=False, unique=True, primary=True, automatic=True
)


def plan_columns(columns: Iterable[ColumnCreate]) -> Sequence[ColumnPlan]:
    """
    The columns of a new table: those asked for, and the service's own key if none of them is one.

    Raises:
        Refusal: A column is not valid, two have one name, or more than one is a primary key.
    """
    plans = [plan_column(column) for column in columns]
    keys = sum(plan.primary for plan in plans)
    if keys > 1:
        raise Refusal(INVALID_COLUMN.saying("Only one column can be the primary key."))

    if not keys:
        plans.insert(0, _KEY)

    names: set[str] = set()
    for plan in plans:
        if plan.name.lower() in names:
            raise Refusal(COLUMN_EXISTS.saying(f"There are two columns named {plan.name}."))
        names.add(plan.name.lower())
    return plans


def plan_column(column: ColumnCreate) -> ColumnPlan:
    """
    One column that is asked for, with what the service takes for what was left out.

    Raises:
        Refusal: Its name, type or default is not valid.
    """
    column_type = given(column.column_type)
    default = _stored(given(column.default_value))
    # Equal numbers may be of different types.
    return _plan(
        column.column_name,
        column_type or ColumnType.TEXT,
        column.is_nullable is not False,
        column.is_unique is True,
        column.is_primary is True,
        default,
        type(default).__name__,
    )


# Jobs make many tables of one kind.
@lru_cache(maxsize=1024)
def _plan(
    column_name: str,
    column_type: ColumnType,
    nullable: bool,  # noqa: FBT001 - what is remembered is found by position
    unique: bool,  # noqa: FBT001 - see nullable
    primary: bool,  # noqa: FBT001 - see nullable
    default: str | float | None,
    _: str,
) -> ColumnPlan:
    name = checked_identifier(column_name, "column_name")
    if column_type.is_unknown:
        raise Refusal(INVALID_COLUMN.saying(f"The type of column {name} is none of {', '.join(ColumnType)}."))

    try:
        default_literal = literal(default)
    except ValueError as error:
        raise Refusal(
            INVALID_COLUMN.saying(f"The default of column {name} cannot be stored: {error}.")
        ) from None

    return ColumnPlan(
        name=name,
        type=column_type.value,
        nullable=nullable and not primary,
        unique=unique or primary,
        primary=primary,
        default=default,
        default_literal=default_literal,
    )


def _stored(default: Scalar) -> str | float | None:
    # SQLite has no booleans.
    return int(default) if isinstance(default, bool) else default


def create_table_sql(name: str, columns: Iterable[ColumnPlan]) -> str:
    """The statement that makes the table *name*."""
    return f"CREATE TABLE {quoted(name)} ({', '.join(plan.definition() for plan in columns)}) STRICT"


def create_index_sql(index: str, table: str, columns: Sequence[str], *, unique: bool) -> str:
    """The statement that makes an index."""
    kind = "UNIQUE INDEX" if unique else "INDEX"
    return f"CREATE {kind} {quoted(index)} ON {quoted(table)} ({', '.join(map(quoted, columns))})"


_TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
_FLAGS = ("is_primary", "is_unique", "is_nullable", "unique", "allow_all")
_ALIASES = {
    "name": "column_name",
    "type": "column_type",
    "primary": "is_primary",
    "unique": "is_unique",
    "nullable": "is_nullable",
    "default": "default_value",
}


def plain_flags(value: Json) -> Json:
    """
    *value*, a request's object, with its boolean-like fields as booleans.

    True are JSON's true, the integer 1 and the texts 1, true, yes, on; anything else is false (docs page filters).
    """
    if not isinstance(value, dict):
        return value

    return value | {flag: is_true(value[flag]) for flag in _FLAGS if flag in value}


def is_true(value: object) -> bool:
    """Whether a boolean-like value is true."""
    if isinstance(value, str):
        return value in _TRUE_WORDS

    return isinstance(value, int) and value == 1


def plain_column(value: Json) -> Json:
    """A bootstrap's column with the long names of its fields (docs page reference/service/bootstrap-project)."""
    if not isinstance(value, dict):
        return value

    long = {_ALIASES[key]: item for key, item in value.items() if key in _ALIASES}
    return plain_flags(long | {key: item for key, item in value.items() if key not in _ALIASES})


def plain_columns(table: Json, column: Callable[[Json], Json] = plain_flags) -> Json:
    """*table*, a request's object, with each of its columns made plain by *column*."""
    if not isinstance(table, dict) or not isinstance(table.get("columns"), list):
        return table

    return table | {"columns": [column(item) for item in table["columns"]]}
