"""Lists: history, devices, agents; empty, one, many, the longest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from demo.gallery.entries import Entry
from demo.gallery.samples import LONG_DEVICE, LONG_SITE, NIGHT, make_run
from demo.gallery.subjects.runs import FACTS
from domain.configs.versions import DeviceState
from domain.failures import FailureKind
from domain.runs.health import Health, ages_of
from domain.runs.outcomes import Outcome
from notifications.pages import lists
from notifications.pages.lists import AgentLine
from notifications.rendering.buttons import never_buttons

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from domain.runs.run import Run

SITES = {"plant-a": "Plant A"}


def entries() -> Iterator[Entry]:
    """Every list."""
    yield from _histories()
    yield from _device_lists()
    yield from _stale_lists()
    yield from _agent_lists()


def _histories() -> Iterator[Entry]:
    one = _every_outcome()[:1]
    yield _history("empty", [])
    yield _history("one run", one)
    yield _history("every outcome", _every_outcome(), older="core-sw1 trail:4711")
    yield _history("every reason", [_failed(kind, n) for n, kind in enumerate(FailureKind)])
    yield _history("longest names", [replace(run, device=LONG_DEVICE, site=LONG_SITE) for run in _every_outcome()])


def _every_outcome() -> list[Run]:
    return [
        make_run(Outcome.PENDING, id=4716),
        make_run(Outcome.IN_PROGRESS, id=4715, started_at=NIGHT, agent="local", attempts=1),
        make_run(Outcome.MODIFIED, id=4714, base_version=6, version=7, added=3, removed=1),
        make_run(Outcome.UP_TO_DATE, id=4713, base_version=6, version=6),
        make_run(Outcome.FAILED, id=4712, reason=FailureKind.AUTHENTICATION),
        _failed(FailureKind.NEVER_STARTED, 0),
        make_run(Outcome.UP_TO_DATE, id=3, version=1),
    ]


def _failed(kind: FailureKind, number: int) -> Run:
    outcome = Outcome.TIMED_OUT if kind.is_clock else Outcome.FAILED
    return make_run(outcome, id=4711 - number, reason=kind, facts=FACTS.get(kind, ""))


def _history(state: str, runs: Sequence[Run], *, older: str = "") -> Entry:
    command = "/backup history core-sw1"
    context = lists.history(runs, SITES, about="core-sw1", command=command, older=older)
    return Entry(group="History", state=state, template="history", context=context, asked=command, private=True)


def _device_lists() -> Iterator[Entry]:
    good = DeviceState(device="core-sw1", site="plant-a", version=7, last_good_at=NIGHT)
    rows = [("core-sw1", "Plant A", good, run) for run in _every_outcome()]
    never = ("new-sw9", "Plant A", None, None)
    yield _devices("none", [], total=0)
    yield _devices("one, never backed up", [never], total=1)
    yield _devices("many", [*rows, never], total=10_000, older="page:2")
    yield _devices("longest names", [(LONG_DEVICE, LONG_SITE, good, rows[0][3])] * 15, total=15)


def _devices(
    state: str, rows: Sequence[tuple[str, str, DeviceState | None, Run | None]], *, total: int, older: str = ""
) -> Entry:
    never = sum(row[2] is None for row in rows)
    counts = {Health.NEVER: never, Health.FAILING: 2, Health.GOOD: total - never - 2} if never < total else {}
    counts = counts or ({Health.NEVER: never} if never else {})
    context = lists.devices(rows, counts=counts, total=total, command="/backup devices", older=older)
    if never and not older:
        context["buttons"] = never_buttons([("plant-a", "Plant A", never)])
    return Entry(
        group="Devices", state=state, template="devices", context=context, asked="/backup devices", private=True
    )


def _stale_lists() -> Iterator[Entry]:
    good = {f"access-sw{number}": NIGHT - timedelta(days=number // 3) for number in range(40)}
    never = dict.fromkeys((f"new-sw{number}" for number in range(5)), None)
    yield _stale("nothing", {})
    yield _stale("all good", {"core-sw1": NIGHT})
    yield _stale("the only one was never backed up", {"new-sw1": None})
    yield _stale("5 of 8 never backed up", {**never, **{f"core-sw{n}": NIGHT for n in range(3)}})
    yield _stale("never backed up at several sites, old and young", {**never, **good}, sites=5)
    yield _stale("old ones alone", good)
    yield _stale("longest names", {LONG_DEVICE: None, f"{LONG_DEVICE}2": NIGHT - timedelta(days=300)}, name=LONG_SITE)


def _stale(state: str, goods: Mapping[str, datetime | None], *, sites: int = 1, name: str = "Plant A") -> Entry:
    ages = ages_of(goods, before=NIGHT - timedelta(days=7))
    rows = [(device, name, goods[device]) for device in (*ages.never, *ages.old)][:15]
    command = "/backup stale 7"
    context = lists.stale(rows, ages, days=7, now=NIGHT, command=command)
    counts = [(f"plant-{number}", name, len(ages.never) - number) for number in range(sites)] if ages.never else []
    context["buttons"] = never_buttons(counts)
    return Entry(group="Old backups", state=state, template="stale", context=context, asked=command, private=True)


def _agent_lists() -> Iterator[Entry]:
    local = AgentLine(name="local", connected=True, since=NIGHT, running=12, waiting=340, concurrency=50)
    away = AgentLine(
        name="plant-b", connected=False, since=NIGHT - timedelta(hours=5), running=0, waiting=31, concurrency=20
    )
    never = AgentLine(name="plant-c", connected=False, since=None, running=0, waiting=0, concurrency=20)
    yield _agents("none", [])
    yield _agents("one", [local])
    yield _agents("connected, disconnected, never seen", [local, away, never])
    yield _agents("many", [replace(local, name=f"site-{number:03d}") for number in range(120)])


def _agents(state: str, lines: Sequence[AgentLine]) -> Entry:
    context = lists.agents(lines, command="/backup agents")
    return Entry(group="Agents", state=state, template="agents", context=context, asked="/backup agents", private=True)
