"""Trying mutants in a copy of the checkout: the work tree is never touched."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from contextlib import chdir
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING
from uuid import uuid4

from cosmic_ray.commands import execute
from cosmic_ray.config import ConfigDict
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.mutants.faults import Place
    from tests.support.mutants.rooms import Room

_NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "data", "*.egg-info")
_PATIENCE = 4  # times what the tests take on the true code: a mutant that never ends counts as noticed


class CannotTry(Exception):
    """The tests fail on the true code, so that nothing could be said of a mutant."""


def copy_checkout(root: Path, target: Path) -> None:
    """All that code and tests need."""
    shutil.copytree(root, target, ignore=_NOT_COPIED)


def unnoticed(room: Room, places: Sequence[Place], checkout: Path) -> list[Place]:
    """Those of ``places`` that leave all tests of ``room`` passing.

    Raises:
        CannotTry: they fail without any fault.
    """
    patience = _PATIENCE * _seconds_of(command_for(room, checkout), checkout)
    left: list[Place] = []
    for source, group in groupby(sorted(places, key=_file), key=_file):
        command = command_for(room, checkout, first=source)
        with TemporaryDirectory() as folder, chdir(checkout):
            left += _survivors(list(group), command, patience, Path(folder) / "session.sqlite")
    return left


def command_for(room: Room, checkout: Path, *, first: Path | None = None) -> str:
    """What runs the tests of ``room`` up to the first that notices, alike each time.

    Those that speak of the file ``first`` run before all others: they are the likeliest to notice.
    """
    tests = sorted({file for pattern in room.tests for file in checkout.glob(pattern)})
    module = ".".join(first.with_suffix("").parts) if first else ""
    likely = [file for file in tests if module in file.read_text()]
    others = [file for file in tests if file not in likely]
    return shlex.join(("sh", "-c", " && ".join(_pytest(room, checkout, some) for some in (likely, others) if some)))


def _pytest(room: Room, checkout: Path, tests: Sequence[Path]) -> str:
    plain = ("-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=ci")
    chosen = ("-k", f"not ({room.left_out})") if room.left_out else ()
    names = (str(file.relative_to(checkout)) for file in tests)
    return shlex.join((sys.executable, "-m", "pytest", "-x", "-q", *plain, *chosen, *names))


def _survivors(places: Sequence[Place], command: str, patience: float, session: Path) -> list[Place]:
    items = {uuid4().hex: place for place in places}
    config = ConfigDict(**{"test-command": command, "timeout": patience, "distributor": {"name": "local"}})
    with use_db(str(session), WorkDB.Mode.create) as found:
        found.add_work_items(WorkItem.single(name, _specification(place)) for name, place in items.items())
        execute(found, config)
        survived = {name for name, result in found.results if result.test_outcome is TestOutcome.SURVIVED}
    return [place for name, place in items.items() if name in survived]


def _seconds_of(command: str, checkout: Path) -> float:
    began = monotonic()
    done = subprocess.run(shlex.split(command), cwd=checkout, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise CannotTry(done.stdout[-2_000:] + done.stderr[-2_000:])
    return monotonic() - began


def _file(place: Place) -> Path:
    return place.source.path


def _specification(place: Place) -> MutationSpec:
    return MutationSpec(
        module_path=place.source.path,
        operator_name=place.operator,
        occurrence=place.occurrence,
        start_pos=place.start,
        end_pos=place.end,
    )
