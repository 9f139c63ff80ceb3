"""Values that tests of storage put in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.messages.places import Place
from domain.runs.outcomes import Outcome
from domain.runs.run import NewRun, Run, Trigger
from domain.runs.steps import RunEnd, RunStart, StoredVersion
from storage.runs import runs

NOW = datetime(2026, 3, 2, 6, 0, 0, 123_456, tzinfo=UTC)
HOUR = timedelta(hours=1)


def new_run(device: str = "core-sw1", **rest: Any) -> NewRun:  # noqa: ANN401 - any field of a new run
    """A run asked for at NOW, unless ``rest`` says otherwise."""
    values: dict[str, Any] = {
        "device": device,
        "site": "plant-a",
        "trigger": Trigger.MANUAL,
        "created_at": NOW,
        "waiting_limit": timedelta(minutes=30),
        "running_limit": timedelta(minutes=5),
        "asked_by": "U02ANNA",
        "place": Place(channel="C0PLANTA", thread_ts="1.1"),
    }
    return NewRun(**values | rest)


async def add_run(device: str = "core-sw1", **rest: Any) -> Run:  # noqa: ANN401 - the same
    """A run that is Pending."""
    [run] = await runs.add_runs([new_run(device, **rest)])
    return run


async def add_started(device: str = "core-sw1", **rest: Any) -> Run:  # noqa: ANN401 - the same
    """A run that an agent is at since NOW."""
    run = await add_run(device, **rest)
    [started] = await runs.start_runs([RunStart(run=run.id, agent="local", attempt=1, at=NOW)])
    return started


def stored(run: Run, number: int = 1, *, at: datetime = NOW, **rest: Any) -> StoredVersion:  # noqa: ANN401 - the same
    """The version of this number, made by ``run``."""
    values: dict[str, Any] = {
        "device": run.device,
        "site": run.site,
        "number": number,
        "commit": f"{number:040x}",
        "run": run.id,
        "captured_at": at,
        "size": 100 * number,
        "digest": f"d{number}",
    }
    return StoredVersion(**values | rest)


def good_end(run: Run, version: int = 1, *, at: datetime = NOW, is_new: bool = False, **rest: Any) -> RunEnd:  # noqa: ANN401 - the same
    """The end of a run that found the version of this number, or made it."""
    outcome = Outcome.MODIFIED if is_new and version > 1 else Outcome.UP_TO_DATE
    values: dict[str, Any] = {
        "run": run.id,
        "outcome": outcome,
        "at": at,
        "base_version": (version - 1 or None) if is_new else version,
        "version": version,
        "stored": stored(run, version, at=at) if is_new else None,
    }
    return RunEnd(**values | rest)
