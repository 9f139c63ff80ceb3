"""Which code is tried, and which tests ought to notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.mutants.faults import Source

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Room:
    """Code of one room, and the tests that are its own."""

    name: str
    code: tuple[str, ...]  # patterns of files
    tests: tuple[str, ...]  # patterns of files; what the tests of other rooms notice does not count
    left_out: str = ""  # an expression of pytest's: tests that ask the same twice, or measure something else

    def sources(self, root: Path) -> list[Source]:
        """The files of code, read."""
        files = sorted({file for pattern in self.code for file in root.glob(pattern)})
        return [Source(file.relative_to(root), file.read_text()) for file in files]


ROOMS = (
    Room("domain", ("domain/**/*.py",), ("tests/domain/**/test_*.py",), left_out="megabytes"),
    Room("rendering", ("notifications/rendering/*.py",), ("tests/notifications/rendering/test_*.py",)),
    Room(
        "storage",  # its arithmetic
        (
            "storage/jobs/slots.py",
            "storage/runs/durations.py",
            "storage/runs/history.py",
            "storage/runs/statistics.py",
            "storage/subscriptions/digests.py",
        ),
        (
            "tests/storage/jobs/test_slots.py",
            "tests/storage/jobs/test_jobs.py",
            "tests/storage/runs/test_durations.py",
            "tests/storage/runs/test_history.py",
            "tests/storage/runs/test_statistics.py",
            "tests/storage/subscriptions/test_digests.py",
        ),
        left_out="postgres",
    ),
)
