"""Reading what a process has cost, from the kernel's own accounts (Linux)."""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_KIB = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What a piece of work took."""

    cpu: float  # seconds, user + system
    wall: float  # seconds
    peak: float = 0.0  # MiB, the most that was resident


class Meter:
    """Measures the processes ``pids`` from its making to ``read``."""

    def __init__(self, *pids: int) -> None:
        self._pids = pids
        self._cpu = _cpu_seconds(pids)
        self._began = time.perf_counter()

    def read(self) -> Cost:
        """The cost since the meter was made; the peak is that of the largest process since it began."""
        wall = time.perf_counter() - self._began
        return Cost(_cpu_seconds(self._pids) - self._cpu, wall, max(peak_mib(pid) for pid in self._pids))


def peak_mib(pid: int) -> float:
    """The most memory that ``pid`` ever held, in MiB."""
    return _status_kib(pid, "VmHWM") / _PAGE_KIB


def resident_mib(pid: int) -> float:
    """The memory that ``pid`` holds now, in MiB."""
    return _status_kib(pid, "VmRSS") / _PAGE_KIB


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of ``values`` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread(values: Sequence[float], *, digits: int = 2) -> str:
    """The median of ``values``, with the smallest and the largest where there are several."""
    middle = f"{statistics.median(values):.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def _status_kib(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    return 0


def _cpu_seconds(pids: Sequence[int]) -> float:
    return sum(_ticks(pid) for pid in pids) / _TICKS


def _ticks(pid: int) -> int:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])  # utime, stime
