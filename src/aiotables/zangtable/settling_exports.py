"""How a lost reply of each ZangTable export is settled; the table of all rules is in `settling.py`."""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aiotables.core.settle import (
    Found,
    Look,
    NotThere,
    Rule,
    Sent,
    SettlePolicy,
    Settling,
    Unclear,
    Verdict,
    earliest_there,
    surely_since,
)
from aiotables.core.wire import Reply
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    CreatedExport,
    DatabaseExportFormat,
    ExportKind,
    ExportManifest,
    SchemaExportFormat,
)


PAGE = 500
"""Most manifests in a page (docs page reference/exports/list-exports)."""


def created_schema_export(sent: Sent, policy: SettlePolicy) -> Settling:
    """The only one of its format since the call: whoever made it, it holds what was wanted."""
    recent, sure = yield from _exports_since(
        sent, policy, lambda kind: kind in {ExportKind.SCHEMA_EXPORT, None}
    )
    body = sent.body or {}
    wanted = body.get("format", SchemaExportFormat.JSON)
    name = body.get("file_name")
    same = [export for export in recent if export.format == wanted and _is_named(export, name)]
    return _only(same, recent, sure)


def created_database_export(sent: Sent, policy: SettlePolicy) -> Settling:
    """
    The only one of its format and file name since the call.

    A manifest does not tell the tables that were chosen, so without a file name another's would look the same. The
    kind is on no docs page; it is none of the others.
    """
    others = {ExportKind.SCHEMA_EXPORT, ExportKind.TABLE_EXPORT}
    recent, sure = yield from _exports_since(sent, policy, lambda kind: kind not in others)
    body = sent.body or {}
    name = body.get("file_name")
    wanted = _database_format(body.get("format", DatabaseExportFormat.ZIP))
    same = [e for e in recent if name and _database_format(e.format) == wanted and _is_named(e, name)]
    return _only(same, recent, sure)


def _database_format(written: str | None) -> str | None:
    # Two names of one form: a ZIP of CSV files.
    return DatabaseExportFormat.ZIP if written == DatabaseExportFormat.ZIP_CSV else written


def _exports_since(
    sent: Sent, policy: SettlePolicy, is_kind: Callable[[ExportKind | None], bool]
) -> Generator[Look, Any, tuple[list[ExportManifest], float]]:
    """
    Those that may have been made since the call, and from when on they surely were.

    Every page is read, since the docs do not tell the order.
    """
    # By id, since an export made meanwhile shifts the pages, so that one is seen twice.
    found: dict[str, ExportManifest] = {}
    offset = 0
    while True:
        reply: Reply[Any] = yield Look(
            operation=operations.LIST_EXPORTS,
            path={"project": sent.path["project"]},
            query={"limit": PAGE, "offset": offset},
        )
        earliest = earliest_there(sent, reply, policy)
        page: Sequence[ExportManifest] = reply.value.exports
        found |= {e.id: e for e in page if is_kind(e.kind) and (_made_at(e) or earliest) >= earliest}
        offset += len(page)
        if len(page) < PAGE:
            return [*found.values()], surely_since(sent, reply, policy)


def _made_at(export: ExportManifest) -> float | None:
    """Unix time in seconds, from the id: no other time could be read on the docs pages."""
    read = _DATED.match(export.id)
    if read is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in read.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return None


_DATED = re.compile(r"exp_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_")


def _is_named(export: ExportManifest, name: str | None) -> bool:
    return name is None or name in (export.download_name or "")


def _only(same: Sequence[ExportManifest], recent: Sequence[ExportManifest], sure: float) -> Verdict:
    if not recent:
        return NotThere()
    if len(same) == 1 and (_made_at(same[0]) or 0.0) >= sure:
        return Found(CreatedExport(export=same[0]), f"export {same[0].id}, by its kind, form and time")
    ids = ", ".join(export.id for export in recent)
    return Unclear(f"exports that may have been made since the call cannot be told from it: {ids}")


RULES: Mapping[str, Rule] = {
    operations.CREATE_DATABASE_EXPORT.name: created_database_export,
    operations.CREATE_SCHEMA_EXPORT.name: created_schema_export,
}
