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
from tests.features.company.events import CHOSEN_AS, GOOD, Heard, News, Turns
from tests.features.company.script import DAY, MINUTE, START, Change, Ended, Tick

if TYPE_CHECKING:
    from datetime import datetime

    from tests.features.company.company import Company, Person, Site, Watch
    from tests.features.company.events import Bundle
    from tests.features.company.script import Event

OVERDUE = 7 * DAY


@dataclass(slots=True, eq=False)
class Post:
    """One post. ``at`` is when it should stand there; None: it waits for its channel."""

    reader: str
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
        self._posts_of: dict[tuple[int, str], Post] = {}  # by bundle and channel or person
        self._untold: list[Bundle] = []
        self._held: dict[str, list[tuple[str, News]]] = {}  # person: why, what
        self._broken: set[str] = set()  # channels in which messages did not arrive
        self._good: dict[str, datetime] = dict.fromkeys(company.devices, START)
        self._overdue_told: set[str] = set()
        self._reports = Reports(company, self)

    def expected(self) -> dict[Heard, list[datetime]]:
        """Every post that should stand, with the times from which on it should."""
        found: dict[Heard, list[datetime]] = {}
        for post in self.posts:
            if post.at is not None and post.reader not in self.company.gone:
                heard = Heard(reader=post.reader, kind=post.kind, items=post.items)
                found.setdefault(heard, []).append(post.at)
        return found

    def happen(self, event: Event) -> None:
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
        for bundle in touched:
            self._tell(bundle, event.at)

    def _answer(self, event: Ended) -> None:
        """Whoever asked by hand is answered where that was."""
        if event.place:
            [result] = event.results
            kind = {"timed_out": "failed", "up_to_date": "answer"}.get(result.outcome, result.outcome)
            items = frozenset({(event.site, result.device)})
            self._send(event.place, kind, items, self._soon(event.at))

    # Who hears of it

    def _tell(self, bundle: Bundle, at: datetime) -> None:
        site, standing = self.company.sites[bundle.site], dict[News, set[str]]()
        for news in bundle.news:
            standing[news] = {news.place} if news.place and self._is_open(news) else set()
        broken = set(self._broken)
        for channel in sorted(site.routes.keys() - site.off):
            some = [one for one in bundle.news if self._belongs(one, site, channel)]
            read = site.fallback if channel in broken else channel
            for one in some:
                standing[one] |= {read} if read else set()
            if some:
                self._show(bundle, channel, some, at)
        if self.back is not None:
            self._untold.append(bundle)
            return
        for person in self.company.people.values():
            self._tell_person(person, bundle, standing, at)
        bundle.told = bundle.news[-1].number

    def _is_open(self, news: News) -> bool:
        return self.company.devices[news.device].only is None

    def _belongs(self, news: News, site: Site, channel: str) -> bool:
        return news.chosen_as in site.routes[channel] and self._is_open(news) and news.place != channel

    def _tell_person(self, person: Person, bundle: Bundle, standing: dict[News, set[str]], at: datetime) -> None:
        held = [news for _, news in self._held.get(person.id, [])]
        shown = []
        for news in bundle.news:
            if not self._wants(person, news) or not self.company.sees(person.id, news.site, news.device):
                continue
            rooms = [self.company.rooms.get(channel, set()) for channel in standing[news]]
            if person.id == news.asked_by or (not person.wants_both and any(person.id in room for room in rooms)):
                continue
            wait = waits(person, at)
            if wait and news.number > bundle.told and news not in held:
                self._held.setdefault(person.id, []).append((wait, news))
            elif news not in held:
                shown.append(news)
        if shown:
            self._show(bundle, person.id, shown, at)

    def _wants(self, person: Person, news: News) -> bool:
        """By the narrowest watch that fits: of the device, of the job, of the site."""
        for scope in ("device", "job", "site"):
            for watch in person.watches:
                if watch.scope == scope and self._fits(watch, news):
                    return not watch.silent and (watch.modified if news.chosen_as == "modified" else watch.failed)
        return False

    def _fits(self, watch: Watch, news: News) -> bool:
        if watch.scope == "device":
            return watch.target == news.device
        if watch.site != news.site:
            return False
        return news.by_job if watch.scope == "job" else watch.and_new or not self.company.devices[news.device].is_new

    # Posts

    def _show(self, bundle: Bundle, reader: str, news: list[News], at: datetime) -> None:
        """The post of ``reader``, or what it becomes."""
        items = frozenset((one.site, one.device) for one in news)
        post = self._posts_of.get((id(bundle), reader))
        if post is None:
            fallback = self.company.sites[bundle.site].fallback
            post = self._send(reader, bundle.kind, items, self._soon(at), fallback=fallback)
            self._posts_of[id(bundle), reader] = post
        post.items = items

    def _send(
        self, reader: str, kind: str, items: frozenset[object], at: datetime, *, fallback: str | None = None
    ) -> Post:
        """A post to somebody; one that a closed channel does not take waits there, or goes to another."""
        post = Post(reader, kind, items, at)
        self.posts.append(post)
        if reader in self.company.archived:
            if reader not in self._broken:
                self._tell_of_broken(reader, at)
            post.reader, post.at = (fallback, at) if fallback else (reader, None)
        else:
            self._broken.discard(reader)
        return post

    def send(self, reader: str, kind: str, items: frozenset[object], at: datetime) -> None:
        """The same for a report."""
        self._send(reader, kind, items, self._soon(at))

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
                for bundle in dict.fromkeys(untold):
                    self._tell(bundle, event.at)
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
            if post.reader == channel and post.at is None and not self._is_hidden(post):
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
        self._reports.tick(at)
        if at.minute == 0 and at.hour % 6 == 1:
            self._look_for_overdue(at)

    def _end_mute(self, person: Person, at: datetime) -> None:
        held = [news for wait, news in self._held.get(person.id, []) if wait == "muted"]
        counts = Counter(news.kind for news in held)
        self.posts.append(Post(person.id, "mute over", frozenset(counts.items()), self._soon(at)))
        self._forget_held(person, "muted")
        person.mute = None

    def _end_quiet(self, person: Person, at: datetime) -> None:
        held = [news for wait, news in self._held.get(person.id, []) if wait == "quiet"]
        seen = [news for news in held if self.company.sees(person.id, news.site, news.device)]
        if seen:
            signs = {
                (CHOSEN_AS.get(one.kind, one.kind) if one.kind != "flapping" else one.kind, one.site, one.device)
                for one in seen
            }
            self.posts.append(Post(person.id, "quiet", frozenset({("pieces", len(seen)), *signs}), self._soon(at)))
        self._forget_held(person, "quiet")

    def _forget_held(self, person: Person, why: str) -> None:
        """They stay known as held, so that the post of their bundle never shows them."""
        self._held[person.id] = [
            (f"was {wait}" if wait == why else wait, news) for wait, news in self._held.get(person.id, [])
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
