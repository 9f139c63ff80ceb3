"""``diff``: what changed in a device's configuration."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import shown
from commands.input.values import run_number, version_number, version_pair
from commands.lookup.kinds import DeviceCommand
from commands.lookup.records import not_ended, numbered_version, unknown_run, visible_run
from commands.request import Reply, ReplyFile
from domain.errors import NotNow
from domain.messages.outbox import Quote
from domain.roles import Action
from domain.runs.outcomes import Outcome
from notifications.pages import answers, configs
from notifications.rendering import buttons
from storage.devices import versions

if TYPE_CHECKING:
    from commands.request import Request
    from commands.services import Services
    from domain.access.people import Person
    from domain.configs.versions import Version
    from domain.inventory.declared import Device
    from domain.runs.run import Run
    from notifications.previews import ConfigDiff


@dataclass(frozen=True)
class Pair:
    """Two versions to compare, and the run that had compared them."""

    before: Version
    after: Version
    run: Run | None = None
    is_one_change: bool = False  # and not several that somebody may have reviewed one by one

    @property
    def what(self) -> str:
        """The pair as people type it: ``v3..v4``."""
        return f"v{self.before.number}..v{self.after.number}"


class Diff(DeviceCommand):
    """What changed: in a run, between two versions, or last."""

    name: ClassVar = "diff"
    usage: ClassVar = "diff DEVICE [RUN|A..B]"
    summary: ClassVar = "The last change, the change in a run, or between two versions"
    action: ClassVar = Action.SEE
    examples: ClassVar = ("diff core-sw1", "diff core-sw1 #123", "diff core-sw1 v3..v5")
    question: ClassVar = "Which device's changes?"

    async def _answer(self, request: Request, subject: tuple[Device, str]) -> Reply:
        """Compare two versions, secrets masked; a long answer comes as a file."""
        device, rest = subject
        pair = await self._pair(device, rest, request.person)
        if isinstance(pair, Reply):
            return pair
        found = await self._services.previews.diff(device.name, pair.before, pair.after)
        if any(self._services.previews.is_link_only(device.name, one.site) for one in (pair.before, pair.after)):
            return self._elsewhere(device, pair, found)
        return await asyncio.to_thread(self._reply, device, pair, found)  # it may be millions of characters

    async def _pair(self, device: Device, word: str, person: Person) -> Pair | Reply:
        if not word:
            return await self._newest(device)
        between = version_pair(word)
        if between:
            return await self._between(device, *between, person)
        number = run_number(word)
        if number is not None:
            return await self._of_run(device, number, person)
        after = version_number(word)
        if after is None:
            raise self._misused("Give a run such as `#123` or versions such as `v3..v5`")
        return await self._change(device, await numbered_version(self._services, person, device, after))

    async def _newest(self, device: Device) -> Pair | Reply:
        """The last change at the site that the device belongs to now."""
        found = await versions.newest_version(device.name, sites=[device.site])
        if found is None:
            return never_captured(self._services, device, self.name)
        if found.number == 1:
            name = shown(device.name)
            text = f"`{name}` has only one version, the baseline. There is nothing to compare it with yet."
            return self._say(device, text)
        return await self._change(device, found)

    async def _change(self, device: Device, after: Version) -> Pair | Reply:
        before = await versions.version_before(after)
        return Pair(before, after, is_one_change=True) if before else self._baseline(device, after.number)

    async def _of_run(self, device: Device, number: int, person: Person) -> Pair | Reply:
        run = await visible_run(self._services, person, number)
        if run.device != device.name:
            raise unknown_run(self._services, number)
        if not run.outcome.is_final:
            raise not_ended(self._services, run)
        if not run.outcome.is_good:
            raise NotNow(
                f"run {run.id} captured nothing",
                advice=f"Run {run.id} ended as {run.outcome.chip}, so there is nothing to compare.",
            )
        if run.base_version is None or run.version is None:
            return self._baseline(device, run.version or 1)
        if run.outcome is Outcome.UP_TO_DATE:
            return self._say(device, f"Nothing changed in run {run.id}: version v{run.version} is still current.")
        return await self._between(device, run.base_version, run.version, person, run)

    async def _between(self, device: Device, before: int, after: int, person: Person, run: Run | None = None) -> Pair:
        newer = await numbered_version(
            self._services, person, device, after
        )  # the one that was named, if it is missing
        older = await numbered_version(self._services, person, device, before)
        return Pair(older, newer, run, is_one_change=await versions.version_before(newer) == older)

    def _reply(self, device: Device, pair: Pair, found: ConfigDiff) -> Reply:
        if not found.text:
            return self._say(device, f"There are no visible differences between {pair.what.replace('..', ' and ')}.")
        before, after = pair.before.number, pair.after.number
        context = configs.diff(device.name, found, before=before, after=after, command=self._again(device, pair))
        if pair.is_one_change:
            review = pair.after.review
            context["review"] = review
            context["buttons"] = () if review else (buttons.review_button(pair.after.run, device.name),)
        file = None
        if not configs.is_short(found.text):
            file = ReplyFile.of(configs.diff_file(device.name, found, before=before, after=after))
        return Reply(
            template="diff",
            context=context,
            sites=told_of(device, pair.before, pair.after),
            devices=self._services.access.restricted_among([device.name]),
            shows_config=True,
            quotes=tuple(Quote(device.name, one.number) for one in (pair.before, pair.after)),
            file=file,
        )

    def _again(self, device: Device, pair: Pair) -> str:
        return self._typed(device.name, f"#{pair.run.id}" if pair.run else pair.what)

    def _baseline(self, device: Device, number: int) -> Reply:
        name = shown(device.name)
        return self._say(
            device, f"Version {number} of `{name}` is a baseline. There is nothing older to compare it with."
        )

    def _elsewhere(self, device: Device, pair: Pair, found: ConfigDiff) -> Reply:
        """How much changed and where to look, for a site that shows no configuration in Slack."""
        context = configs.link_only(
            device.name,
            found,
            site=pair.after.site,
            versions=f"version {pair.before.number} → {pair.after.number}",
            look=f"diff {device.name} {pair.before.number}..{pair.after.number}",
            command=self._typed(device.name, pair.what),
        )
        devices = self._services.access.restricted_among([device.name])
        sites = told_of(device, pair.before, pair.after)
        return Reply(template="link_only", context=context, sites=sites, devices=devices)

    def _say(self, device: Device, text: str) -> Reply:
        return self._notice(device.site, device.name, text, typed=[device.name])


def told_of(device: Device, *found: Version) -> tuple[str, ...]:
    """The sites of an answer about ``found``: who may read it is asked for where each was captured."""
    return tuple(sorted({device.site, *(one.site for one in found)}))


def never_captured(services: Services, device: Device, command: str) -> Reply:
    """Say that there is no version yet, and offer to make one."""
    run_now = replace(buttons.again_button(device.name), text="Run now", style="primary")
    context = answers.notice(
        f"`{shown(device.name)}` has no backup yet.",
        command=services.typed(command, device.name),
        buttons=(run_now,),
    )
    return Reply(
        template="notice",
        context=context,
        sites=(device.site,),
        devices=services.access.restricted_among([device.name]),
    )
