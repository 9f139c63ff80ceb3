"""The folder of the agents' socket: short enough, one's own, and gone once its process is."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runners.transport import folder as folders
from runners.transport.folder import MAX_SOCKET_PATH, NoFolder, PrivateFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
CHILD = (
    "import tempfile; from runners.transport.folder import PrivateFolder; print(PrivateFolder.make().path, flush=True)"
)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place of its own for folders, with a short path."""
    with tempfile.TemporaryDirectory(prefix="f-") as name:
        monkeypatch.setattr(tempfile, "tempdir", name)
        monkeypatch.setenv("TMPDIR", name)
        yield Path(name)


def killed() -> Path:
    """The folder of a process that ended without removing it."""
    words = [sys.executable, "-c", f"{CHILD}; import os; os._exit(1)"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return Path(done.stdout.strip())


def test_what_a_kill_left_is_removed_at_the_next_start_and_nothing_else(place: Path) -> None:
    left = killed()
    (place / "lastgood-demo-12345678").mkdir()
    (place / "lastgood-abcdefgh").mkdir()
    (place / "lastgood-abcdefgh" / "a file of somebody").touch()
    living = PrivateFolder.make()
    before = left.exists()
    (place / "lastgood-01234567").symlink_to(living.path)

    own = PrivateFolder.make()
    names = {path.name for path in place.iterdir()}
    own.remove()
    living.remove()

    assert not before
    assert names == {
        *("lastgood-demo-12345678", "lastgood-abcdefgh", "lastgood-01234567"),
        *(living.path.name, own.path.name),
    }


def test_a_place_whose_path_is_too_long_for_a_socket_is_not_taken(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = place / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))

    own = PrivateFolder.make()
    own.remove()

    assert len(str(own.path / "12345678.sock")) <= MAX_SOCKET_PATH
    assert not list(long.iterdir())


def test_no_place_at_all_is_said_with_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_places", lambda: iter([Path("/nowhere"), Path("/" + "y" * 99)]))

    with pytest.raises(NoFolder, match=r"/nowhere: No such file or directory; /y+ is too long") as raised:
        PrivateFolder.make()

    assert "Set TMPDIR" in raised.value.advice


def test_the_folder_is_its_owners_alone(place: Path) -> None:
    own = PrivateFolder.make()
    mode = own.path.stat().st_mode & 0o777
    own.remove()

    assert mode == 0o700
    assert list(place.iterdir()) == []
