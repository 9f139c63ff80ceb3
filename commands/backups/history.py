"""``history``: past runs, filtered and in either order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.backups.history_filters import USAGE, WantedHistory, read_wanted
from commands.input.quoting import MAX_WORD, quote
from commands.lookup.kinds import SitesCommand
from commands.lookup.records import visible_sites
from commands.request import Reply
from domain.messages.outbox import Quote
from domain.roles import Action
from domain.runs.outcomes import Outcome
from notifications.pages import lists
from notifications.rendering.buttons import Button, Menu, MenuEntry
from storage.runs.history import runs_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from commands.request import Request
    from domain.runs.run import Run
    from notifications.rendering.buttons import Control

HISTORY_PAGE = 10  # runs
MAX_TRAIL = 140  # characters of the pages that one can go back; further back it starts with the first

_NARROWER = {  # what the menu offers, and the word for it
    "All outcomes": "",
    "Failed or Timed Out": "bad",
    "Modified": "modified",
    "Up to Date": "up-to-date",
    "Pending or In Progress": "pending in-progress",
}


class History(SitesCommand[WantedHistory]):
    """The runs of a device, a site, a job, or everything that the person may see."""

    name: ClassVar = "history"
    usage: ClassVar = USAGE
    summary: ClassVar = "Past runs, filtered by outcome, time, job or person"
    action: ClassVar = Action.SEE
    examples: ClassVar = (
        "history core-sw1",
        "history plant-a failed 7d",
        "history nightly bad oldest",
        "history modified 2026-05-01 until 2026-05-07",
        "history manual by me",
    )

    async def _answer(self, request: Request, wanted: WantedHistory) -> Reply:
        """Show one page of runs, with the ways to the pages around it, to other filters and to each run."""
        access, sites = self._services.access, visible_sites(self._services, request.person)
        found = await runs_page(
            wanted.query(sites, hidden=access.hidden_devices(request.person), limit=HISTORY_PAGE + 1)
        )
        page = found[:HISTORY_PAGE]
        order = ("oldest",) if wanted.ascending else ()
        command = self._typed(*_spoken(wanted), *order)
        names = {key: one.name for key, one in self._services.inventory.sites.items()}
        told = {run.id: evidence for run in page if (evidence := self._services.previews.evidence(run))}
        context = lists.history(page, names, about=_about(wanted), command=command, evidence=told)
        context["buttons"] = (*_menus(wanted, page), *_paging(wanted, page, more=len(found) > HISTORY_PAGE))
        shown = {run.site for run in page} | ({wanted.site} if wanted.site else set())
        return Reply(
            template="history",
            context=context,
            sites=tuple(sorted(shown)),
            devices=access.restricted_among(run.device for run in page),
            quotes=tuple(dict.fromkeys(Quote(run.device) for run in page if run.id in told)),
        )

    async def _read(self, request: Request) -> WantedHistory:
        return await read_wanted(self._services, request.person, request.words)

    def _site_of(self, wanted: WantedHistory) -> str | None:
        return wanted.site


def _spoken(wanted: WantedHistory) -> tuple[str, ...]:
    """The words again; a job is named as a person would."""
    first, *rest = wanted.words or ("",)
    return (wanted.about.name, *rest) if first.startswith("job:") and wanted.about else wanted.words


def _menus(wanted: WantedHistory, page: Sequence[Run]) -> Iterator[Control]:
    runs = tuple(
        MenuEntry(text=f"Run {run.id}: {run.device}, {run.outcome.word}", value=f"#{run.id}")
        for run in page
        if run.outcome.is_final
    )
    if runs:
        yield Menu(placeholder="Open a run…", action="do:run#open", entries=runs)
    others = tuple(_narrower(wanted))
    if others:
        yield Menu(placeholder="Filter or sort…", action="do:history#filter", entries=others)


def _narrower(wanted: WantedHistory) -> Iterator[MenuEntry]:
    kept = [word for word in wanted.words if not _is_outcome(word)]
    order = ["oldest"] if wanted.ascending else []
    for text, word in _NARROWER.items():
        yield from _entry(text, [*kept, *word.split(), *order])
    turned = [] if wanted.ascending else ["oldest"]
    yield from _entry("Newest first" if wanted.ascending else "Oldest first", [*wanted.words, *turned])


def _entry(text: str, words: Sequence[str]) -> Iterator[MenuEntry]:
    value = " ".join(map(quote, words)) or "newest"
    if len(value) <= MAX_WORD:
        yield MenuEntry(text=text, value=value)


def _is_outcome(word: str) -> bool:
    return word in {"good", "ok", "bad", "changed", "unchanged", "running", "timeout", "uptodate"} or word in {
        one.word.casefold().replace(" ", "-") for one in Outcome
    }


def _paging(wanted: WantedHistory, page: Sequence[Run], *, more: bool) -> Iterator[Button]:
    back, on = ("Newer runs", "newer"), ("Older runs", "older")
    if wanted.ascending:
        back, on = on, back
    if wanted.trail:
        yield _page_button(*back, wanted, wanted.trail[:-1])
    if more:
        yield _page_button(*on, wanted, (*wanted.trail, page[-1].id))


def _page_button(text: str, suffix: str, wanted: WantedHistory, trail: Sequence[int]) -> Button:
    while len(",".join(map(str, trail))) > MAX_TRAIL:
        trail = trail[1:]
    order = ("oldest",) if wanted.ascending else ()
    value = " ".join([*map(quote, (*wanted.words, *order)), f"trail:{','.join(map(str, trail))}"])
    label = f"Show {text.lower()} of {_about(wanted)}"
    return Button(text=text, action=f"do:{History.name}#{suffix}", value=value, label=label)


def _about(wanted: WantedHistory) -> str:
    return wanted.about.name if wanted.about else "everything you can see"
