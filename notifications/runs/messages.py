"""What is said of one run wherever it is said: its message, and its diff for the thread under it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.errors import LastgoodError
from domain.messages.outbox import MessageKind, Quote
from domain.runs.outcomes import Outcome
from notifications.pages import answers, configs, runs
from notifications.pages.configs import Glance, SameChange
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

MAX_COMPARED_CHANGES: Final = 100  # changes of one post in which the same one is looked for
MAX_REMEMBERED_DIFFS: Final = 128  # changes that need not be compared again
MAX_REMEMBERED_DIFF: Final = 100_000  # characters of one that is remembered


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
        self._changes: dict[
            tuple[str, str, str], ConfigDiff
        ] = {}  # by device and commits: post, thread and events show the same

    async def post(self, run: Run, *, buttons: Sequence[Control] | None = None, is_private: bool = False) -> Piece:
        """Its message, under ``buttons`` or else under what helps with it.

        Lines of a configuration are shown to one person alone: a channel may be shared with others, where a message
        that holds any is withheld, and that something changed has to be told there too.
        """
        facts, evidence = self._previews.facts(run), self._previews.evidence(run)
        lines = await self._baseline_lines(run)
        kept = await self._kept(run) if run.outcome.is_final and not run.outcome.is_good else None
        glance = await self._glance(run, is_private=is_private)
        context = runs.run_message(
            run,
            self.site_name(run.site),
            facts=facts,
            lines=lines,
            kept=kept,
            evidence=evidence,
            glance=glance,
        )
        if buttons is not None:
            context["buttons"] = tuple(buttons)
        content = self.content("run", context, progress=not run.outcome.is_final)
        if glance and glance.text:
            return Piece(content=content, shows_config=True, quotes=_quotes(run))
        return Piece(content=content, quotes=(Quote(run.device),) if facts or evidence else ())

    async def diff(self, run: Run) -> list[Piece]:
        """What it changed; nothing of a run that changed nothing."""
        try:
            found = await self._change(run)
        except LastgoodError as error:
            log.warning("diff cannot be shown", extra={"run": run.id, "error": str(error)})
            notice = answers.notice(f"The diff is not available. {error.advice}")
            return [Piece(content=self.content("notice", notice), suffix=":diff")]
        if found is None:
            return []
        if self._previews.is_link_only(run.device, run.site):
            return [Piece(content=self.content("link_only", configs.link_only_run(run, found)), suffix=":diff")]
        return await asyncio.to_thread(self._shown_diff, run, found)

    async def same_changes(self, runs: Sequence[Run]) -> list[SameChange]:
        """Which of the first ``runs`` made the very same change, the most devices first; one alone is like no other."""
        found: dict[tuple[str, ...], list[Run]] = {}
        for run in runs[:MAX_COMPARED_CHANGES]:
            with suppress(LastgoodError):  # what cannot be read is like nothing
                if change := await self._change(run):
                    found.setdefault(change.lines, []).append(run)
        alike = (SameChange(tuple(run.device for run in some), len(lines)) for lines, some in found.items() if lines)
        return sorted((one for one in alike if len(one.devices) > 1), key=lambda one: -len(one.devices))

    def content(self, template: str, context: rendering.Context, *, progress: bool = False) -> dict[str, object]:
        """A rendered message; ``progress`` tells delivery that a later state will replace it."""
        return {**self._renderer.render(template, context).as_payload(), "progress": progress}

    def site_name(self, site: str) -> str:
        """As people read it."""
        found = self._access.inventory.sites.get(site)
        return found.name if found else site

    async def _change(self, run: Run) -> ConfigDiff | None:
        """What ``run`` found changed; of what was captured at another site nothing: who reads this may not see it.

        Raises:
            ArchiveError: a version cannot be read.
        """
        if run.outcome is not Outcome.MODIFIED or run.base_version is None or run.version is None:
            return None
        before = await version_of(run.device, run.base_version)
        after = await version_of(run.device, run.version)
        if before is None or after is None or {before.site, after.site} != {run.site}:
            return None
        key = (run.device, before.commit, after.commit)
        known = self._changes.get(key)
        found = known or await self._previews.diff(run.device, before, after)
        if known is None and len(found.text) <= MAX_REMEMBERED_DIFF:
            self._changes[key] = found
            while len(self._changes) > MAX_REMEMBERED_DIFFS:
                self._changes.pop(next(iter(self._changes)))
        return found

    async def _glance(self, run: Run, *, is_private: bool) -> Glance | None:
        """What its post shows of its change. Why a change cannot be shown stands in the message below."""
        try:
            found = await self._change(run)
        except LastgoodError:
            return None
        if found is None:
            return None
        shows_config = is_private and not self._previews.is_link_only(run.device, run.site)
        return Glance.of(found, shows_config=shows_config)

    def _shown_diff(self, run: Run, found: ConfigDiff) -> list[Piece]:
        """A summary with the diff or its first hunks; a long one also as a file. Large ones take their time."""
        before, after = run.base_version, run.version or 0
        content = self.content("diff", configs.diff(run.device, found, before=before, after=after))
        quotes = _quotes(run)
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


def _quotes(run: Run) -> tuple[Quote, ...]:
    """The versions whose lines a message of ``run`` shows."""
    return tuple(Quote(run.device, number) for number in (run.base_version, run.version) if number)
