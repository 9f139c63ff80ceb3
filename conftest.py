"""The order of the suite, and no example that is judged by how fast the machine is."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# An example may take as long as it takes where something else keeps the cores busy.
settings.register_profile("any pace", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any pace")


@pytest.hookimpl(trylast=True)  # behind what takes the marked ones out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each worker begin with its share of what may take longest, so that none ends alone with it.

    xdist cuts the list into as many equal parts as there are workers; the rest stays as it stands in the files.
    """
    longest = sorted(filter(_limit, items), key=_limit, reverse=True)
    rest = [item for item in items if not _limit(item)]
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    dealt: list[pytest.Item] = []
    for worker in range(workers):
        size = (len(items) - len(dealt)) // (workers - worker)
        first = longest[worker::workers]
        others = max(0, size - len(first))
        dealt += first + rest[:others]
        rest = rest[others:]
    items[:] = dealt


def _limit(item: pytest.Item) -> float:
    """The time limit that the test has set for itself."""
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark and mark.args else 0.0
