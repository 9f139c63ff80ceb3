"""What everybody in the company should hear, by the rules of docs/notifications.md: plain loops, no product code.

It is slow and simple on purpose. Everything that happens is handed to ``happen`` in order; ``expected`` is then who
should have read which posts, and when.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.features.company.company import local
from tests.features.company.digests import Reports
from tests.features.company.events import CHOSEN_AS, GOOD, Event, Heard, Turns
from tests.features.company.script import DAY, MINUTE, START, Change, Ended, Tick

if TYPE_CHECKING:
    from datetime import datetime

    from tests.features.company.company import Company, Person, Site, Subscription
    from tests.features.company.events import EventGroup
    from tests.features.company.script import Happening

OVERDUE = 7 * DAY


@dataclass(slots=True, eq=False)
class Post:
    """One post. ``at`` is when it should stand there; None: it waits for its channel."""

    recipient: str
    kind: str
    items: frozenset[object]
    at: datetime | None


class Model:
    """Believes what ought to be."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.posts: list[Post] = []
        self.runs: dict[str, list[tuple[datetime, str, str]]] = {site: [] for site in company.sites}
        self.back: datetime | None = None  # when the outage ends
        self.stopped = False
        self._turns = Turns(company)
        self._posts_of: dict[tuple[int, str], Post] = {}  # by group and channel or person
        self._untold: list[EventGroup] = []
        self._held: dict[str, list[tuple[str, Event]]] = {}  # person: why, what
        self._broken: set[str] = set()  # channels in which messages did not arrive
        self._good: dict[str, datetime] = dict.fromkeys(company.devices, START)
        self._overdue_told: set[str] = set()
        self._digests = Reports(company, self)

    def expected(self) -> dict[Heard, list[datetime]]:
        """Every post that should stand, with the times from which on it should."""
        found: dict[Heard, list[datetime]] = {}
        for post in self.posts:
            if post.at is not None and post.recipient not in self.company.gone:
                heard = Heard(recipient=post.recipient, kind=post.kind, items=post.items)
                found.setdefault(heard, []).append(post.at)
        return found

    def happen(self, event: Happening) -> None:
        """Believe what follows from ``event``, which has been done to the company already."""
        match event:
            case Ended():
                self._ended(event)
            case Change():
                self._changed(event)
            case Tick():
                self._tick(event.at)

    # Runs

    def _ended(self, event: Ended) -> None:
        for device in (*event.quiet, *(result.device for result in event.results if result.outcome in GOOD)):
            self._good[device] = event.at
            self._overdue_told.discard(device)
        results = [*((result.device, result.outcome) for result in event.results)]
        outcomes = [*((device, "up_to_date") for device in event.quiet), *results]
        self.runs[event.site] += [
            (event.at - MINUTE, device, "failed" if outcome == "cancelled" else outcome) for device, outcome in outcomes
        ]
        touched = self._turns.after(event)
        self._answer(event)
        for event_group in touched:
            self._tell(event_group, event.at)

    def _answer(self, event: Ended) -> None:
        """Whoever asked by hand is answered where that was."""
        if event.place:
            [result] = event.results
            kind = {"timed_out": "failed", "up_to_date": "answer"}.get(result.outcome, result.outcome)
            items = frozenset({(event.site, result.device)})
            self._send(event.place, kind, items, self._soon(event.at))

    # Who hears of it

    def _tell(self, event_group: EventGroup, at: datetime) -> None:
        site, standing = self.company.sites[event_group.site], dict[Event, set[str]]()
        for event in event_group.events:
            standing[event] = {event.place} if event.place and self._is_open(event) else set()
        broken = set(self._broken)
        for channel in sorted(site.routes.keys() - site.off):
            some = [one for one in event_group.events if self._belongs(one, site, channel)]
            read = site.fallback if channel in broken else channel
            for one in some:
                standing[one] |= {read} if read else set()
            if some:
                self._show(event_group, channel, some, at)
        if self.back is not None:
            self._untold.append(event_group)
            return
        for person in self.company.people.values():
            self._tell_person(person, event_group, standing, at)
        event_group.told = event_group.events[-1].number

    def _is_open(self, event: Event) -> bool:
        return self.company.devices[event.device].only is None

    def _belongs(self, event: Event, site: Site, channel: str) -> bool:
        return event.chosen_as in site.routes[channel] and self._is_open(event) and event.place != channel

    def _tell_person(
        self, person: Person, event_group: EventGroup, standing: dict[Event, set[str]], at: datetime
    ) -> None:
        held = [events for _, events in self._held.get(person.id, [])]
        shown = []
        for event in event_group.events:
            if not self._wants(person, event) or not self.company.sees(person.id, event.site, event.device):
                continue
            rooms = [self.company.rooms.get(channel, set()) for channel in standing[event]]
            if person.id == event.asked_by or (not person.wants_both and any(person.id in room for room in rooms)):
                continue
            wait = waits(person, at)
            if wait and event.number > event_group.told and event not in held:
                self._held.setdefault(person.id, []).append((wait, event))
            elif event not in held:
                shown.append(event)
        if shown:
            self._show(event_group, person.id, shown, at)

    def _wants(self, person: Person, event: Event) -> bool:
        """By the narrowest watch that fits: of the device, of the job, of the site."""
        for scope in ("device", "job", "site"):
            for subscription in person.subscriptions:
                if subscription.scope == scope and self._fits(subscription, event):
                    return not subscription.silent and (
                        subscription.modified if event.chosen_as == "modified" else subscription.failed
                    )
        return False

    def _fits(self, subscription: Subscription, event: Event) -> bool:
        if subscription.scope == "device":
            return subscription.target == event.device
        if subscription.site != event.site:
            return False
        return (
            event.by_job
            if subscription.scope == "job"
            else subscription.and_new or not self.company.devices[event.device].is_new
        )

    # Posts

    def _show(self, event_group: EventGroup, recipient: str, events: list[Event], at: datetime) -> None:
        """The post of ``recipient``, or what it becomes."""
        items = frozenset((one.site, one.device) for one in events)
        post = self._posts_of.get((id(event_group), recipient))
        if post is None:
            fallback = self.company.sites[event_group.site].fallback
            post = self._send(recipient, event_group.kind, items, self._soon(at), fallback=fallback)
            self._posts_of[id(event_group), recipient] = post
        post.items = items

    def _send(
        self, recipient: str, kind: str, items: frozenset[object], at: datetime, *, fallback: str | None = None
    ) -> Post:
        """A post to somebody; one that a closed channel does not take waits there, or goes to another."""
        post = Post(recipient, kind, items, at)
        self.posts.append(post)
        if recipient in self.company.archived:
            if recipient not in self._broken:
                self._tell_of_broken(recipient, at)
            post.recipient, post.at = (fallback, at) if fallback else (recipient, None)
        else:
            self._broken.discard(recipient)
        return post

    def send(self, recipient: str, kind: str, items: frozenset[object], at: datetime) -> None:
        """The same for a digest."""
        self._send(recipient, kind, items, self._soon(at))

    def _tell_of_broken(self, channel: str, at: datetime) -> None:
        self._broken.add(channel)
        concerned = [site for site in self.company.sites.values() if channel in site.routes.keys() - site.off]
        for admin in sorted({admin for site in concerned for admin in self.company.admins(site.key)}):
            self.posts.append(Post(admin, "broken", frozenset({channel}), at))

    def _soon(self, at: datetime) -> datetime:
        return at if self.back is None else self.back

    # Whatever else happens

    def _changed(self, event: Change) -> None:
        match event.what:
            case "outage":
                self.back = event.until
            case "back":
                self.back = None
                untold, self._untold = self._untold, []
                for event_group in dict.fromkeys(untold):
                    self._tell(event_group, event.at)
                self._tick(event.at)
            case "unarchive":
                self._open_again(event.where, event.at)
            case "declare":
                self._good[event.who] = event.at
            case "start":
                self._tick(event.at)

    def _open_again(self, channel: str, at: datetime) -> None:
        """What waited for it stands there now, unless it has come to hold what not everybody may see there."""
        for post in self.posts:
            if post.recipient == channel and post.at is None and not self._is_hidden(post):
                post.at = at
                self._broken.discard(channel)

    def _is_hidden(self, post: Post) -> bool:
        named = {item[1] for item in post.items if isinstance(item, tuple)} & self.company.devices.keys()
        return any(self.company.devices[name].only for name in named)

    def _tick(self, at: datetime) -> None:
        for person in self.company.people.values():
            if person.mute and person.mute[1] <= at:
                self._end_mute(person, at)
        for person in self.company.people.values():
            if self.back is None and waits(person, at) is None:
                self._end_quiet(person, at)
        self._digests.tick(at)
        if at.minute == 0 and at.hour % 6 == 1:
            self._look_for_overdue(at)

    def _end_mute(self, person: Person, at: datetime) -> None:
        held = [events for wait, events in self._held.get(person.id, []) if wait == "muted"]
        counts = Counter(events.kind for events in held)
        self.posts.append(Post(person.id, "mute over", frozenset(counts.items()), self._soon(at)))
        self._forget_held(person, "muted")
        person.mute = None

    def _end_quiet(self, person: Person, at: datetime) -> None:
        held = [events for wait, events in self._held.get(person.id, []) if wait == "quiet"]
        seen = [events for events in held if self.company.sees(person.id, events.site, events.device)]
        if seen:
            signs = {
                (CHOSEN_AS.get(one.kind, one.kind) if one.kind != "flapping" else one.kind, one.site, one.device)
                for one in seen
            }
            self.posts.append(Post(person.id, "quiet", frozenset({("pieces", len(seen)), *signs}), self._soon(at)))
        self._forget_held(person, "quiet")

    def _forget_held(self, person: Person, why: str) -> None:
        """They stay known as held, so that the post of their group never shows them."""
        self._held[person.id] = [
            (f"was {wait}" if wait == why else wait, events) for wait, events in self._held.get(person.id, [])
        ]

    def _look_for_overdue(self, at: datetime) -> None:
        found: dict[str, list[str]] = {}
        for device, good in self._good.items():
            if at - good > OVERDUE and device not in self._overdue_told:
                found.setdefault(self.company.devices[device].site, []).append(device)
                self._overdue_told.add(device)
        for site, devices in found.items():
            for admin in sorted(self.company.admins(site)):
                self.posts.append(
                    Post(admin, "overdue", frozenset((site, device) for device in devices), self._soon(at))
                )


def waits(person: Person, at: datetime) -> str | None:
    """Why ``person`` is not told anything at that moment."""
    if person.mute and person.mute[0] <= at < person.mute[1]:
        return "muted"
    if person.quiet:
        hour, (begin, end) = local(at, person.zone).hour, person.quiet
        return "quiet" if hour >= begin or hour < end else None
    return None
