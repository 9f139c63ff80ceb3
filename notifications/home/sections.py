"""The sections of the Home tab: each a title that tells the number, some lines, and where each of them leads on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.failures import advice_for
from domain.roles import Action
from domain.runs.health import Health, counted, counts_in_words
from domain.runs.outcomes import Outcome
from notifications.pages.job_words import covered
from notifications.rendering.buttons import Button, cancel_button, details_button, never_buttons
from notifications.rendering.units import changed, never_words, plural

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.access.access import Access
    from domain.configs.versions import Version
    from domain.inventory.declared import Site
    from domain.jobs.job import Job
    from domain.runs.run import Run
    from notifications.home.facts import HomeFacts

SHOWN: Final = 5  # lines of a section
SITES: Final = 8  # of the sites, which come last

ADD: Final = Button(text="Add a job", action="do:add", value="", style="primary", label="Open the form for a new job")
JOBS: Final = Button(text="All jobs", action="do:jobs", value="", label="List the jobs that you can see")
GRAPHS: Final = Button(text="Graphs", action="do:graph", value="", label="Choose a site and see a graph of its runs")
HELP: Final = Button(text="Help", action="do:help", value="", label="List all commands")


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeLine:
    """One line: a name, what is to be said of it, a time, and the button at its end. Every text is plain."""

    name: str
    details: tuple[str, ...] = ()
    before: str = ""  # what the time is: "last good"
    at: datetime | None = None
    button: Button | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSection:
    """A part of the tab."""

    title: str
    lines: Sequence[HomeLine] = ()
    more: str = ""  # how many lines are left out, and how to see them
    buttons: tuple[Button, ...] = ()


def failing(facts: HomeFacts) -> HomeSection:
    """The devices whose last run failed."""
    total = len(facts.failing_names)
    names, unsafe = _site_names(facts), set(facts.ages.never)
    button = Button(
        text="Failed runs", action="do:history#failed", value="bad 7d", label="List the failed runs of the last 7 days"
    )
    return HomeSection(
        title=_failing_title(facts, total),
        lines=[
            HomeLine(
                name=run.device,
                details=(
                    names[facts.devices[run.device]],
                    run.outcome.chip,
                    _why(run),
                    Health.NEVER.word if run.device in unsafe else "",
                ),
                at=run.finished_at,
                button=details_button(run),
            )
            for run in facts.failing
        ],
        more=_more(total - len(facts.failing)),
        buttons=(button,) if total else (),
    )


def never(facts: HomeFacts, access: Access) -> HomeSection | None:
    """The devices of which there is no backup at all; None: there is none of them."""
    found = facts.ages.never
    if not found:
        return None
    button = Button(text="All of them", action="do:stale#never", value="", label="List the devices without a backup")
    return HomeSection(
        title=f"⚠️ {never_words(len(found), len(facts.devices))}",
        lines=[_age_line(facts, access, name) for name in found[:SHOWN]],
        more=_more(len(found) - SHOWN),
        buttons=(*_never_buttons(facts, access), *((button,) if len(found) > SHOWN else ())),
    )


def stale(facts: HomeFacts, access: Access) -> HomeSection:
    """The devices whose last good backup is too old; those that were never backed up are told apart."""
    found = facts.ages.old
    button = Button(text="All of them", action="do:stale", value="", label="List the devices without a good backup")
    return HomeSection(
        title=_stale_title(facts),
        lines=[_age_line(facts, access, name) for name in found[:SHOWN]],
        more=_more(len(found) - SHOWN),
        buttons=(button,) if len(found) > SHOWN else (),
    )


def to_review(facts: HomeFacts) -> HomeSection:
    """The changes that nobody has looked at."""
    total, names = facts.unreviewed_total, _site_names(facts)
    button = Button(
        text="Review them", action="do:unreviewed", value="", label="List the changes that nobody has reviewed"
    )
    return HomeSection(
        title=f"🟠 {plural(total, 'change')} to review" if total else "🟢 No changes to review",
        lines=[_version_line(one, names[one.site]) for one in facts.unreviewed],
        more=_more(total - len(facts.unreviewed)),
        buttons=(button,) if total else (),
    )


def running(facts: HomeFacts, access: Access) -> HomeSection:
    """What is going on."""
    at_work, waiting = facts.unfinished.get(Outcome.IN_PROGRESS, 0), facts.unfinished.get(Outcome.PENDING, 0)
    counts = [f"{count:,} {word}" for count, word in ((at_work, "in progress"), (waiting, "waiting")) if count]
    names = _site_names(facts)
    return HomeSection(
        title=f"🔵 Running now: {', '.join(counts)}" if counts else "💤 Nothing is running now",
        lines=[
            HomeLine(
                name=run.device,
                details=(names[run.site],),
                before="since",
                at=run.started_at,
                button=cancel_button(run) if access.may(facts.person, Action.CANCEL, run.site, run.device) else None,
            )
            for run in facts.running
        ],
        more=_more(at_work - len(facts.running)),
    )


def upcoming(facts: HomeFacts) -> HomeSection:
    """The jobs that come due next."""
    names = _site_names(facts)
    return HomeSection(
        title="📅 Next runs" if facts.upcoming else "📅 No job is scheduled",
        lines=[_job_line(job, names[job.site]) for job in facts.upcoming],
        buttons=(
            Button(text="By next run", action="do:jobs#next", value="next", label="List the jobs, next run first"),
        )
        if facts.upcoming
        else (),
    )


def subscriptions(facts: HomeFacts) -> HomeSection:
    """What the person hears by itself, and whether it is muted."""
    muted = facts.profile.muted_until if facts.profile else None
    is_muted = muted is not None and muted > facts.now
    change = Button(
        text="Subscriptions", action="do:subscriptions", value="", label="See and change your subscriptions"
    )
    mute = Button(text="Mute for 2 hours", action="do:mute", value="2h", label="Pause notifications for 2 hours")
    unmute = Button(text="Unmute", action="do:unmute", value="", label="Resume immediate messages")
    line = HomeLine(name="Muted", before="until", at=muted)
    return HomeSection(
        title=f"🔔 {plural(len(facts.subscriptions), 'subscription')}"
        if facts.subscriptions
        else "🔔 You have no subscriptions yet",
        lines=[line] if is_muted else [],
        buttons=(change, unmute if is_muted else mute),
    )


def own_sites(facts: HomeFacts, access: Access) -> HomeSection:
    """The sites, those with the most trouble first."""
    devices = Counter(facts.devices.values())
    bad = Counter(facts.devices[name] for name, health in facts.health.items() if health is not Health.GOOD)
    ordered = sorted(facts.sites, key=lambda site: (-bad[site.key], site.name.casefold()))
    lines = [_site_line(facts, access, site, devices[site.key]) for site in ordered[:SITES]]
    return HomeSection(
        title=f"🏭 {plural(len(facts.sites), 'site')}", lines=lines, more=_more(len(facts.sites) - SITES, "site")
    )


def _site_line(facts: HomeFacts, access: Access, site: Site, devices: int) -> HomeLine:
    chips = counts_in_words(counted(health for name, health in facts.health.items() if facts.devices[name] == site.key))
    role = access.role(facts.person, site.key)
    button = Button(text="Graph", action="do:graph", value=f"site:{site.key}", label=f"Show the runs of {site.name}")
    details = (plural(devices, "device"), *chips, f"your role: {role.word}" if role else "")
    return HomeLine(name=site.name, details=details, button=button)


def _failing_title(facts: HomeFacts, total: int) -> str:
    if not total:
        return "▫️ No device is failing" if facts.ages.never or not facts.devices else "🟢 No device is failing"
    unsafe = len({*facts.failing_names}.intersection(facts.ages.never))
    return f"🔴 {plural(total, 'device')} failing now" + (f", {unsafe:,} of them never backed up" if unsafe else "")


def _stale_title(facts: HomeFacts) -> str:
    never, old, fresh = len(facts.ages.never), len(facts.ages.old), len(facts.ages.fresh)
    if old:
        return f"⏰ {plural(old, 'device')} without a good backup for too long"
    if not never:
        return "🟢 No backup is too old" if fresh else "▫️ You can see no device"
    if not fresh:
        return "▫️ No device has a backup yet"
    return f"🟢 The other {plural(fresh, 'device')} {'has' if fresh == 1 else 'have'} a good backup"


def _never_buttons(facts: HomeFacts, access: Access) -> tuple[Button, ...]:
    counts, names = Counter(facts.devices[name] for name in facts.ages.never), _site_names(facts)
    return never_buttons(
        [(key, names[key], count) for key, count in counts.items() if access.may(facts.person, Action.RUN, key)]
    )


def _age_line(facts: HomeFacts, access: Access, name: str) -> HomeLine:
    standing = facts.standings.get(name)
    site, good = facts.devices[name], standing.last_good_at if standing else None
    history = Button(text="History", action="do:history", value=name, label=f"Show the runs of {name}")
    run = Button(text="Back up now", action="do:now", value=name, label=f"Back up {name} now")
    may_run = access.may(facts.person, Action.RUN, site, name)
    return HomeLine(
        name=name,
        details=(_site_names(facts)[site], *(() if good else (Health.NEVER.word,))),
        before="last good" if good else "",
        at=good,
        button=run if may_run else history,
    )


def _why(run: Run) -> str:
    """The reason of a failed run in a few words."""
    return advice_for(run.reason).split(". ")[0].rstrip(".") if run.reason else ""


def _version_line(version: Version, site: str) -> HomeLine:
    label = f"Show what version {version.number} of {version.device} changed"
    button = Button(text="Show diff", action="do:diff", value=f"{version.device} v{version.number}", label=label)
    what = f"v{version.number}, {changed(version.added, version.removed, version.secrets_changed)}"
    return HomeLine(name=version.device, details=(site, what), at=version.captured_at, button=button)


def _job_line(job: Job, site: str) -> HomeLine:
    button = Button(text="Open", action="do:job", value=f"job:{job.id}", label=f"Show the job {job.name}")
    return HomeLine(name=job.name, details=(covered(job, site),), before="at", at=job.next_run_at, button=button)


def _site_names(facts: HomeFacts) -> dict[str, str]:
    return {site.key: site.name for site in facts.sites}


def _more(count: int, noun: str = "") -> str:
    if count <= 0:
        return ""
    return f"and {plural(count, f'more {noun}')}" if noun else f"and {count:,} more"
