"""What people and channels are told without having asked: events, their lists, and what was held back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from demo.gallery.entries import Entry
from demo.gallery.samples import LONG_DEVICE, LONG_SITE, NIGHT, make_run
from domain.events.alerts import RouteBroken
from domain.events.audiences import Event
from domain.events.transitions import Notice
from domain.failures import FailureKind
from domain.inventory.declared import Site
from domain.runs.outcomes import Outcome
from notifications.alerts import route_words
from notifications.events import pages
from notifications.pages import runs as run_pages
from notifications.pages.configs import SameChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.runs.run import Run
    from notifications.rendering import renderer

_SINCE = timedelta(hours=5)
PLANT_A = Site(key="plant-a", name="Plant A", timezone=ZoneInfo("Europe/Berlin"))


def entries() -> Iterator[Entry]:
    """Every post, every list, every state of a channel."""
    yield from _single()
    yield from _many()
    yield from _held()
    yield from _channels()


def _single() -> Iterator[Entry]:
    good = make_run(Outcome.UP_TO_DATE, base_version=6, version=6, asked_by=None)
    bad = make_run(Outcome.FAILED, reason=FailureKind.UNREACHABLE, asked_by=None)
    changed = make_run(Outcome.MODIFIED, base_version=6, version=7, added=3, removed=1, asked_by=None)
    yield _one("recovered", Notice.RECOVERED, good)
    yield _one("recovered, longest names", Notice.RECOVERED, replace(good, device=LONG_DEVICE), site=LONG_SITE)
    yield _one("flapping", Notice.FLAPPING, bad)
    yield _one("still failed", Notice.STILL_FAILED, bad)
    yield _run("failed, to a person", Notice.FAILED, bad)
    yield _run("modified, to a person", Notice.MODIFIED, changed)


def _many() -> Iterator[Entry]:
    for notice in (Notice.FAILED, Notice.STILL_FAILED, Notice.FLAPPING, Notice.RECOVERED, Notice.MODIFIED):
        yield _several(f"3 devices, {notice.value.replace('_', ' ')}", notice, _runs(notice, 3))
    yield _several("a storm", Notice.FAILED, _runs(Notice.FAILED, 4_998))
    longest = [replace(run, device=f"{number}-{LONG_DEVICE}") for number, run in enumerate(_runs(Notice.FAILED, 30))]
    yield _several("longest names", Notice.FAILED, longest, site=LONG_SITE)
    yield _list("3 devices failed", Notice.FAILED, _runs(Notice.FAILED, 3))
    yield _list("3 devices modified", Notice.MODIFIED, _runs(Notice.MODIFIED, 3))
    alike = [SameChange(tuple(run.device for run in _runs(Notice.MODIFIED, 40)), 3)]
    yield _list("the same change on 40 of 43 devices", Notice.MODIFIED, _runs(Notice.MODIFIED, 43), alike)
    yield _several("the same change on 40 of 43", Notice.MODIFIED, _runs(Notice.MODIFIED, 43), alike=alike)
    yield _list("3 devices recovered", Notice.RECOVERED, _runs(Notice.RECOVERED, 3))
    yield _list("a storm", Notice.FAILED, _runs(Notice.FAILED, 4_998))
    kinds = [make_run(Outcome.FAILED, device=one.value, reason=one) for one in FailureKind]
    yield _list("every reason at once", Notice.FAILED, kinds)


def _held() -> Iterator[Entry]:
    night = [_events(Notice.FAILED, f"sw{number}") for number in range(3)] + [_events(Notice.MODIFIED, "core-sw1")]
    buttons = (pages.MUTE,)
    context = pages.held(night, {"plant-a": "Plant A"}, buttons=buttons)
    yield Entry(group="Events held back", state="after quiet hours", template="event_list", context=context)
    storm = [_events(Notice.FAILED, f"access-sw{number}") for number in range(4_000)]
    context = pages.held(storm, {"plant-a": LONG_SITE}, buttons=buttons)
    yield Entry(group="Events held back", state="a storm in the night", template="event_list", context=context)


def _channels() -> Iterator[Entry]:
    codes = ("not_in_channel", "is_archived", "restricted_action", "shared_with_others", "no_such_word")
    for code in codes:
        yield _broken(code.replace("_", " "), code, [PLANT_A])
    fallback = replace(PLANT_A, fallback="C0FALLBK")
    yield _broken("archived, with another channel meanwhile", "is_archived", [fallback])


def _one(state: str, notice: Notice, run: Run, *, site: str = "Plant A") -> Entry:
    buttons = pages.run_buttons(notice, run, is_private=False)
    context = pages.one(_events(notice, run.device), run, site, buttons=buttons)
    return Entry(group="Events of one device", state=state, template="events", context=context)


def _run(state: str, notice: Notice, run: Run) -> Entry:
    context = run_pages.run_message(run, "Plant A")
    context["buttons"] = pages.run_buttons(notice, run, is_private=True)
    return Entry(group="Events of one device", state=state, template="run", context=context, private=True)


def _several(
    state: str, notice: Notice, runs: list[Run], *, site: str = "Plant A", alike: Sequence[SameChange] = ()
) -> Entry:
    buttons = pages.site_buttons(notice, "plant-a", site, is_private=True)
    context = pages.many(notice, [run.device for run in runs], site, buttons=buttons, alike=alike)
    return Entry(group="Events of many devices", state=state, template="events", context=context)


def _list(state: str, notice: Notice, runs: list[Run], alike: Sequence[SameChange] = ()) -> Entry:
    context = pages.listing(notice, runs, alike)
    return Entry(group="In the thread of many", state=state, template="event_list", context=context)


def _broken(state: str, code: str, sites: list[Site]) -> Entry:
    alert = RouteBroken(channel="C0PLANTA", code=code, sites=("plant-a",), at=NIGHT)
    context = route_words.route_broken(alert, sites)
    return Entry(group="Channels that do not work", state=state, template="route_broken", context=context)


def _runs(notice: Notice, count: int) -> list[Run]:
    facts: dict[Notice, dict[str, Any]] = {
        Notice.MODIFIED: {"outcome": Outcome.MODIFIED, "base_version": 6, "version": 7, "added": 3, "removed": 1},
        Notice.RECOVERED: {"outcome": Outcome.UP_TO_DATE, "base_version": 6, "version": 6},
    }
    bad = {"outcome": Outcome.FAILED, "reason": FailureKind.UNREACHABLE}
    return [make_run(**facts.get(notice, bad), id=number, device=f"access-sw{number}") for number in range(count)]


def _events(notice: Notice, device: str) -> Event:
    return Event(
        id=1, event_group=1, run=4711, notice=notice, device=device, site="plant-a", at=NIGHT, since=NIGHT - _SINCE
    )


def hostile_events(text: str) -> dict[str, renderer.Context]:
    """Each message of events with ``text`` wherever somebody may have written something."""
    bad = make_run(Outcome.FAILED, device=text, site=text, reason=FailureKind.COMMAND_REJECTED, asked_by=None)
    buttons = pages.run_buttons(Notice.STILL_FAILED, bad, is_private=True)
    alert = RouteBroken(channel="C0PLANTA", code=text, sites=("plant-a",), at=NIGHT)
    return {
        "events": pages.one(_events(Notice.STILL_FAILED, text), bad, text, buttons=buttons),
        "event_list": pages.held([_events(Notice.FAILED, text)] * 3, {"plant-a": text}, buttons=()),
        "route_broken": route_words.route_broken(alert, [replace(PLANT_A, name=text)]),
    }
