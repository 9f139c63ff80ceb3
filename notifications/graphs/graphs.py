"""What the runs of a site come to, as a message and as a picture: the same numbers in both, and in the history."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from domain.digests.periods import short_date
from domain.digests.statistics import no_counts, success_rate
from domain.runs.outcomes import Outcome, count_bad
from notifications.pages.batches import ORDER
from notifications.pages.cells import text
from notifications.rendering import limits
from notifications.rendering.escaping import cut, one_line
from notifications.rendering.units import duration, never_words, plural
from storage.devices.devices import last_goods
from storage.runs import statistics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from domain.digests.periods import Period
    from domain.digests.statistics import Changed, Counts, DayCounts, Spread, Times
    from domain.inventory.declared import Device
    from notifications.rendering.buttons import Control
    from notifications.rendering.renderer import Context

CHANGED: Final = 10  # devices
_NAMED: Final = 5  # of them in words
_SITES: Final = 40  # rows of the table
_WORST: Final = 5  # days named in words
_NAME: Final = 40  # characters of a name in the picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The runs of a period at one site or several."""

    about: str  # the site's name, "All sites"
    period: Period
    zone: ZoneInfo
    days: Sequence[DayCounts]
    times: Times
    changed: Sequence[Changed]
    by_site: Mapping[str, Counts]  # by name
    never: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # by site's name: never backed up now, of all

    @property
    def counts(self) -> Counts:
        """All of it."""
        total = no_counts()
        for day in self.days:
            for outcome, count in day.counts.items():
                total[outcome] += count
        return total

    @property
    def never_words(self) -> str:
        """How many of the devices were never backed up, which no number of runs tells; empty: none of them."""
        never, devices = (sum(pair[place] for pair in self.never.values()) for place in (0, 1))
        return f"{never_words(never, devices)}." if never else ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(day.total for day in self.days)

    def as_json(self) -> dict[str, Any]:
        """What ``notifications.graphs.drawing`` draws: words cut to what fits, numbers in seconds."""
        return {
            "title": cut(one_line(f"{self.about}: {self.period.words}"), _NAME),
            "subtitle": " · ".join(filter(None, (self.period.dates, self.zone.key, self.never_words.rstrip(".")))),
            "days": [_day(one) for one in self.days],
            "changed": [[cut(one_line(one.device), _NAME), one.times] for one in self.changed],
        }


async def graph_of(
    sites: Mapping[str, str],
    *,
    about: str,
    period: Period,
    zone: ZoneInfo,
    hidden: frozenset[str],
    declared: Iterable[Device] = (),
    devices: frozenset[str] | None = None,
) -> Graph:
    """Count the runs of ``sites`` (names by key) in a period.

    Args:
        sites: those that the reader may see.
        about: what is counted, in words.
        period: local days in ``zone``.
        zone: of the site, or of the reader if there are several sites.
        hidden: names of devices there that not every reader may see.
        declared: devices there that every reader may see: it is told how many of them were never backed up.
        devices: only these; None: all.
    """
    keys, (since, until) = frozenset(sites), period.span(zone)
    by_key = await statistics.outcome_counts_by_site(keys, hidden=hidden, since=since, until=until, devices=devices)
    return Graph(
        about=about,
        period=period,
        zone=zone,
        days=await statistics.daily_counts(
            keys, hidden=hidden, zone=zone, first=period.first, days=period.days, devices=devices
        ),
        times=await statistics.usual_times(keys, hidden=hidden, since=since, until=until, devices=devices),
        changed=await statistics.most_changed(
            keys, hidden=hidden, since=since, until=until, limit=CHANGED, devices=devices
        ),
        by_site={sites[key]: counts for key, counts in by_key.items()},
        never=await _never(sites, [device for device in declared if device.site in sites]),
    )


async def _never(sites: Mapping[str, str], declared: Sequence[Device]) -> dict[str, tuple[int, int]]:
    goods = await last_goods(device.name for device in declared)
    every = Counter(device.site for device in declared)
    never = Counter(device.site for device in declared if goods[device.name] is None)
    return {sites[key]: (never[key], count) for key, count in every.items()}


def graph_message(
    graph: Graph, *, command: str, buttons: Sequence[Control] = (), picture: str = "The graph follows."
) -> Context:
    """The context of ``graph``: the numbers; ``picture`` says where it is to be seen."""
    counts = graph.counts
    several = len(graph.by_site) > 1
    return {
        "about": graph.about,
        "period": graph.period.words,
        "dates": graph.period.dates,
        "is_empty": graph.is_empty,
        "counters": [f"{outcome.chip} {counts[outcome]:,}" for outcome in ORDER if counts[outcome]],
        "sentences": _sentences(graph),
        "changed": _changed_words(graph.changed),
        "never": graph.never_words,
        "rows": _site_rows(graph) if several and not graph.is_empty else [],
        "more_sites": max(len(graph.by_site) - _SITES, 0) if several else 0,
        "picture": "" if graph.is_empty else picture,
        "buttons": tuple(buttons),
        "command": command,
    }


def graph_file(graph: Graph) -> dict[str, Any]:
    """The content of a FILE message: what is to be drawn when it is sent, and the same in words.

    A graph that ``is_empty`` has no picture.
    """
    words = graph_words(graph)
    first, last = graph.period.first, graph.period.last
    return {
        "filename": f"runs-{first.isoformat()}-{last.isoformat()}.png",
        "title": f"{graph.about}: {graph.period.words}, {graph.period.dates}",
        "text": words,
        "alt": cut(words, limits.ALT_TEXT),
        "graph": graph.as_json(),
    }


def graph_words(graph: Graph) -> str:
    """Every number of the picture that matters, for whoever does not see it."""
    counts = graph.counts
    numbers = ", ".join(f"{counts[outcome]:,} {outcome.word}" for outcome in ORDER if counts[outcome])
    parts = [f"{graph.about}, {graph.period.words} ({graph.period.dates}): {numbers or 'no runs'}.", *_sentences(graph)]
    parts += [graph.never_words] if graph.never_words else []
    worst = sorted((day for day in graph.days if _bad(day.counts)), key=lambda day: (-_bad(day.counts), day.day))
    if worst:
        days = ", ".join(f"{short_date(day.day)} ({_bad(day.counts):,})" for day in worst[:_WORST])
        parts.append(f"Most failed on: {days}.")
    changed = _changed_words(graph.changed)
    return " ".join([*parts, *([f"Changed most often: {changed}."] if changed else [])])


def percent(rate: float) -> str:
    """A share in percent that says 100 only when nothing is missing, and 0 only when there is nothing."""
    if rate in {0, 1}:
        return f"{rate * 100:.0f}%"
    return f"{min(max(rate * 100, 0.1), 99.9):.1f}%"


def _day(day: DayCounts) -> dict[str, Any]:
    seconds = [*_pair(day.running), *_pair(day.waiting)]
    return {"day": short_date(day.day), "counts": dict(day.counts), "seconds": seconds}


def _pair(spread: Spread | None) -> tuple[float | None, float | None]:
    return (round(spread.median, 1), round(spread.p95, 1)) if spread else (None, None)


def _sentences(graph: Graph) -> list[str]:
    counts = graph.counts
    found: list[str] = []
    ended = sum(count for outcome, count in counts.items() if outcome.is_final)
    if ended:
        good = sum(count for outcome, count in counts.items() if outcome.is_good)
        found.append(f"{good:,} of {plural(ended, 'finished run')} succeeded.")
    named = (("Duration", graph.times.running), ("Waiting", graph.times.waiting))
    return found + [
        f"{what}: median {_span(spread.median)}, p95 {_span(spread.p95)}." for what, spread in named if spread
    ]


def _span(seconds: float) -> str:
    return duration(timedelta(seconds=seconds)).replace("under ", "< ")


def _changed_words(changed: Sequence[Changed]) -> str:
    return ", ".join(f"{one.device} ({_often(one.times)})" for one in changed[:_NAMED])


def _often(times: int) -> str:
    return "once" if times == 1 else f"{times:,} times"


def _bad(counts: Mapping[Outcome, int]) -> int:
    return count_bad(counts)


def _site_rows(graph: Graph) -> list[list[dict[str, Any]]]:
    """A row for each site, those with the most trouble first."""
    never = {name: graph.never.get(name, (0, 0))[0] for name in graph.by_site}
    ordered = sorted(graph.by_site.items(), key=lambda item: (-_bad(item[1]), -never[item[0]], item[0].casefold()))
    return [
        [
            text(name),
            text(f"{sum(counts.values()):,}"),
            text(f"{_bad(counts):,}"),
            text(_rate_words(counts)),
            text(f"{never[name]:,}"),
        ]
        for name, counts in ordered[:_SITES]
    ]


def _rate_words(counts: Counts) -> str:
    rate = success_rate(counts)
    return "-" if rate is None else percent(rate)
