"""Settling ZangTable's exports, with looks that are made up here."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from aiotables.core.settle import Found, Look, NotThere, Rule, Sent, SettlePolicy, Unclear, Verdict
from aiotables.zangtable import operations, settling_exports


if TYPE_CHECKING:
    from tests.zangtable.conftest import Facts


def export(facts: "Facts", end: str = "a", *, at: float = 0.0, **more: object) -> dict[str, Any]:
    """A manifest of a schema, made some seconds from now."""
    moment = datetime.fromtimestamp(facts.now + at, UTC)
    return {
        "id": f"exp_{moment:%Y%m%d_%H%M%S}_{end}",
        "kind": "schema_export",
        "format": "json",
        "download_name": "acme_schema.json",
        **more,
    }


def settled(facts: "Facts", rule: Rule, body: Any, *pages: list[Any]) -> tuple[Verdict, list[Look]]:  # noqa: ANN401
    """The verdict on an export that was sent just now."""
    sent = Sent(
        operation="any",
        path={"project": "acme"},
        body=body,
        first_sent_at=facts.now,
        last_sent_at=facts.now,
    )
    return facts.settle(rule(sent, SettlePolicy()), [{"exports": page} for page in pages])


def schema(facts: "Facts", *pages: list[Any], body: Any = None) -> Verdict:  # noqa: ANN401
    """The verdict on the export of a schema."""
    return settled(facts, settling_exports.created_schema_export, body, *pages)[0]


def database(facts: "Facts", *exports: dict[str, Any], **body: object) -> Verdict:
    """The verdict on the export of a database."""
    return settled(facts, settling_exports.created_database_export, body, [*exports])[0]


def test_schema_is_found(facts: "Facts") -> None:
    """The one of its form since the call holds what was wanted; those of other kinds do not count."""
    there = [export(facts), export(facts, "t", kind="table_export"), export(facts, "o", at=-60.0)]

    verdict, looks = settled(facts, settling_exports.created_schema_export, {}, there)

    assert isinstance(verdict, Found)
    assert f"export {there[0]['id']}, by its kind, form and time" == verdict.how
    assert there[0]["id"] == verdict.value.export.id
    assert [(operations.LIST_EXPORTS, {"project": "acme"}, {"limit": 500, "offset": 0})] == [
        (look.operation, look.path, look.query) for look in looks
    ]


def test_schema_is_found_by_its_name(facts: "Facts") -> None:
    """One that was sent with a name has it in its file name."""
    there = [export(facts, format="sql"), export(facts, "b", format="sql", download_name="x_backup.sql")]

    verdict = schema(facts, there, body={"format": "sql", "file_name": "backup"})

    assert isinstance(verdict, Found)
    assert there[1]["id"] == verdict.value.export.id


def test_schema_is_not_there(facts: "Facts") -> None:
    """Where none was made since, nothing was; all pages are read."""
    first = [export(facts, f"{number}", at=-60.0) for number in range(500)]

    assert NotThere() == schema(facts, first, [export(facts, "x", at=-60.0)])


@pytest.mark.parametrize(
    "found",
    [
        {"format": "sql"},
        {"id": "exp_new"},
        {"id": "exp_20261399_999999_a"},
        {"format": None, "kind": None},
    ],
)
def test_export_that_may_be_ours(facts: "Facts", found: dict[str, Any]) -> None:
    """One without a readable time, or of another form than was asked for, leaves it open."""
    verdict = schema(facts, [export(facts) | found])

    assert isinstance(verdict, Unclear)
    assert verdict.reason.endswith((export(facts) | found)["id"])


def test_exports_that_cannot_be_told_apart(facts: "Facts") -> None:
    """Two of them, or one from just before the call, leave it open."""
    assert isinstance(schema(facts, [export(facts), export(facts, "b")]), Unclear)
    assert isinstance(schema(facts, [export(facts, at=-3.0)]), Unclear)


@pytest.mark.parametrize("kind", ["database_export", None])
@pytest.mark.parametrize("written", ["zip", "zip-csv"])
def test_database_is_found_by_its_name(facts: "Facts", kind: str | None, written: str) -> None:
    """The one of its form and name since the call is ours, whatever the service calls its kind."""
    there = export(facts, kind=kind, format=written, download_name="backup.zip")

    assert isinstance(database(facts, there, file_name="backup"), Found)
    assert isinstance(database(facts, there, file_name="backup", format="zip-csv"), Found)
    assert isinstance(database(facts, there, file_name="backup", format="json"), Unclear)
    assert isinstance(database(facts, there, file_name="other"), Unclear)


def test_database_without_a_name(facts: "Facts") -> None:
    """A manifest does not tell which tables were chosen, so without a name another's looks the same."""
    there = export(facts, kind="database_export", format="zip")

    assert isinstance(database(facts, there), Unclear)
    assert NotThere() == database(facts, export(facts))
