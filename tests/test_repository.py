"""What the repository itself must keep to: short files, no traces of a machine, locks that name no address."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.support.database_fixtures import skip_or_fail

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "commands", "domain", "notifications", "runners", "storage", "templates", "demo", "bench")
LONGEST_FILE = 300  # lines

_LIST = ("git", "-c", "safe.directory=*", "ls-files")  # whoever owns the checkout

MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:root|home/\w+|work|Users/\w+)/")
LEFT_FOR_LATER = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|NotImplemented" + r"Error)\b")


def tracked() -> list[Path]:
    """Every text file that git keeps."""
    names = subprocess.run(_LIST, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603 - fixed words
    return [ROOT / name for name in names.splitlines() if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    if not (ROOT / ".git").exists():
        skip_or_fail("not a git checkout")
    found = {}
    for path in tracked():
        try:
            found[path] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def test_files_of_the_rooms_stay_short(texts: dict[Path, str]) -> None:
    lengths = {
        str(path.relative_to(ROOT)): text.count("\n")
        for path, text in texts.items()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in ROOMS and "migrations" not in path.parts
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, LEFT_FOR_LATER], ids=["machine paths", "left for later"])
def test_no_file_holds(pattern: re.Pattern[str], texts: dict[Path, str]) -> None:
    here = Path(__file__)

    found = {
        str(path.relative_to(ROOT)): match.group()
        for path, text in texts.items()
        if path != here and (match := pattern.search(text))
    }

    assert found == {}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_lock_has_hashes_and_names_no_address(name: str) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(r"^[\w.-]+==", lock, flags=re.MULTILINE)

    assert pins
    assert lock.count("--hash=sha256:") >= len(pins)
    assert "://" not in lock
    assert "--index" not in lock


def test_every_dependency_says_why_it_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = [
        re.split(r"[<>=!\[ ]", line)[0]
        for line in project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    ]
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")

    assert [name for name in names if f"`{name}`" not in reasons] == []
