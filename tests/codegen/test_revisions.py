"""Fragments out of folders and out of git."""

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codegen.revisions import RevisionError, specs


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments


def git(folder: Path, *arguments: str) -> None:
    """Run git on a repository of nobody."""
    names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
    environment = {**os.environ, **dict.fromkeys(names, "nobody"), "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", "-C", folder, *arguments], env=environment, check=True, capture_output=True)


@pytest.fixture
def repository(fragments: "Fragments", tmp_path: Path) -> Path:
    """A repository with a commit without fragments, and one with them."""
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "nothing")
    git(tmp_path, "tag", "empty")
    fragments.write()
    git(tmp_path, "add", "openapi")
    git(tmp_path, "commit", "--quiet", "--message", "fragments")
    git(tmp_path, "tag", "full")
    return tmp_path


def test_folder_of_services(fragments: "Fragments", tmp_path: Path) -> None:
    """A folder is read as it stands; what is no folder in it is no service."""
    fragments.write()
    (tmp_path / "openapi" / "README").write_text("no service")

    found = specs(str(tmp_path / "openapi"), tmp_path)

    assert ["things"] == list(found)
    assert ["create_thing"] == [each.operation["operationId"] for each in found["things"].operations()]


@pytest.mark.parametrize("revision", ["HEAD", "full"])
def test_revision(revision: str, repository: Path, fragments: "Fragments") -> None:
    """A revision has what was committed, whatever has become of it since."""
    fragments.drop("openapi.yaml", "info")
    fragments.write()

    assert "Things" == specs(revision, repository)["things"].root["info"]["title"]


@pytest.mark.parametrize(
    "revision", ["nowhere", "", "--output=x", "full --output=x", "HEAD:openapi", "\x1b[2J"]
)
def test_no_revision(revision: str, repository: Path) -> None:
    """What is no revision is told as what it is; nothing in it is taken for an option, or shown as it came."""
    with pytest.raises(RevisionError, match="no folder and no revision of git") as caught:
        specs(revision, repository)

    assert str(caught.value).isprintable()


def test_revision_without_fragments(repository: Path) -> None:
    """A revision from before there were fragments is told as such."""
    with pytest.raises(RevisionError, match="has no folder openapi"):
        specs("empty", repository)


def test_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where git is not installed, there are no revisions."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(RevisionError, match="no revision of git"):
        specs("HEAD", tmp_path)
