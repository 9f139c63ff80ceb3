"""``graph``: what the runs of a site come to, day by day, as numbers and as a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from commands.backups.history_filters import zone_of
from commands.input.quoting import quote, shown
from commands.lookup.kinds import PickingCommand, SitesCommand
from commands.request import Option, Reply, ReplyFile, Surface
from domain.digests.periods import USUAL, Period, read_period
from domain.errors import UsageError
from domain.messages.places import answer_is_public
from domain.roles import Action
from domain.runs.outcomes import count_bad
from notifications.graphs import graphs
from notifications.rendering.buttons import Button

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from commands.request import Request
    from domain.access.people import Person
    from domain.inventory.declared import Site
    from notifications.graphs.graphs import Graph

_ALL = "all"
_PERIODS = ("7d", "30d", "90d")
MAX_PERIOD_WORDS = 2  # words of a period: "this month"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be counted; no site: everything that the person may see."""

    site: Site | None
    period: Period
    zone: ZoneInfo
    word: str  # what is typed for it


class ShowGraph(SitesCommand[_Wanted], PickingCommand[_Wanted]):
    """Runs by day: outcomes, how many were good, how long they took and waited, what changed most."""

    name: ClassVar = "graph"
    usage: ClassVar = "graph SITE|all [PERIOD]"
    summary: ClassVar = "A graph of a site's runs: outcomes by day, durations, most changed devices"
    action: ClassVar = Action.SEE
    examples: ClassVar = ("graph plant-a", "graph plant-a 90d", "graph all this month")
    question: ClassVar = "Which site's runs?"

    async def _answer(self, request: Request, wanted: _Wanted) -> Reply:
        """Count the runs of the period and show the numbers; the picture comes as a file."""
        person, access = request.person, self._services.access
        sites = access.visible_sites(person)
        shown_sites = (wanted.site,) if wanted.site else sites
        public = self._is_public(request, wanted.site)
        hidden = access.restricted_devices() if public else access.hidden_devices(person)
        graph = await graphs.graph_of(
            {site.key: site.name for site in shown_sites},
            about=wanted.site.name if wanted.site else "All sites that you can see",
            period=wanted.period,
            zone=wanted.zone,
            hidden=hidden,
            declared=[one for one in access.visible_devices(person) if one.name not in hidden],
        )
        return Reply(
            template="graph",
            context=self._context(graph, wanted, here=public or request.own_dm),
            sites=tuple(sorted(site.key for site in shown_sites)),
            devices=tuple(sorted(access.restricted_devices() - hidden)),
            file=_picture(graph),
        )

    async def options(self, person: Person, typed: str) -> list[Option]:
        """The sites that this person may see, and all of them together."""
        found = self._services.catalogue.site_options(person, Action.SEE, typed)
        every = [Option(text="All sites", value=_ALL, description="Everything that you can see")]
        offered = every if _ALL.startswith(typed.casefold().strip()) and len(found) > 1 else []
        return [*offered, *(replace(one, value=quote(f"site:{one.value}")) for one in found)][:100]

    def _site_of(self, wanted: _Wanted) -> str | None:
        return wanted.site.key if wanted.site else None

    async def _read(self, request: Request) -> _Wanted | None:
        """What the words ask for; None: a site has to be chosen first."""
        person, words = request.person, request.words
        sites = self._services.access.visible_sites(person)
        if not words and len(sites) > 1:
            return None
        now = self._services.clock.now()
        name, typed = self._split(words)
        site = self._site(person, sites, name)
        zone = site.timezone if site else zone_of(person)
        period = read_period(typed, today=now.astimezone(zone).date())
        if period is None:
            raise self._unknown_period()
        return _Wanted(site, period, zone, self._services.catalogue.word(person, site) if site else _ALL)

    def _split(self, words: Sequence[str]) -> tuple[str, str]:
        """The name, and the period after it."""
        today = self._services.clock.now().date()
        for count in range(min(MAX_PERIOD_WORDS, len(words)), 0, -1):
            typed = " ".join(words[-count:])
            if read_period(typed, today=today):
                return " ".join(words[:-count]), typed
        return " ".join(words), USUAL

    def _site(self, person: Person, sites: Sequence[Site], name: str) -> Site | None:
        if name.casefold() in {"", _ALL}:
            return sites[0] if len(sites) == 1 else None
        catalogue, words = self._services.catalogue, tuple(name.split())
        found = catalogue.site_called(person, name.removeprefix("site:"))
        if found is not None:
            return found
        for count in range(1, min(MAX_PERIOD_WORDS + 1, len(words))):
            first = " ".join(words[:-count])
            if first.casefold() == _ALL or catalogue.site_called(person, first.removeprefix("site:")):
                raise self._unknown_period()
        catalogue.target(person, words)  # unknown: raises with what is nearest
        raise UsageError(
            f"Name a site. For one device use `{self._services.typed('history', shown(name))}`",
            usage=f"{self._services.slash} {self.usage}",
        )

    def _unknown_period(self) -> UsageError:
        return UsageError(
            "Give a period such as `7d`, `12w`, `yesterday`, `last week` or `this month`",
            usage=f"{self._services.slash} {self.usage}",
        )

    def _is_public(self, request: Request, site: Site | None) -> bool:
        mentioned = request.surface is Surface.MENTION
        return site is not None and answer_is_public(request.place, site_channel=site.channel, mentioned=mentioned)

    def _context(self, graph: Graph, wanted: _Wanted, *, here: bool) -> Mapping[str, object]:
        command = self._typed(wanted.word, *wanted.period.typed.split())
        picture = "The graph follows." if here else "The graph comes in a direct message."
        return graphs.graph_message(graph, command=command, buttons=tuple(_buttons(graph, wanted)), picture=picture)


def _picture(graph: Graph) -> ReplyFile | None:
    if graph.is_empty:
        return None
    content = graphs.graph_file(graph)
    return ReplyFile(
        filename=content["filename"],
        title=content["title"],
        text=content["text"],
        snippet_type="",
        alt=content["alt"],
        graph=content["graph"],
    )


def _buttons(graph: Graph, wanted: _Wanted) -> Iterator[Button]:
    period, word = wanted.period, quote(wanted.word)
    for typed in _PERIODS:
        if typed != period.typed:
            text = f"{typed.removesuffix('d')} days"
            label = f"Show the runs of {graph.about} over {text}"
            yield Button(text=text, action="do:graph#period", value=f"{word} {typed}", label=label)
    if count_bad(graph.counts):
        site = f"{word} " if wanted.site else ""
        value = f"{site}bad {period.first.isoformat()} until {period.last.isoformat()}"
        label = f"List the failed runs of {graph.about} in {period.words}"
        yield Button(text="Failed runs", action="do:history#bad", value=value, label=label)
