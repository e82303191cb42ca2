"""The file of a project's token."""

import os
import stat
from pathlib import Path

import pytest

from aiotables.core.errors import SettingsError
from aiotables.provision.token_file import read_token, why_not_kept, write_token


def test_written_and_read(tmp_path: Path) -> None:
    """What is written is read, and nobody else may read it."""
    file = tmp_path / "crm.token"

    write_token(file, "pat_1")

    assert "pat_1" == read_token(file)
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)


def test_one_that_is_there(tmp_path: Path) -> None:
    """A file that is there is never written over."""
    file = tmp_path / "crm.token"
    write_token(file, "pat_1")

    with pytest.raises(FileExistsError):
        write_token(file, "pat_2")

    assert "pat_1" == read_token(file)


@pytest.mark.parametrize("text", ["", "\n", " \n"])
def test_nothing_in_it(tmp_path: Path, text: str) -> None:
    """Without a file, and with nothing in it, there is no token."""
    file = tmp_path / "crm.token"
    assert read_token(file) is None
    file.write_text(text, encoding="ascii")

    assert read_token(file) is None


@pytest.mark.parametrize("text", ["pat_1 pat_2", "pat_1\npat_2", "pät"])
def test_no_token(tmp_path: Path, text: str) -> None:
    """What is no token is told with the file's name, and not shown."""
    file = tmp_path / "crm.token"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError, match=r"crm\.token") as caught:
        read_token(file)

    assert text not in str(caught.value)


def test_unreadable(tmp_path: Path) -> None:
    """What cannot be read is told."""
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        read_token(tmp_path)


def test_fit_to_keep(tmp_path: Path) -> None:
    """A token can be kept in a file that is not there, in a folder that is."""
    assert why_not_kept(tmp_path / "crm.token") is None


def test_no_folder(tmp_path: Path) -> None:
    """Without its folder it cannot."""
    assert f"there is no folder {tmp_path}/no " in str(why_not_kept(tmp_path / "no" / "crm.token"))


def test_in_the_way(tmp_path: Path) -> None:
    """Nor where something is in its place, be it a link to nowhere."""
    empty, link = tmp_path / "empty", tmp_path / "link"
    empty.touch()
    link.symlink_to(tmp_path / "nowhere")

    assert all("is there, and holds no token" in str(why_not_kept(file)) for file in (empty, link))


def test_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor in a folder that may not be written to; whoever runs this may write everywhere."""
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)

    assert f"{tmp_path} is not writable" in str(why_not_kept(tmp_path / "crm.token"))
