"""
What a new project begins with, over data alone: its first tables, the request that makes it, and what the answer tells.

The docs name no limit of that request and show no answer to it (docs page reference/service/bootstrap-project). So it is
kept small, the rest is made table by table, and of the answer nothing is relied on: what it does not tell is looked at.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

import orjson

from aiotables.core.sentinels import UNSET
from aiotables.provision.desired import Desired, ZangTableSpec, spec_json
from aiotables.provision.targets import ProjectToCreate, ZangTableTarget
from aiotables.provision.zangtable import table_create
from aiotables.zangtable._generated.models import (
    Bootstrap,
    BootstrapTable,
    BootstrapTableIndex,
    BootstrapToken,
    BootstrapUser,
)


MOST_TABLES: Final = 200
"""Tables that a project is made with; no docs page names a limit (a choice)."""

MOST_BYTES: Final = 256 * 1024
"""Of those tables, as JSON in the manifest's words; no docs page names a limit (a choice)."""

TOKEN_NAME: Final = "aiotables"  # noqa: S105 -- a name for people
_TOKEN: Final = re.compile(r"pat_\S+")


def first_tables(tables: Iterable[Desired], target: str, *, most: int = MOST_TABLES) -> list[Desired]:
    """
    The tables that a project is made with: the first of its target, as many as one request should hold.

    One that depends on a table which is not among them is left for later.

    Args:
        tables: All that is desired, in order; read no further than needed.
        target: Name of the project's target.
        most: How many at the most; one is taken however large it is.
    """
    chosen: list[Desired] = []
    keys: set[str] = set()
    room = MOST_BYTES
    for desired in tables:
        if desired.target != target or not all(
            each.target == target and each.key in keys for each in desired.depends_on
        ):
            continue
        room -= len(orjson.dumps(spec_json(desired.spec)))
        if chosen and room < 0:
            break
        chosen.append(desired)
        keys.add(desired.key)
        if len(chosen) >= most:
            break
    return chosen


def bootstrap_of(target: ZangTableTarget, tables: Iterable[Desired], *, password: str) -> Bootstrap:
    """
    The request that makes a project.

    Args:
        target: Says how the project is made.
        tables: What it begins with.
        password: Of its first user.
    """
    wanted = cast("ProjectToCreate", target.create_project)
    first = [_table(cast("ZangTableSpec", desired.spec)) for desired in tables]
    return Bootstrap(
        project_slug=target.project,
        project_name=wanted.name,
        initial_project_user=BootstrapUser(username=wanted.username, password=password),
        tables=first or UNSET,
        project_api_tokens=[BootstrapToken(account_user_id=wanted.account_user_id, token_name=TOKEN_NAME)],
    )


def _table(spec: ZangTableSpec) -> BootstrapTable:
    plain = table_create(spec)
    indexes = [
        BootstrapTableIndex(columns=list(index.columns), index_name=index.name, unique=index.unique)
        for index in spec.indexes
    ]
    return BootstrapTable(
        table_name=plain.table_name,
        display_name=plain.display_name,
        columns=plain.columns,
        indexes=indexes or UNSET,
    )


def token_in(answer: object) -> str | None:
    """The token that an answer tells, wherever it stands: the only text of a token's form; `None` without just one."""
    texts = (text for each in _mappings(answer) for text in each.values() if isinstance(text, str))
    found = {text for text in texts if _TOKEN.fullmatch(text)}
    return found.pop() if len(found) == 1 else None


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """All mappings in a value, itself included."""
    if isinstance(value, Mapping):
        found = cast("Mapping[str, Any]", value)
        yield found
        yield from itertools.chain.from_iterable(map(_mappings, found.values()))
    elif isinstance(value, list):
        yield from itertools.chain.from_iterable(map(_mappings, cast("list[object]", value)))


def table_ids(answer: object) -> dict[str, str]:
    """The numbers of the tables that an answer shows in the form of other answers, by their names in lower case."""
    shown = [each for each in _mappings(answer) if "column_name" not in each]
    return {
        each["table_name"].lower(): str(each["id"])
        for each in shown
        if isinstance(each.get("table_name"), str) and type(each.get("id")) is int
    }


def without_secrets(text: str, password: str) -> str:
    """A text that a service may have written a password or a token into, fit to be kept."""
    return _TOKEN.sub("[token]", text.replace(password, "[password]"))
