"""Runs by day in numbers: a month, a day, nothing, all failed, many sites; the picture that comes along, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from demo.gallery.entries import Entry
from demo.gallery.samples import LONG_DEVICE, LONG_SITE
from domain.digests.periods import Period, read_period
from domain.digests.statistics import Changed, DayCounts, Spread, Times, no_counts
from domain.runs.outcomes import Outcome
from notifications.graphs import graphs
from notifications.rendering.buttons import Button

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notifications.graphs.graphs import Graph

_TODAY = date(2026, 3, 2)
_TIMES = Times(running=Spread(median=11.4, p95=41.0), waiting=Spread(median=0.8, p95=5.2))
_BUTTONS = (
    Button(text="7 days", action="do:graph#period", value="plant-a 7d", label="Show the runs of Plant A over 7 days"),
    Button(text="Failed runs", action="do:history#bad", value="plant-a bad 30d", label="List the failed runs"),
)


def entries() -> Iterator[Entry]:
    """Every kind of graph."""
    yield _entry("a month", make_graph("30d", good=118))
    yield _entry("a day", make_graph("yesterday", good=118))
    yield _entry("three months of 5,000 devices", make_graph("90d", good=4_990))
    yield _entry("all failed", make_graph("7d", good=0, bad=40))
    yield _entry("no runs", make_graph("7d", good=0, bad=0))
    yield _entry("some never backed up", replace(make_graph("7d", good=118), never={"Plant A": (5, 8)}))
    yield _entry("no runs, none ever backed up", replace(make_graph("7d", good=0, bad=0), never={"Plant A": (8, 8)}))
    yield _entry("all sites", make_graph("last week", good=118, sites=60))
    yield _entry("longest names", make_graph("30d", good=118, about=LONG_SITE, device=LONG_DEVICE))


def make_graph(
    typed: str, *, good: int, bad: int = 2, sites: int = 1, about: str = "Plant A", device: str = "core-sw1"
) -> Graph:
    """So many good and bad runs every day."""
    period = _period(typed)
    counts = no_counts() | {Outcome.UP_TO_DATE: good, Outcome.MODIFIED: good // 20, Outcome.FAILED: bad}
    day = DayCounts(day=_TODAY, counts=counts, running=_TIMES.running, waiting=_TIMES.waiting)
    changed = [Changed(device=device, times=12 - number, added=3, removed=1) for number in range(3)]
    return graphs.Graph(
        about=about if sites == 1 else "All sites that you can see",
        period=period,
        zone=ZoneInfo("Europe/Berlin"),
        days=[day] * period.days,
        times=_TIMES if good + bad else Times(),
        changed=changed if good else [],
        by_site={f"Plant {number}": counts for number in range(sites)},
        never={f"Plant {number}": (number % 3, 120) for number in range(sites)} if sites > 1 else {},
    )


def _period(typed: str) -> Period:
    found = read_period(typed, today=_TODAY + timedelta(days=1))
    if found is None:
        raise ValueError(typed)
    return found


def _entry(state: str, graph: Graph) -> Entry:
    command = f"/backup graph plant-a {graph.period.typed}"
    context = graphs.graph_message(graph, command=command, buttons=_BUTTONS)
    file = {} if graph.is_empty else graphs.graph_file(graph)
    return Entry(group="Graphs", state=state, template="graph", context=context, asked=command, private=True, file=file)
