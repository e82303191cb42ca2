"""`aiotables move`."""

from pathlib import Path

from attrs import asdict

from aiotables.cli.codes import DONE
from aiotables.cli.console import out, plain, print_json
from aiotables.cli.state import PATIENCE
from aiotables.core.counting import counted
from aiotables.provision.postgres.moving import move as carry_over


async def move(state: Path, url: str, *, as_json: bool) -> int:
    """
    Carry the journal of a folder over into a database.

    Raises:
        JournalLocked: A run holds the folder.
        JournalError: There is nothing to move, or nowhere to move it to.
    """
    moved = await carry_over(state, url, patience=PATIENCE)
    if as_json:
        print_json({"event": "moved", **asdict(moved)})
    else:
        out().print(plain(f"moved {counted(moved.facts, 'fact')} of {counted(moved.runs, 'run')}"))
        out().print(plain("aiotables apply --journal goes on with them"))
    return DONE
