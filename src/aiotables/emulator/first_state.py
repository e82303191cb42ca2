"""What an emulator holds at first, when it is told to hold more than empty projects: made by the services' own calls."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from attrs import define, field, frozen
from multidict import CIMultiDict, CIMultiDictProxy

from aiotables.core.operations import Operation
from aiotables.core.slips import did_you_mean
from aiotables.emulator.calls import Incoming, Service
from aiotables.emulator.documents import read_document
from aiotables.extruct._generated import operations as extruct
from aiotables.zangtable._generated import operations as zangtable


FAILED = 400


@frozen
class FirstProject:
    """A ZangTable project: its tables are bodies of a create, each with `indexes` (bodies, too) and `rows`."""

    token: str | None = field(repr=False)
    tables: Sequence[Mapping[str, Any]]


@frozen
class FirstState:
    """
    Projects and tables that are there at first.

    Extruct's tables are bodies of a create, too; each of their `rows` is the data of one row.
    """

    projects: Mapping[str, FirstProject] = field(factory=dict)
    extruct: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def of(cls, given: Path | Mapping[str, Any] | None) -> "FirstState":
        """
        The state that *given* tells, or the file of that name.

        Raises:
            ValueError: It tells none; the message says what is wrong with it.
            OSError: The file cannot be read.
        """
        if isinstance(given, Path):
            try:
                return cls.of(read_document(given))
            except ValueError as error:
                msg = str(error) if str(error).startswith(f"{given}") else f"{given}: {error}"
                raise ValueError(msg) from error

        whole = _mapping({} if given is None else given, "the state", ("zangtable", "extruct"))
        projects = _mapping(whole.get("zangtable", {}), "zangtable")
        return cls(
            {slug: _project(project, f"zangtable.{slug}") for slug, project in projects.items()},
            _tables(_mapping(whole.get("extruct", {}), "extruct", ("tables",)), "extruct"),
        )


def _project(given: object, place: str) -> FirstProject:
    project = _mapping(given, place, ("token", "tables"))
    token = project.get("token")
    if token is not None and not (isinstance(token, str) and token):
        msg = f"{place}.token is not a text"
        raise ValueError(msg)

    return FirstProject(token, _tables(project, place))


def _tables(given: Mapping[str, Any], place: str) -> Sequence[Mapping[str, Any]]:
    tables = _list(given.get("tables", []), f"{place}.tables")
    return [_mapping(table, f"{place}.tables[{number}]") for number, table in enumerate(tables)]


def _mapping(given: object, place: str, known: Sequence[str] | None = None) -> Mapping[str, Any]:
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        msg = f"{place} is not a mapping"
        raise ValueError(msg)

    for key in given:
        if known is not None and key not in known:
            msg = f"{place} has no {key!r}{did_you_mean(key, known)}; there are {', '.join(known)}"
            raise ValueError(msg)

    return given


def _list(given: object, place: str) -> Sequence[Any]:
    if not isinstance(given, list | tuple):
        msg = f"{place} is not a list"
        raise ValueError(msg)  # noqa: TRY004 - one kind of error for all that can be wrong with a state

    return given


@define
class Planting:
    """
    Makes a first state by calls that go over no wire and into no log.

    Args:
        zangtable: Answers for ZangTable.
        extruct: Answers for Extruct.
    """

    _zangtable: Service
    _extruct: Service

    def zangtable_tables(
        self, slug: str, token: str, project: FirstProject
    ) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
        """
        Make the tables of a project that is there; the name and the rows of each come back, since no call makes rows.

        Raises:
            ValueError: A table is refused.
        """
        for number, table in enumerate(project.tables):
            place = f"zangtable.{slug}.tables[{number}]"
            body, rows, indexes = _parts(table, place)
            name = str(body.get("table_name"))
            ask = _Ask(self._zangtable, token, place)
            ask(zangtable.CREATE_TABLE, {"project": slug}, body)
            for index in indexes:
                ask(zangtable.CREATE_INDEX, {"project": slug, "table": name}, index)
            yield name, rows

    def extruct_tables(self, token: str, tables: Sequence[Mapping[str, Any]]) -> None:
        """
        Make tables and their rows.

        Raises:
            ValueError: A table or its rows are refused.
        """
        for number, table in enumerate(tables):
            place = f"extruct.tables[{number}]"
            body, rows, _ = _parts(table, place)
            ask = _Ask(self._extruct, token, place)
            made = ask(extruct.CREATE_TABLE, {}, body)
            if rows:
                ask(extruct.CREATE_ROWS, {"table_id": made["id"]}, {"rows": [{"data": row} for row in rows]})


def _parts(
    table: Mapping[str, Any], place: str
) -> tuple[dict[str, Any], Sequence[Mapping[str, Any]], Sequence[Any]]:
    body = dict(table)
    rows = _list(body.pop("rows", []), f"{place}.rows")
    indexes = _list(body.pop("indexes", []), f"{place}.indexes")
    return body, [_mapping(row, f"{place}.rows[{number}]") for number, row in enumerate(rows)], indexes


@frozen
class _Ask:
    service: Service
    token: str = field(repr=False)
    place: str

    def __call__(self, operation: Operation[Any, Any], path: Mapping[str, str], body: object) -> Any:  # noqa: ANN401 - JSON
        reply = self.service.answer(
            Incoming(
                operation=operation,
                path=path,
                headers=CIMultiDictProxy(CIMultiDict({"Authorization": f"Bearer {self.token}"})),
                body=orjson.dumps(body),
            )
        )
        said = orjson.loads(reply.body)
        if reply.status >= FAILED:
            error = said.get("error") or said.get("detail")
            words = error.get("message", error) if isinstance(error, dict) else error
            msg = f"{self.place} is refused: {words if isinstance(words, str) else orjson.dumps(words).decode()}"
            raise ValueError(msg)

        return said
