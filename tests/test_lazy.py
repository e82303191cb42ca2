"""Names that are imported when they are first used."""

import subprocess
import sys
from pathlib import Path

import pytest

from aiotables._lazy import LazyMapping, LazyPart, lazy


def test_import_on_first_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home of a name is imported when the name is asked for, and not before."""
    (tmp_path / "made_up_home.py").write_text("Name = 'the name'\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    get = lazy("package", {"Name": "made_up_home"})
    assert "made_up_home" not in sys.modules

    assert "the name" == get("Name")

    assert sys.modules.pop("made_up_home", None) is not None


def test_unknown_name() -> None:
    """A name without a home is an attribute that is not there, told as Python does."""
    with pytest.raises(AttributeError, match=r"^module 'package' has no attribute 'Other'$"):
        lazy("package", {"Name": "home"})("Other")


def test_module_of_the_package_itself() -> None:
    """A name whose home is the package is a module of it."""
    assert sys.modules["aiotables._lazy"] is lazy("aiotables", {"_lazy": "aiotables"})("_lazy")


class Whole:
    """It has a part of a class that is made up."""

    part: "LazyPart[object]" = LazyPart("made_up_part", "Part")


def test_part_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part's class is imported when the part is first asked for; the part knows its whole, and stays the same."""
    (tmp_path / "made_up_part.py").write_text(
        "class Part:\n    def __init__(self, whole): self.whole = whole\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    whole = Whole()
    assert "made_up_part" not in sys.modules

    part = whole.part

    assert whole is vars(part)["whole"]
    assert part is whole.part
    assert part is not Whole().part
    assert sys.modules.pop("made_up_part", None) is not None


def test_part_of_the_class() -> None:
    """Of the class itself the attribute says what it stands for, and imports nothing."""
    assert isinstance(Whole.part, LazyPart)
    assert "made_up_part" not in sys.modules


def test_mapping_is_imported_when_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mapping does not import its home when it is made; then it is what is there."""
    (tmp_path / "made_up_mapping.py").write_text("NUMBERS = {'one': 1, 'two': 2}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    numbers: LazyMapping[str, int] = LazyMapping("made_up_mapping", "NUMBERS")
    assert "made_up_mapping" not in sys.modules

    assert 2 == numbers["two"]
    assert {"one": 1, "two": 2} == dict(numbers)
    assert 2 == len(numbers)
    assert sys.modules.pop("made_up_mapping", None) is not None


@pytest.mark.parametrize("made", ["Extruct(token='t')", "ZangTable(token='t', project='p')"])
def test_a_client_loads_no_models(made: str) -> None:
    """Who makes a client loads neither models nor operations, nor how calls are settled: they come with the first call."""
    code = f"import sys; from aiotables import Extruct, ZangTable; {made}; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    own = {name for name in done.stdout.split() if name.startswith("aiotables.")}
    assert {"aiotables.core.client"} <= own
    assert not any(
        name.endswith((".models", "_generated.operations", ".settling", ".tables")) for name in own
    )
