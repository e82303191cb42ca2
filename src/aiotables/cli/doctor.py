"""`aiotables doctor`."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from aiotables.cli.codes import DONE, FAILED
from aiotables.cli.console import out, plain, print_json
from aiotables.core.counting import counted
from aiotables.provision.journal.doctor import Mended, examine, mend
from aiotables.provision.journal.findings import Finding, Trouble
from aiotables.provision.naming import name_of
from aiotables.provision.results import as_json as to_json


async def doctor(path: Path | None, state: Path, *, repair: bool, as_json: bool) -> int:
    """
    Say what is the matter with a journal, and mend it where that is asked for.

    Returns:
        The exit code: 1 when the journal cannot be used.

    Raises:
        ManifestError: The manifest cannot be read.
        JournalLocked: It is to be mended, and a run is going on.
        JournalError: It cannot be mended.
    """
    manifest = None if path is None else name_of(path)
    findings = await asyncio.to_thread(examine, state, manifest=manifest)
    show(findings, as_json=as_json)
    mended = await asyncio.to_thread(mend, state, manifest=manifest) if repair else None
    if mended is not None:
        _told(mended, as_json=as_json)
    return conclude(findings, mended=mended is not None, as_json=as_json)


def show(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print what is the matter."""
    for finding in findings:
        if as_json:
            print_json({**to_json(finding), "harmless": finding.harmless})
        else:
            style = "" if finding.harmless else "red" if finding.trouble is Trouble.TORN else "yellow"
            out().print(plain(f"{finding.trouble}: {finding.text} {finding.advice}", style))


def conclude(findings: Sequence[Finding], *, mended: bool, as_json: bool) -> int:
    """Say so when nothing is the matter; the exit code."""
    if mended:
        return DONE
    if not as_json and not findings:
        out().print("nothing is the matter")
    return DONE if all(finding.harmless for finding in findings) else FAILED


def _told(mended: Mended, *, as_json: bool) -> None:
    if as_json:
        print_json(to_json(mended))
        return
    out().print(plain(f"kept as it was: {mended.kept}"))
    kept = f"{counted(mended.facts, 'fact')} of {counted(mended.runs, 'run')}"
    out().print(f"in the journal now: {kept}; lost: {counted(mended.lost, 'fact')}")
    out().print(plain(mended.advice))
