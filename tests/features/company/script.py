"""What happens in the company, moment by moment: decided beforehand by a seeded chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tests.features.company.company import Device

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator

    from tests.features.company.company import Company, Size

FIRST_DAY = date(2026, 2, 23)  # a Monday; the clocks of New York, London, Berlin and Sydney change within ten weeks
START = datetime.combine(FIRST_DAY, time(12), UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GROWTH = (11, 26, 47)  # days: a device becomes restricted, another is declared three days later
HOURS = {1, 3, 5, 6, 7, 11, 12, 13, 19, 20, 21, 22}  # UTC: whenever something comes due somewhere
CLOSED = 50  # day on which a channel is archived, and a device hidden whose events wait for it
STORM = 80  # devices that fail within two minutes
BAD = ("failed", "failed", "failed", "timed_out")


@dataclass(frozen=True, slots=True)
class Result:
    """How the run of one device ended."""

    device: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Runs of one site ended at one moment."""

    at: datetime
    site: str
    results: tuple[Result, ...]
    quiet: tuple[str, ...] = ()  # devices that were up to date, as ever
    by_job: bool = False  # all of them by the site's job, together
    asked_by: str | None = None  # by hand
    place: str | None = None  # the channel in which it was asked for
    killed: str = ""  # "untold", "unknown", "unsent": serve is killed before it told, knew of, sent this


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something else happened: ``what`` to whom, and where."""

    at: datetime
    what: str
    who: str = ""
    where: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What serve does by itself from time to time is done now."""

    at: datetime


Happening = Ended | Change | Tick


def script_of(company: Company, size: Size, chance: random.Random) -> list[Happening]:
    """Everything that happens, in order."""
    last = START + size.days * DAY
    changes = list(_changes(company, size, chance))
    stops = [(one.at, one.until) for one in changes if one.what == "stop" and one.until]
    outages = [(one.at, one.until) for one in changes if one.what == "outage" and one.until]
    happenings = [*_nights(company, size, chance), *_days(company, size, chance), *_newcomers(company)]
    happenings += [_hidden_in_time(company), *_while_archived(company)]
    kept = [
        replace(one, killed="" if any(begin < one.at < end for begin, end in outages) else one.killed)
        for one in happenings
        if not any(begin - 30 * MINUTE < one.at < end + 30 * MINUTE for begin, end in stops)
        if not any(begin - 7 * MINUTE < one.at < begin + MINUTE for begin, _ in outages)
    ]
    moments = [START + hour * HOUR + timedelta(seconds=30) for hour in range(1, size.days * 24)]
    ticks = [Tick(at=moment) for moment in moments if moment.hour in HOURS]
    ticks += [Tick(at=begin + step * 3 * MINUTE) for begin, _ in outages for step in range(1, 20)]
    ticks = [tick for tick in ticks if not any(begin < tick.at < end for begin, end in stops)]
    every: list[Happening] = [*changes, *kept, *ticks]
    return list(_aggregated(sorted((one for one in every if one.at < last), key=lambda one: one.at)))


def _aggregated(events: Iterable[Happening]) -> Iterator[Happening]:
    """Nothing is to be said of a device that has been well for days: its run is a row in the history, no more.

    Of the first site every run is told, so that this is tried too.
    """
    ill: dict[str, datetime] = {}  # devices, and when something was last wrong with them
    for one in events:
        if isinstance(one, Ended):
            ill |= {each.device: one.at for each in one.results if each.outcome != "up_to_date" or one.asked_by}
            recent = {device for device, at in ill.items() if one.at - at < 3 * DAY}
            told = tuple(each for each in one.results if each.device in recent or one.site == "plant-00")
            heard = {each.device for each in told}
            quiet = tuple(each.device for each in one.results if each.device not in heard)
            yield replace(one, results=told, quiet=quiet)
        else:
            yield one


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(FIRST_DAY + day * DAY, time(hour, minute), UTC)


def _nights(company: Company, size: Size, chance: random.Random) -> Iterator[Ended]:
    """Each night each site's job backs up all its devices, at half past midnight or so by the clock of the site."""
    for number, site in enumerate(company.sites.values()):
        devices = [device.name for device in company.at(site.key)]
        down = {devices[-1]: range(12, 30)} if number % 3 == 1 else {}  # one fails for weeks
        for day in range(1, size.days + 1):
            moment = datetime.combine(FIRST_DAY + day * DAY, time(0, 5), ZoneInfo(site.zone))
            outcomes = _night(devices, day, down, is_busy=chance.random() < size.busy, chance=chance)
            yield Ended(
                at=moment.astimezone(UTC) + 150 * timedelta(seconds=number % 20),
                site=site.key,
                results=tuple(Result(device, outcomes.get(device, "up_to_date")) for device in devices),
                by_job=True,
                killed=chance.choice(["untold", "unknown", "unsent"]) if chance.random() < 0.3 / size.sites else "",
            )


def _night(
    devices: list[str], day: int, down: dict[str, range], *, is_busy: bool, chance: random.Random
) -> dict[str, str]:
    if is_busy:
        down |= {device: range(day, day + chance.randint(1, 3)) for device in chance.sample(devices, 2)}
    found = {device: chance.choice(BAD) for device, days in down.items() if day in days}
    if is_busy:
        found |= {device: "modified" for device in chance.sample(devices, chance.randint(1, 3)) if device not in found}
        found |= {device: "cancelled" for device in chance.sample(devices, 1) if device not in found}
    return found


def _days(company: Company, size: Size, chance: random.Random) -> Iterator[Ended]:
    """Storms, devices that flap, and runs by hand."""
    sites = list(company.sites)
    for day in range(2, size.days):
        if day % 7 == 4:
            yield from _storm(company, chance.choice(sites), _at(day, 9, 10))
        if day % 5 == 1:
            yield from _flapping(company, chance.choice(sites), _at(day, 10, 30), chance)
        for hour in chance.sample(range(8, 19), 2):
            yield _by_hand(company, chance.choice(sites), _at(day, hour, chance.randint(6, 49)), chance)


def _storm(company: Company, site: str, at: datetime) -> Iterator[Ended]:
    """A core switch is gone: one device after the other cannot be reached, all within two minutes."""
    devices = [device.name for device in company.at(site)][:STORM]
    for step in range(8):
        some = devices[step * len(devices) // 8 : (step + 1) * len(devices) // 8]
        results = tuple(Result(device, "failed") for device in some)
        yield Ended(at=at + step * timedelta(seconds=14), site=site, results=results)


def _flapping(company: Company, site: str, at: datetime, chance: random.Random) -> Iterator[Ended]:
    device = chance.choice([device.name for device in company.at(site)])
    for step in range(chance.choice([3, 7, 8])):
        outcome = ("failed", "up_to_date")[step % 2]
        yield Ended(at=at + step * 25 * MINUTE, site=site, results=(Result(device, outcome),))


def _by_hand(company: Company, site: str, at: datetime, chance: random.Random) -> Ended:
    people = sorted(person for person in company.people if company.sees(person, site))
    device = chance.choice([one.name for one in company.at(site) if one.only is None])
    outcome = chance.choice(["up_to_date", "modified", "failed"])
    place = company.sites[site].channel
    return Ended(at=at, site=site, results=(Result(device, outcome),), asked_by=chance.choice(people), place=place)


def _changes(company: Company, size: Size, chance: random.Random) -> Iterator[Change]:
    """Outages, archived channels, stops, mutes, and access that changes."""
    sites, people = list(company.sites), [person for person in company.people if person != "U0BOSS"]
    for day, hour, minute in ((3, 10, 20), (9, 22, 20), (24, 10, 58), (44, 10, 20), (58, 10, 58)):
        begin = _at(day, hour, minute)
        yield from _span("outage", begin, begin + HOUR)
    yield Change(at=_at(CLOSED, 20, 5), what="restrict", who=_hidden_in_time(company).results[0].device, where="U0BOSS")
    for day, site in ((5, sites[0]), (18, sites[-1]), (CLOSED, sites[len(sites) // 2])):
        yield from _span("archive", _at(day, 9, 1), _at(day + 1, 9, 2), where=company.sites[site].channel)
    for day, hours in ((13, 6), (36, 55)):
        yield from _span("stop", _at(day, 3, 2), _at(day, 3, 2) + hours * HOUR)
    for day in range(2, size.days, 4):
        at = _at(day, 19, 55)
        yield Change(at=at, what="mute", who=chance.choice(people), until=at + chance.choice([2, 15, 40]) * HOUR)
    yield from _access(company, size, chance)


def _newcomer(site: str, day: int) -> str:
    return f"s{site[-2:]}-sw9{day}"


def _newcomers(company: Company) -> Iterator[Ended]:
    """The first run of a new device fails, and the second one does not."""
    sites = list(company.sites)
    for number, day in enumerate(GROWTH):
        site = sites[number % len(sites)]
        for later, outcome in ((4, "failed"), (5, "up_to_date")):
            result = Result(_newcomer(site, day), outcome)
            yield Ended(at=_at(day + later, 12, 40), site=site, results=(result,))


def _while_archived(company: Company) -> Iterator[Ended]:
    """Something fails while the channel of its site is archived: of the first site it waits, of the last it moves."""
    for day, site in ((5, next(iter(company.sites))), (18, list(company.sites)[-1])):
        for hour, number in ((12, 5), (18, 6)):  # a look at the outbox follows soon
            device = company.at(site)[number].name
            yield Ended(at=_at(day, hour, 50), site=site, results=(Result(device, "failed"),))


def _hidden_in_time(company: Company) -> Ended:
    """A failure that waits for its archived channel, while its device is hidden from most who read there."""
    site = list(company.sites)[len(company.sites) // 2]
    return Ended(at=_at(CLOSED, 12, 50), site=site, results=(Result(company.at(site)[7].name, "failed"),))


def _span(what: str, begin: datetime, end: datetime, *, where: str = "") -> Iterable[Change]:
    ends = {"outage": "back", "archive": "unarchive", "stop": "start"}
    return Change(at=begin, what=what, where=where, until=end), Change(at=end, what=ends[what], where=where)


def _access(company: Company, size: Size, chance: random.Random) -> Iterator[Change]:
    sites = list(company.sites)
    for day in range(4, size.days, 3):
        group = chance.choice(list(company.groups))
        yield Change(at=_at(day, 20, 1), what="leave", who=chance.choice(sorted(company.groups[group])), where=group)
    for number, day in enumerate(GROWTH):
        site = sites[number % len(sites)]
        devices = [device.name for device in company.at(site)]
        yield Change(at=_at(day, 20, 5), what="restrict", who=devices[2 + number], where=f"S0VIEW{site[-2:]}")
        yield Change(at=_at(day + 3, 20, 5), what="declare", who=_newcomer(site, day), where=site)
        yield Change(at=_at(day, 20, 9), what="demote", who=min(company.admins(site)), where=site)
        yield Change(at=_at(day + 1, 20, 9), what="deactivate", who=f"U0P{number * 2:03d}")
        channel = company.sites[sites[-1 - number % len(sites)]].channel
        yield Change(at=_at(day, 20, 13), what="route off", where=channel)
        yield Change(at=_at(day + 5, 20, 13), what="route on", where=channel)


def carry_out(company: Company, event: Change) -> None:
    """What ``event`` makes of the company itself."""
    match event.what:
        case "archive":
            company.archived.add(event.where)
        case "unarchive":
            company.archived.discard(event.where)
        case "leave":
            company.groups[event.where].discard(event.who)
        case "deactivate":
            company.gone.add(event.who)
        case "mute" if event.until:
            company.people[event.who].mute = (event.at, event.until)
        case _:
            _carry_out_settings(company, event)


def _carry_out_settings(company: Company, event: Change) -> None:
    match event.what:
        case "demote":
            company.roles[event.where][event.who] = "viewer"
        case "restrict":
            company.devices[event.who].only = frozenset({event.where})
        case "declare":
            company.devices[event.who] = Device(event.who, event.where, is_new=True)
        case "route off" | "route on":
            for site in company.sites.values():
                if event.where in site.routes:
                    (site.off.add if event.what == "route off" else site.off.discard)(event.where)
