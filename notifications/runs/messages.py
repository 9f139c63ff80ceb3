"""What is said of one run wherever it is said: its message, and its diff for the thread under it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.errors import LastgoodError
from domain.messages.outbox import MessageKind, Quote
from domain.runs.outcomes import Outcome
from notifications.pages import answers, configs, runs
from storage.devices.devices import device_state
from storage.devices.versions import version_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.access.access import Access
    from domain.configs.versions import DeviceState
    from domain.messages.outbox import Message
    from domain.runs.run import Run
    from notifications.previews import ConfigDiff, Previews
    from notifications.rendering import renderer as rendering
    from notifications.rendering.buttons import Control
    from notifications.rendering.renderer import Renderer
    from notifications.runs.addresses import Address

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A message that has no address yet."""

    content: Mapping[str, object]
    suffix: str = ""  # of its key
    kind: MessageKind = MessageKind.POST
    shows_config: bool = False
    quotes: tuple[Quote, ...] = ()

    def to(self, address: Address, key: str) -> Message:
        """This one as a message of ``address``; ``key`` names what it belongs to."""
        return address.message(
            f"{key}{self.suffix}",
            self.content,
            kind=self.kind,
            shows_config=self.shows_config,
            quotes=self.quotes,
        )


class RunMessages:
    """Says it of a run as it is now: the same whenever and for whomever it is asked."""

    def __init__(self, renderer: Renderer, previews: Previews, *, access: Access) -> None:
        self._renderer = renderer
        self._previews = previews
        self._access = access

    async def post(self, run: Run, *, buttons: Sequence[Control] | None = None) -> Piece:
        """Its message, under ``buttons`` or else under what helps with it."""
        facts, evidence = self._previews.facts(run), self._previews.evidence(run)
        lines = await self._baseline_lines(run)
        kept = await self._kept(run) if run.outcome.is_final and not run.outcome.is_good else None
        context = runs.run_message(
            run, self.site_name(run.site), facts=facts, lines=lines, kept=kept, evidence=evidence
        )
        if buttons is not None:
            context["buttons"] = tuple(buttons)
        content = self.content("run", context, progress=not run.outcome.is_final)
        return Piece(content=content, quotes=(Quote(run.device),) if facts or evidence else ())

    async def diff(self, run: Run) -> list[Piece]:
        """What it changed; nothing of a run that changed nothing."""
        if run.outcome is not Outcome.MODIFIED or run.base_version is None or run.version is None:
            return []
        before = await version_of(run.device, run.base_version)
        after = await version_of(run.device, run.version)
        if before is None or after is None or {before.site, after.site} != {run.site}:
            return []  # what was captured at another site is none of this one's: who reads this may not see that
        try:
            found = await self._previews.diff(run.device, before, after)
        except LastgoodError as error:
            log.warning("diff cannot be shown", extra={"run": run.id, "error": str(error)})
            notice = answers.notice(f"The diff is not available. {error.advice}")
            return [Piece(content=self.content("notice", notice), suffix=":diff")]
        if self._previews.is_link_only(run.device, run.site):
            return [Piece(content=self.content("link_only", configs.link_only_run(run, found)), suffix=":diff")]
        return await asyncio.to_thread(self._shown_diff, run, found)

    def content(self, template: str, context: rendering.Context, *, progress: bool = False) -> dict[str, object]:
        """A rendered message; ``progress`` tells delivery that a later state will replace it."""
        return {**self._renderer.render(template, context).as_payload(), "progress": progress}

    def site_name(self, site: str) -> str:
        """As people read it."""
        found = self._access.inventory.sites.get(site)
        return found.name if found else site

    def _shown_diff(self, run: Run, found: ConfigDiff) -> list[Piece]:
        """A summary with the diff or its first hunks; a long one also as a file. Large ones take their time."""
        before, after = run.base_version, run.version or 0
        content = self.content("diff", configs.diff(run.device, found, before=before, after=after))
        quotes = tuple(Quote(run.device, number) for number in (before, after) if number)
        shown = Piece(content=content, suffix=":diff", shows_config=True, quotes=quotes)
        if configs.is_short(found.text):
            return [shown]
        file = configs.diff_file(run.device, found, before=before, after=after)
        kind = MessageKind.FILE
        return [shown, Piece(content=file, suffix=":file", kind=kind, shows_config=True, quotes=quotes)]

    async def _kept(self, run: Run) -> DeviceState | None:
        """What its site has of its device; None: the device belongs to another one now."""
        state = await device_state(run.device)
        return state if state and state.site == run.site else None

    async def _baseline_lines(self, run: Run) -> int:
        version = await version_of(run.device, run.version) if run.is_baseline and run.version else None
        if version is None:
            return 0
        try:
            return await self._previews.line_count(run.device, version)
        except LastgoodError:  # the number of lines is an ornament
            log.warning("baseline cannot be read", extra={"run": run.id})
            return 0
