"""Where the journal of a manifest is."""

from pathlib import Path

from aiotables.cli.state import state_folder


def test_state_folder() -> None:
    """The journal is beside its manifest and goes by the manifest's name, or is where it was asked to be."""
    assert Path("work/.aiotables/crm") == state_folder(Path("work/crm.yaml"), None)
    assert Path("elsewhere") == state_folder(Path("work/crm.yaml"), Path("elsewhere"))
