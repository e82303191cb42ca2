"""What a manifest calls itself, without the rest of it: for commands that need neither tokens nor tables."""

from pathlib import Path

from aiotables.provision.problems import Faults, ManifestError
from aiotables.provision.tree import read_tree


def name_of(path: Path) -> str | None:
    """
    The name in a manifest; `None` where it has none that is text.

    Args:
        path: The file, YAML or JSON.

    Raises:
        ManifestError: It cannot be read.
    """
    faults = Faults()
    root = read_tree(path, faults)
    if root is None:
        raise ManifestError(faults.sorted())

    fields = root.value if isinstance(root.value, dict) else {}
    name = fields["manifest"].value if "manifest" in fields else None
    return name if isinstance(name, str) else None
