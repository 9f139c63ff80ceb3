"""The message of a site's batch and what stands in its thread: from one device to thousands, and storms."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from demo.gallery.entries import Entry
from demo.gallery.samples import LONG_DEVICE, LONG_SITE, NIGHT, make_batch, make_run
from domain.failures import FailureKind
from domain.runs.batches import BatchFailures
from domain.runs.causes import TimeoutCause
from domain.runs.outcomes import Outcome
from notifications.pages import batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.runs.batches import BatchState
    from domain.runs.run import Run

_ROWS = 30  # runs that the announcer hands over for the table
_TROUBLES = 100  # failed runs that it looks at


def entries() -> Iterator[Entry]:
    """Every batch message, and every list of troubles."""
    yield from _batches()
    yield from _troubles()


def _batches() -> Iterator[Entry]:
    pending, going, good = Outcome.PENDING, Outcome.IN_PROGRESS, Outcome.UP_TO_DATE
    yield _batch("just begun", make_batch(5, {pending: 5}), _runs(pending, 5))
    yield _batch("one device, done", make_batch(1, {good: 1}), _runs(good, 1))
    half = make_batch(9, {Outcome.FAILED: 1, Outcome.MODIFIED: 1, good: 3, going: 2, pending: 2})
    mixed = [*_failed(1), *_modified(1), *_runs(good, 3), *_runs(going, 2, start=5), *_runs(pending, 2, start=7)]
    yield _batch("half done", half, mixed)
    yield _batch("done, all safe", make_batch(9, {good: 7, Outcome.MODIFIED: 2}), [*_modified(2), *_runs(good, 7)])
    ended = make_batch(9, {good: 5, Outcome.MODIFIED: 1, Outcome.FAILED: 2, Outcome.TIMED_OUT: 1})
    yield _batch("done, three without a backup", ended, [*_failed(3), *_modified(1), *_runs(good, 5)])
    first = make_batch(5, {good: 5})
    yield _batch("everyone's first day", first, [make_run(good, device=f"access-sw{n}", version=1) for n in range(5)])
    many = make_batch(5_000, {Outcome.FAILED: 12, Outcome.MODIFIED: 204, good: 3_120, going: 50, pending: 1_614})
    yield _batch("5,000 devices, going", many, [*_failed(12), *_modified(18)])
    storm = make_batch(5_000, {Outcome.FAILED: 4_998, good: 2})
    yield _batch("5,000 devices, a storm of failures", storm, _failed(_ROWS))
    longest = [make_run(Outcome.FAILED, device=f"{n}-{LONG_DEVICE}", reason=FailureKind.SUSPECT) for n in range(_ROWS)]
    yield _batch("longest names", make_batch(_ROWS, {Outcome.FAILED: _ROWS}), longest, site=LONG_SITE)


def _troubles() -> Iterator[Entry]:
    yield _trouble("one device", _failed(1), failed=1)
    yield _trouble("three reasons", _failed(9), failed=9)
    yield _trouble("a storm", [*_same(4_990), *_failed(8)], failed=4_998, more_diffs=True)
    yield _trouble(
        "every reason at once",
        [make_run(Outcome.FAILED, device=one.value, reason=one) for one in FailureKind],
        failed=25,
    )
    yield _trouble("timed out for three causes", _timed_out(), failed=4)
    yield _trouble("all safe, more changes than diffs", [], failed=0, more_diffs=True)


def _batch(state: str, batch: BatchState, runs: Sequence[Run], *, site: str = "Plant A") -> Entry:
    context = batches.batch_message(batch, site, runs)
    return Entry(group="Batches", state=state, template="batch", context=context)


def _trouble(state: str, runs: Sequence[Run], *, failed: int, more_diffs: bool = False) -> Entry:
    alike: dict[object, list[Run]] = {}
    for run in runs:
        alike.setdefault((run.reason, run.cause), []).append(run)
    groups = sorted(alike.values(), key=len, reverse=True)
    failures = [BatchFailures(first=tuple(some[: batches.MAX_NAMED]), count=len(some)) for some in groups]
    context = batches.batch_troubles(failures, failed=failed, more_diffs=more_diffs, asked_by="U02ANNA")
    return Entry(group="In the thread of a batch", state=state, template="batch_troubles", context=context)


def _runs(outcome: Outcome, count: int, *, start: int = 0) -> list[Run]:
    version = {"base_version": 6, "version": 6} if outcome.is_good else {}
    return [make_run(outcome, device=f"access-sw{number + 1}", **version) for number in range(start, start + count)]


def _modified(count: int) -> list[Run]:
    return [
        make_run(
            Outcome.MODIFIED, device=f"core-sw{number + 1}", base_version=6, version=7, added=number + 2, removed=1
        )
        for number in range(count)
    ]


def _timed_out() -> list[Run]:
    queued = (
        "It waited 30 min behind 412 runs of its site on agent local. Raise `concurrency` of the agent or the site, "
    )
    whys = (
        (TimeoutCause.QUEUE, queued + "add an agent, or raise the job's `Waiting time limit`."),
        (TimeoutCause.QUEUE, queued + "add an agent, or raise the job's `Waiting time limit`."),
        (
            TimeoutCause.AGENT,
            "Agent local has been disconnected since 02:40 CET. Is it running?",
        ),
        (
            TimeoutCause.NO_AGENT,
            "No agent serves the site plant-a. Add the site to an agent under `agents` in app.yaml.",
        ),
    )
    return [
        replace(_failed_run(f"edge-rt{number}", FailureKind.NEVER_STARTED), cause=cause, facts=facts)
        for number, (cause, facts) in enumerate(whys, start=1)
    ]


def _failed(count: int) -> list[Run]:
    kinds = (FailureKind.UNREACHABLE, FailureKind.AUTHENTICATION, FailureKind.NEVER_STARTED)
    return [_failed_run(f"edge-rt{number + 1}", kinds[number % len(kinds)]) for number in range(count)]


def _failed_run(device: str, kind: FailureKind) -> Run:
    nothing = {"started_at": None, "finished_at": NIGHT + timedelta(minutes=30)}
    never = kind is FailureKind.NEVER_STARTED
    outcome = Outcome.TIMED_OUT if kind.is_clock else Outcome.FAILED
    return make_run(outcome, device=device, reason=kind, **(nothing if never else {}))


def _same(count: int) -> list[Run]:
    return [_failed_run(f"access-sw{number + 1:04d}", FailureKind.UNREACHABLE) for number in range(count)]
