"""Digests: good and bad days, long and short, late, about everything and about nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from demo.gallery.entries import Entry
from demo.gallery.samples import LONG_DEVICE, LONG_SITE, NIGHT, make_run
from domain.digests.digests import Digest, DigestForm, DigestPeriod, DueDigest
from domain.digests.periods import Period
from domain.digests.statistics import no_counts
from domain.events.alerts import DevicesOverdue
from domain.events.overdue import Aging, Overdue
from domain.failures import FailureKind
from domain.inventory.declared import Site
from domain.jobs.spoken import parse_schedule
from domain.runs.agent_status import AgentStatus
from domain.runs.health import Health
from domain.runs.outcomes import Outcome
from notifications.alerts import pages
from notifications.digests.facts import Altered, Facts, Failing
from notifications.digests.pages import digest_page, late_words, nothing_subscribed
from notifications.digests.parts import About

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.digests.statistics import Counts
    from notifications.rendering.renderer import Context

BERLIN = ZoneInfo("Europe/Berlin")
PLANT_A = About(name="Plant A", site="plant-a", sites={"plant-a": "Plant A"})
DAY = Period(first=date(2026, 5, 3), days=1, words="the day", typed="2026-05-03")
WEEK = Period(first=date(2026, 4, 27), days=7, words="the week", typed="2026-04-27 until 2026-05-03")


def entries() -> Iterator[Entry]:
    """Every kind of digest, and what the watchdog says."""
    yield _report("a day on which nothing needs anybody", make_facts(up_to_date=498))
    yield _report("a bad night", bad_night())
    yield _report("some never backed up", _new_site())
    yield _report("some never backed up, over several sites", _new_site(), about=_MANY)
    yield _report("none ever backed up", replace(make_facts(expected=0), health={Health.NEVER: 8}, never=_NEW[:8]))
    yield _report("a bad night, short", bad_night(), form=DigestForm.SHORT)
    yield _report("nothing ran", make_facts(expected=12))
    yield _report("nothing was to run", make_facts(expected=0))
    yield _report("a day that goes on", replace(make_facts(up_to_date=120, pending=3, in_progress=2), is_over=False))
    yield _report("a week of 5,000 devices", _storm())
    late = DueDigest(digest=_DIGEST, due_at=NIGHT - timedelta(hours=3), missed=2)
    yield _report("late, after a stop", bad_night(), late=tuple(late_words(late, NIGHT)))
    yield _report("over several sites", _company(), about=_MANY)
    yield _report("longest names", _long(), about=replace(PLANT_A, name=LONG_SITE))
    yield _entry("nothing subscribed any more", nothing_subscribed("/backup"))
    site = Site(key="plant-a", name="Plant A", timezone=BERLIN)
    told = [Overdue(device=f"access-sw{number}", good_at=NIGHT - timedelta(days=8), since=None) for number in range(40)]
    never = Overdue(device="new-sw9", good_at=None, since=NIGHT - timedelta(days=9))
    yield _alert("a device is overdue", pages.devices_overdue(replace(_OVERDUE, devices=tuple(told[:1])), site))
    many = replace(_OVERDUE, devices=(never, *told))
    yield _alert("a device was never backed up", pages.devices_overdue(replace(_OVERDUE, devices=(never,)), site))
    yield _alert("many devices are overdue", pages.devices_overdue(many, site))


def hostile_report(text: str) -> Context:
    """A digest with ``text`` wherever people or devices may have written something."""
    facts = replace(_long(device=text, author=text), coming=((text, text, NIGHT),), by_site={text: _counts(failed=1)})
    about = About(name=text, site=text, sites={text: text})
    return digest_page(replace(facts, by_site={text: _counts(failed=1), "plant-b": no_counts()}), about, late=[text])


def make_facts(*, expected: int = 498, **counts: int) -> Facts:
    """What there is to tell of a day with these ``counts`` by outcome."""
    found = _counts(**counts)
    return Facts(
        period=DAY,
        zone=BERLIN,
        counts=found,
        before=_counts(up_to_date=497, failed=1),
        by_site={"plant-a": found},
        expected=expected,
        is_over=True,
        health={Health.GOOD: 498},
        coming=(("nightly", "plant-a", NIGHT + timedelta(days=1)),),
    )


def _new_site() -> Facts:
    health = {Health.NEVER: len(_NEW), Health.OVERDUE: 1, Health.GOOD: 17}
    return replace(make_facts(up_to_date=3, expected=3), health=health, never=_NEW, overdue=(_aging("old-sw7", 9),))


def bad_night() -> Facts:
    """Two failed, one of them good again, one modified, one overdue, an agent disconnected."""
    reason = FailureKind.REFUSED
    failed = make_run(Outcome.FAILED, device="fw1", reason=reason)
    again = make_run(Outcome.TIMED_OUT, id=4712, device="edge-rt1", reason=FailureKind.RUNNING_LIMIT)
    modified = make_run(Outcome.MODIFIED, id=4713, base_version=3, version=4, added=2, removed=1)
    return replace(
        make_facts(failed=3, timed_out=1, modified=1, up_to_date=493),
        failing=(
            Failing(last=failed, times=3, good_at=NIGHT - timedelta(days=2), is_good_again=False),
            Failing(last=again, times=1, good_at=NIGHT, is_good_again=True),
        ),
        altered=(Altered(last=modified, times=1, added=2, removed=1, secrets=0, author="jschmidt"),),
        unreviewed=4,
        health={Health.FAILING: 1, Health.OVERDUE: 1, Health.GOOD: 496},
        overdue=(_aging("old-sw7", 9),),
        disconnected=(_agent("west", 12),),
        muted=_counts(failed=2),
    )


def _counts(**counts: int) -> Counts:
    return no_counts() | {Outcome(name): count for name, count in counts.items()}


def _storm() -> Facts:
    runs = [
        make_run(Outcome.FAILED, id=number, device=f"access-sw{number}", reason=FailureKind.UNREACHABLE)
        for number in range(10)
    ]
    return replace(
        make_facts(failed=9_480, timed_out=20, modified=512, up_to_date=25_000, expected=35_012),
        period=WEEK,
        failing=tuple(Failing(last=run, times=950, good_at=None, is_good_again=False) for run in runs),
        failing_more=290,
        altered=tuple(
            Altered(last=replace(run, base_version=1), times=9, added=99, removed=12, secrets=1) for run in runs
        ),
        altered_more=40,
        is_cut=True,
        health={Health.FAILING: 300, Health.OVERDUE: 2_000, Health.GOOD: 2_700},
        overdue=tuple(_aging(f"access-sw{number}", 8) for number in range(2_000)),
        unreviewed=512,
    )


def _company() -> Facts:
    sites = {f"plant-{number}": _counts(failed=number % 5, modified=number % 7, up_to_date=250) for number in range(40)}
    return replace(make_facts(failed=80, modified=115, up_to_date=10_000, expected=10_195), by_site=sites)


def _long(*, device: str = LONG_DEVICE, author: str = "Anna-Katharina Mustermann-Schmidt") -> Facts:
    run = make_run(Outcome.FAILED, device=device, site=device, reason=FailureKind.REFUSED, base_version=1)
    return replace(
        bad_night(),
        failing=(Failing(last=run, times=2, good_at=NIGHT, is_good_again=False),) * 10,
        altered=(Altered(last=run, times=2, added=1, removed=1, secrets=1, author=author),) * 10,
        health={Health.NEVER: 12, Health.OVERDUE: 10, Health.GOOD: 476},
        never=(device,) * 12,
        overdue=(_aging(device, 9),) * 10,
        disconnected=(_agent(device, 1),) * 3,
        coming=((device, device, NIGHT),) * 3,
    )


def _aging(device: str, days: int) -> Aging:
    good_at = NIGHT - timedelta(days=days)
    return Aging(device=device, site="plant-a", good_at=good_at, known_since=None, told_at=None)


def _agent(name: str, waiting: int) -> AgentStatus:
    return AgentStatus(
        name=name,
        sites=None,
        concurrency=50,
        running=0,
        waiting=waiting,
        connected_since=None,
        disconnected_since=NIGHT - timedelta(minutes=20),
    )


def _report(state: str, facts: Facts, *, about: About = PLANT_A, **rest: Any) -> Entry:  # noqa: ANN401 - of digest
    return _entry(state, digest_page(facts, about, **rest))


def _entry(state: str, context: Context) -> Entry:
    return Entry(group="Digests", state=state, template="digest", context=context)


def _alert(state: str, context: Context) -> Entry:
    return Entry(group="Overdue", state=state, template="alert", context=context, private=True)


_NEW = tuple(f"new-sw{number:02d}" for number in range(30))
_OVERDUE = DevicesOverdue(site="plant-a", devices=())
_MANY = About(name="40 sites", sites={f"plant-{number}": f"Plant {number}" for number in range(40)})
_DIGEST = Digest(
    id=1,
    recipient="C0PLANTA",
    site="plant-a",
    period=DigestPeriod.DAY,
    schedule=parse_schedule("daily 07:00"),
    zone="Europe/Berlin",
)
