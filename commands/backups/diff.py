"""``diff``: what changed in a device's configuration."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import shown
from commands.input.values import run_number, version_number, version_pair
from commands.lookup.picking import ask
from commands.lookup.records import device_and_rest, numbered_version, unknown_run, visible_run
from commands.request import Reply, ReplyFile
from domain.errors import NotNow, UsageError
from domain.messages.outbox import Quote
from domain.roles import Action
from domain.runs.outcomes import Outcome
from notifications.pages import answers, configs
from notifications.rendering import buttons
from storage.devices import versions

if TYPE_CHECKING:
    from commands.request import Option, Request
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

    @property
    def what(self) -> str:
        """The pair as people type it: ``v3..v4``."""
        return f"v{self.before.number}..v{self.after.number}"


class Diff:
    """What changed: in a run, between two versions, or last."""

    name: ClassVar = "diff"
    usage: ClassVar = "diff DEVICE [RUN|A..B]"
    summary: ClassVar = "What changed last, in a run, or between two versions"
    action: ClassVar[Action | None] = Action.SEE
    examples: ClassVar[tuple[str, ...]] = ("diff core-sw1", "diff core-sw1 #123", "diff core-sw1 v3..v5")
    question: ClassVar = "Which device's changes?"
    picks: ClassVar = Action.SEE

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: Request) -> Reply:
        """Compare two versions, secrets masked; a long answer comes as a file."""
        if not request.words:
            return ask(self, self._services, request.person)
        device, rest = device_and_rest(self._services, request)
        self._services.access.require(request.person, Action.SEE, device.site, device.name)
        pair = await self._pair(device, rest, request.person)
        if isinstance(pair, Reply):
            return pair
        found = await self._services.previews.diff(device.name, pair.before, pair.after)
        if self._services.previews.is_link_only(device.name, pair.after.site):
            return self._elsewhere(device, pair, found)
        return await asyncio.to_thread(self._reply, device, pair, found)  # it may be millions of characters

    async def options(self, person: Person, typed: str) -> list[Option]:
        """The devices that this person may see."""
        return self._services.catalogue.device_options(person, Action.SEE, typed)

    async def _pair(self, device: Device, word: str, person: Person) -> Pair | Reply:
        if not word:
            return await self._newest(device)
        between = version_pair(word)
        if between:
            return await self._between(device, *between)
        number = run_number(word)
        if number is not None:
            return await self._of_run(device, number, person)
        after = version_number(word)
        if after is None:
            raise UsageError("I know a run such as `#123` and versions such as `v3..v5`", usage=self._usage)
        if after == 1:
            return self._baseline(device)
        return await self._between(device, after - 1, after)

    async def _newest(self, device: Device) -> Pair | Reply:
        found = await versions.versions_of(device.name, limit=2)
        if not found:
            return never_captured(self._services, device, self.name)
        return Pair(found[1], found[0]) if len(found) > 1 else self._baseline(device)

    async def _of_run(self, device: Device, number: int, person: Person) -> Pair | Reply:
        run = await visible_run(self._services, person, number)
        if run.device != device.name:
            raise unknown_run(self._services, number)
        if not run.outcome.is_final:
            raise NotNow(f"run {run.id} is unfinished", advice=f"Run {run.id} is still {run.outcome.chip}.")
        if not run.outcome.is_good:
            raise NotNow(
                f"run {run.id} captured nothing",
                advice=f"Run {run.id} ended as {run.outcome.chip}, so there is nothing to compare.",
            )
        if run.base_version is None or run.version is None:
            return self._baseline(device)
        if run.outcome is Outcome.UP_TO_DATE:
            return self._say(device, f"Nothing changed in run {run.id}: version v{run.version} was still valid.")
        return await self._between(device, run.base_version, run.version, run)

    async def _between(self, device: Device, before: int, after: int, run: Run | None = None) -> Pair:
        newer = await numbered_version(self._services, device, after)  # the one that was named, if it is missing
        return Pair(await numbered_version(self._services, device, before), newer, run)

    def _reply(self, device: Device, pair: Pair, found: ConfigDiff) -> Reply:
        if not found.text:
            return self._say(device, f"Nothing that can be shown differs between {pair.what.replace('..', ' and ')}.")
        before, after = pair.before.number, pair.after.number
        context = configs.diff(device.name, found, before=before, after=after, command=self._typed(device, pair))
        if after == before + 1:  # one change, and not several that somebody may have reviewed one by one
            review = pair.after.review
            context["review"] = review
            context["buttons"] = () if review else (buttons.review_button(pair.after.run, device.name),)
        file = None
        if not configs.is_short(found.text):
            file = ReplyFile.of(configs.diff_file(device.name, found, before=before, after=after))
        return Reply(
            template="diff",
            context=context,
            sites=(device.site,),
            devices=self._services.access.restricted_among([device.name]),
            shows_config=True,
            quotes=tuple(Quote(device.name, one.number) for one in (pair.before, pair.after)),
            file=file,
        )

    def _typed(self, device: Device, pair: Pair) -> str:
        return self._services.typed(self.name, device.name, f"#{pair.run.id}" if pair.run else pair.what)

    def _baseline(self, device: Device) -> Reply:
        return self._say(
            device, f"`{shown(device.name)}` has nothing older to compare with: its first version is the baseline."
        )

    def _elsewhere(self, device: Device, pair: Pair, found: ConfigDiff) -> Reply:
        """How much changed and where to look, for a site that shows no configuration in Slack."""
        context = configs.link_only(
            device.name,
            found,
            site=pair.after.site,
            versions=f"version {pair.before.number} → {pair.after.number}",
            look=f"diff {device.name} {pair.before.number}..{pair.after.number}",
            command=self._services.typed(self.name, device.name, pair.what),
        )
        devices = self._services.access.restricted_among([device.name])
        return Reply(template="link_only", context=context, sites=(device.site,), devices=devices)

    def _say(self, device: Device, text: str) -> Reply:
        command = self._services.typed(self.name, device.name)
        return Reply(
            template="notice",
            context=answers.notice(text, command=command),
            sites=(device.site,),
            devices=self._services.access.restricted_among([device.name]),
        )

    @property
    def _usage(self) -> str:
        return f"{self._services.slash} {self.usage}"


def never_captured(services: Services, device: Device, command: str) -> Reply:
    """Say that there is no version yet, and offer to make one."""
    run_now = replace(buttons.again_button(device.name), text="Run now", style="primary")
    context = answers.notice(
        f"`{shown(device.name)}` has no stored version yet.",
        command=services.typed(command, device.name),
        buttons=(run_now,),
    )
    return Reply(
        template="notice",
        context=context,
        sites=(device.site,),
        devices=services.access.restricted_among([device.name]),
    )
