"""Extruct's tables and columns, in the catalogue."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from attrs import frozen

from aiotables.emulator.bodies import Issue
from aiotables.emulator.choices import (
    COLUMN_UNKNOWN,
    LIST_SORT,
    OWNER_EMAIL,
    OWNER_ID,
    PEOPLE_SUFFIX,
    TABLE_UNKNOWN,
)
from aiotables.emulator.clock import Clock, stamp
from aiotables.emulator.extruct.configs import with_automatic
from aiotables.emulator.extruct.refusal import Refusal, invalid_body
from aiotables.emulator.ids import Ids
from aiotables.emulator.sqlite import transaction


COMPANY_PEOPLE = "company_people"
"""The one kind of relationship that the docs show."""

OWNER = {"id": OWNER_ID, "email": OWNER_EMAIL}

# Equal values stay in the order of their making, so that pages neither repeat nor lose a table.
_ORDERS: Mapping[str, str] = {
    "-created_at": "created_at DESC, pk DESC",
    "created_at": "created_at, pk",
    "name": "name, pk",
    "-name": "name DESC, pk DESC",
    "num_rows": "num_rows, pk",
    "-num_rows": "num_rows DESC, pk DESC",
}
SORTS = tuple(_ORDERS)

_MATCHES = """
pk NOT IN (SELECT child_pk FROM extruct_relation)
AND (:kind IS NULL OR kind = :kind)
AND (:search IS NULL OR contains(name, :search) OR contains(coalesce(description, ''), :search))
"""

# Bound one by one: a list in JSON would lose what follows a NUL.
_HAS_TAG = "AND pk IN (SELECT table_pk FROM extruct_tag WHERE tag IN ({}))"


@frozen(kw_only=True)
class Listing:
    """Which tables are asked for."""

    kind: str | None = None
    search: str | None = None
    tags: Sequence[str] = ()
    sort: str = LIST_SORT
    offset: int = 0
    limit: int = 50


class Tables:
    """
    The tables of the one workspace.

    Args:
        catalogue: The open catalogue.
        clock: Time of what is made.
        ids: Source of ids.
    """

    def __init__(self, catalogue: sqlite3.Connection, clock: Clock, ids: Ids) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self.ids = ids
        catalogue.create_function("contains", 2, _contains, deterministic=True)

    def create(
        self,
        *,
        name: str,
        description: str | None,
        tags: Sequence[str] | None,
        kind: str,
        configs: Sequence[Any],
    ) -> str:
        """Make a table with its columns, and return its id."""
        with transaction(self._catalogue):
            table_id, pk = self._insert(name, description, kind, configs)
            self._tag(pk, tags)
        return table_id

    def people_of(self, table: sqlite3.Row) -> sqlite3.Row:
        """The table of the people found for *table*, made if it is not there, in the transaction of the caller."""
        asked = """
            SELECT extruct_table.* FROM extruct_relation JOIN extruct_table ON pk = child_pk WHERE parent_pk = ?
        """
        found: sqlite3.Row | None = self._catalogue.execute(asked, (table["pk"],)).fetchone()
        if found is not None:
            return found

        configs = with_automatic("people", [])
        _, pk = self._insert(table["name"] + PEOPLE_SUFFIX, None, "people", configs)
        self._catalogue.execute(
            "INSERT INTO extruct_relation (child_pk, parent_pk, relationship_type) VALUES (?, ?, ?)",
            (pk, table["pk"], COMPANY_PEOPLE),
        )
        return self.find_by_key(pk)

    def find(self, table_id: str) -> sqlite3.Row:
        """
        The table *table_id*.

        Raises:
            Refusal: There is none.
        """
        row: sqlite3.Row | None = self._catalogue.execute(
            "SELECT * FROM extruct_table WHERE id = ?", (table_id,)
        ).fetchone()
        if row is None:
            raise Refusal(404, TABLE_UNKNOWN)

        return row

    def find_by_key(self, pk: int) -> sqlite3.Row:
        """The table that has this key in the catalogue."""
        row: sqlite3.Row = self._catalogue.execute(
            "SELECT * FROM extruct_table WHERE pk = ?", (pk,)
        ).fetchone()
        return row

    def header(self, table: sqlite3.Row) -> dict[str, Any]:
        """*table* with its columns, as create, get and delete answer."""
        children, parents = self._relations(table["pk"])
        return {
            "id": table["id"],
            "created_at": table["created_at"],
            "name": table["name"],
            "kind": table["kind"],
            "columns": [_column(row) for row in self.columns(table["pk"])],
            "owner": OWNER,
            "description": table["description"],
            "tags": None if table["tags"] is None else orjson.loads(table["tags"]),
            "child_relationships": children,
            "parent_relationships": parents,
        }

    def update(self, table: sqlite3.Row, changes: Mapping[str, Any]) -> None:
        """
        Change name, description, tags, and the order of columns, as far as they are in *changes*.

        Raises:
            Refusal: The order names a column twice, or one that is not there.
        """
        pk = table["pk"]
        order = _ordered(self.columns(pk), changes.get("columns_order", []))
        with transaction(self._catalogue):
            for name in ("name", "description"):
                if name in changes:
                    self._catalogue.execute(
                        f"UPDATE extruct_table SET {name} = ? WHERE pk = ?",  # noqa: S608 - our own names
                        (changes[name], pk),
                    )
            if "tags" in changes:
                self._tag(pk, changes["tags"])
            self._arrange(order)
            self.touch(pk)

    def find_column(self, table: sqlite3.Row, column_id: str) -> sqlite3.Row:
        """
        A column of *table*.

        Raises:
            Refusal: There is none of that id.
        """
        found = [column for column in self.columns(table["pk"]) if column["id"] == column_id]
        if not found:
            raise Refusal(404, COLUMN_UNKNOWN)

        return found[0]

    def update_column(self, column: sqlite3.Row, config: Mapping[str, Any]) -> dict[str, Any]:
        """Give *column* another config; as an input it has no cells that were worked on."""
        with transaction(self._catalogue):
            self._catalogue.execute(
                "UPDATE extruct_column SET key = ?, kind = ?, config = ? WHERE pk = ?",
                (config["key"], config["kind"], _json(config), column["pk"]),
            )
            if config["kind"] == "input":
                self._catalogue.execute("DELETE FROM extruct_cell WHERE column_pk = ?", (column["pk"],))
            self.touch(column["table_pk"])
        return {"id": column["id"], "created_at": column["created_at"], "config": config}

    def delete_column(self, column: sqlite3.Row) -> dict[str, Any]:
        """Delete *column* with its cells."""
        with transaction(self._catalogue):
            self._catalogue.execute("DELETE FROM extruct_column WHERE pk = ?", (column["pk"],))
            self._arrange(self.columns(column["table_pk"]))
            self.touch(column["table_pk"])
        return _column(column)

    def delete(self, table: sqlite3.Row) -> None:
        """Delete *table* with all that is in it, and with the table of people that were found for it."""
        self._catalogue.execute(
            """
            DELETE FROM extruct_table
            WHERE pk = :pk OR pk IN (SELECT child_pk FROM extruct_relation WHERE parent_pk = :pk)
            """,
            {"pk": table["pk"]},
        )

    def search(self, listing: Listing) -> tuple[int, list[dict[str, Any]]]:
        """How many tables match, and the page of them that is asked for."""
        tags = {f"tag{number}": tag for number, tag in enumerate(listing.tags)}
        matches = _MATCHES + (_HAS_TAG.format(", ".join(f":{name}" for name in tags)) if tags else "")
        values = tags | {
            "kind": listing.kind,
            "search": listing.search,
            "limit": listing.limit,
            "offset": listing.offset,
        }
        (total,) = self._catalogue.execute(
            f"SELECT count(*) FROM extruct_table WHERE {matches}",  # noqa: S608 - our own text
            values,
        ).fetchone()
        rows = self._catalogue.execute(
            f"""
            SELECT * FROM extruct_table WHERE {matches}
            ORDER BY {_ORDERS[listing.sort]} LIMIT :limit OFFSET :offset
            """,  # noqa: S608 - our own text
            values,
        )
        return total, [_item(row) for row in rows]

    def columns(self, table_pk: int) -> list[sqlite3.Row]:
        """The columns of a table, in order."""
        return self._catalogue.execute(
            "SELECT * FROM extruct_column WHERE table_pk = ? ORDER BY position", (table_pk,)
        ).fetchall()

    def configs(self, table_pk: int) -> list[dict[str, Any]]:
        """The configs of the columns of a table, in order."""
        return [orjson.loads(column["config"]) for column in self.columns(table_pk)]

    def add_columns(
        self, table: sqlite3.Row, configs: Sequence[Any], *, insert_after: bool | str
    ) -> list[dict[str, Any]]:
        """
        Add columns: at the end (true), at the beginning (false), or after the column whose id is given.

        Raises:
            Refusal: There is no column of that id.
        """
        pk, columns = table["pk"], self.columns(table["pk"])
        place = _place(columns, insert_after)
        with transaction(self._catalogue):
            self._catalogue.execute(
                "UPDATE extruct_column SET position = position + ? WHERE table_pk = ? AND position >= ?",
                (len(configs), pk, place),
            )
            self._insert_columns(pk, configs, place)
            self.touch(pk)
        return [_column(row) for row in self.columns(pk)[place : place + len(configs)]]

    def touch(self, table_pk: int) -> None:
        """Note that a table was changed now."""
        self._catalogue.execute(
            "UPDATE extruct_table SET updated_at = ? WHERE pk = ?", (stamp(self._clock), table_pk)
        )

    def _insert(
        self, name: str, description: str | None, kind: str, configs: Sequence[Any]
    ) -> tuple[str, int]:
        table_id, now = self.ids.uuid(), stamp(self._clock)
        cursor = self._catalogue.execute(
            """
            INSERT INTO extruct_table (id, name, description, kind, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            (table_id, name, description, kind, now, now),
        )
        pk = int(cursor.lastrowid or 0)
        self._insert_columns(pk, configs, 0)
        return table_id, pk

    def _relations(self, table_pk: int) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        """The children and the parents of a table, as they are answered."""
        return self._related(table_pk, "parent_pk", "child_pk"), self._related(
            table_pk, "child_pk", "parent_pk"
        )

    def _related(self, table_pk: int, own: str, other: str) -> list[dict[str, str]]:
        rows = self._catalogue.execute(
            f"""
            SELECT id, relationship_type FROM extruct_relation JOIN extruct_table ON pk = {other}
            WHERE {own} = ? ORDER BY pk
            """,  # noqa: S608 - our own names
            (table_pk,),
        )
        return [{"table_id": row["id"], "relationship_type": row["relationship_type"]} for row in rows]

    def _tag(self, table_pk: int, tags: Sequence[str] | None) -> None:
        self._catalogue.execute(
            "UPDATE extruct_table SET tags = ? WHERE pk = ?",
            (None if tags is None else _json(tags), table_pk),
        )
        self._catalogue.execute("DELETE FROM extruct_tag WHERE table_pk = ?", (table_pk,))
        self._catalogue.executemany(
            "INSERT OR IGNORE INTO extruct_tag (tag, table_pk) VALUES (?, ?)",
            ((tag, table_pk) for tag in tags or ()),
        )

    def _arrange(self, columns: Sequence[sqlite3.Row]) -> None:
        self._catalogue.executemany(
            "UPDATE extruct_column SET position = ? WHERE pk = ?",
            [(position, column["pk"]) for position, column in enumerate(columns)],
        )

    def _insert_columns(self, table_pk: int, configs: Sequence[Any], place: int) -> None:
        now = stamp(self._clock)
        self._catalogue.executemany(
            """
            INSERT INTO extruct_column (id, table_pk, position, key, kind, config, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            (
                (self.ids.uuid(), table_pk, position, config["key"], config["kind"], _json(config), now)
                for position, config in enumerate(configs, place)
            ),
        )


def _place(columns: Sequence[sqlite3.Row], insert_after: str | bool) -> int:  # noqa: FBT001 - as the service takes it
    if isinstance(insert_after, bool):
        return len(columns) if insert_after else 0

    ids = [column["id"] for column in columns]
    if insert_after not in ids:
        raise invalid_body(Issue(("insert_after",), "There is no such column"))

    return ids.index(insert_after) + 1


def _ordered(columns: Sequence[sqlite3.Row], order: Sequence[str]) -> list[sqlite3.Row]:
    """The columns that *order* names, then the others as they were."""
    by_id = {column["id"]: column for column in columns}
    issues = [
        Issue(("columns_order", place), "Not found in this table, or named twice")
        for place, column_id in enumerate(order)
        if column_id not in by_id or column_id in order[:place]
    ]
    if issues:
        raise invalid_body(*issues)

    return [by_id[column_id] for column_id in dict.fromkeys((*order, *by_id))]


def _column(row: sqlite3.Row) -> dict[str, Any]:
    return {"id": row["id"], "created_at": row["created_at"], "config": orjson.loads(row["config"])}


def _item(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "name": row["name"],
        "description": row["description"],
        "tags": None if row["tags"] is None else orjson.loads(row["tags"]),
        "kind": row["kind"],
        "settings": {"exclude_from_search": False},
        "scope": "personal",
        "owner": OWNER,
        "num_rows": row["num_rows"],
    }


def _contains(text: str, part: str) -> bool:
    return part.casefold() in text.casefold()


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
