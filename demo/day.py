"""What else happens on a day: a review, a job, somebody who watches, a failure and its end, a look back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.story import TIMEOUT

if TYPE_CHECKING:
    from demo.company import Company
    from demo.conversation import Conversation
    from demo.fleet import Fleet
    from demo.slack import Channel, LocalSlack, Message, Person, View

REVIEWED = "CHG0012345"


class Day:
    """Follows the story. Each step waits for what must come of it."""

    def __init__(self, slack: LocalSlack, fleet: Fleet, company: Company, conversation: Conversation) -> None:
        self._slack = slack
        self._fleet = fleet
        self._company = company
        self._conversation = conversation

    async def live(self, changed: Message) -> None:
        """Live it, with ``changed`` the message of a run that found a change.

        Raises:
            TimeoutError: something did not come.
        """
        anna, here = self._company.operator, self._company.plant_a
        await self._review(changed)
        await self._type(anna, here, "/backup add plant-a weekdays 01:30 as nightly")
        await self._type(anna, here, "/backup subscribe plant-b failed")
        await self._trouble("web1")
        await self._mention("summary plant-a", "Plant A")
        await self._mention("graph plant-a", "")

    async def _review(self, changed: Message) -> None:
        """Anna presses *Reviewed* under the change, and notes a ticket."""
        anna = self._company.operator
        self._conversation.typed(f"(Reviewed: {REVIEWED})")
        await self._slack.press(anna, changed, "do:review")
        await self._slack.submit(anna, await self._slack.wait_for(self._form, TIMEOUT), {"form:note": REVIEWED})
        await self._slack.wait_for(lambda: any(REVIEWED in self._slack.plain(one) for one in self._modals()), TIMEOUT)
        for view in self._modals():
            await self._slack.close_view(anna, view, everything=True)

    def _modals(self) -> list[View]:
        return self._slack.views(self._company.operator)

    def _form(self) -> View | None:
        return next((one for one in self._modals() if one.submit), None)

    async def _trouble(self, name: str) -> None:
        """A device of Plant B is switched off and on again; Anna watches from afar."""
        await self._fleet[name].stop()
        self._conversation.typed(f"(somebody switches {name} off)")
        await self._run(name)
        await self._heard(name, "Failed")
        await self._fleet[name].start()
        self._conversation.typed(f"(and on again: {name} is back)")
        await self._run(name)
        await self._heard(name, "Recovered")

    async def _run(self, name: str) -> None:
        await self._slack.command(self._company.owner, self._company.plant_b, f"/backup now {name}")

    async def _heard(self, name: str, what: str) -> None:
        """Wait until Anna has heard it in her direct messages."""

        def found() -> bool:
            texts = [self._slack.plain(one) for one in self._slack.messages(self._slack.dm(self._company.operator))]
            return any(name in text and what in text for text in texts)

        await self._slack.wait_for(found, TIMEOUT)

    async def _type(self, person: Person, channel: Channel, text: str) -> None:
        """Type a command and wait for its answer, which only ``person`` sees."""
        before = len(self._slack.messages(channel, seen_by=person))
        self._conversation.typed(text)
        await self._slack.command(person, channel, text)
        await self._slack.wait_for(lambda: len(self._slack.messages(channel, seen_by=person)) > before, TIMEOUT)

    async def _mention(self, words: str, answer: str) -> None:
        """Mention the bot in the site's channel: the answer stands in the thread, for everybody."""
        anna, here = self._company.operator, self._company.plant_a
        self._conversation.typed(f"@lastgood {words}")
        asked = await self._slack.mention(anna, here, words)

        def found() -> bool:
            replies = self._slack.thread(here, asked.ts)
            return any((answer and answer in self._slack.plain(one)) or one.files for one in replies)

        await self._slack.wait_for(found, TIMEOUT)
