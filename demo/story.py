"""The main job, told once: back a device up, change it, back it up again, look at the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.runs.outcomes import Outcome

if TYPE_CHECKING:
    from demo.company import Company
    from demo.conversation import Conversation
    from demo.fleet import Fleet
    from demo.slack import LocalSlack, Message

COMMAND = "/backup now core-sw1"
TIMEOUT = 60  # seconds for each step, on a machine that is busy with other things


class Story:
    """Types as the operator in the site's channel and waits for what must come of it."""

    def __init__(self, slack: LocalSlack, fleet: Fleet, company: Company, conversation: Conversation) -> None:
        self._slack = slack
        self._fleet = fleet
        self._company = company
        self._conversation = conversation
        self.changed: Message | None = None  # the message of the run that was Modified, once it is told

    async def tell(self) -> bool:
        """Tell it, and say whether both outcomes were right and the difference stood in the thread.

        Raises:
            TimeoutError: a message did not come.
        """
        first = await self._back_up()
        added = self._fleet["core-sw1"].change("add vlan 20", by="anna")
        self._conversation.typed(f"(on the device itself)  {added}")
        second = await self._back_up()
        difference = await self._difference(second)
        self.changed = second
        outcomes = (self._outcome(first), self._outcome(second))
        return outcomes == (Outcome.UP_TO_DATE, Outcome.MODIFIED) and "+vlan 20" in difference

    async def _back_up(self) -> Message:
        channel, before = self._company.plant_a, {one.ts for one in self._runs()}
        self._conversation.typed(COMMAND)
        await self._slack.command(self._company.operator, channel, COMMAND)
        return await self._slack.wait_for(lambda: self._ended(before), TIMEOUT)

    def _runs(self) -> list[Message]:
        posted = self._slack.messages(self._company.plant_a)
        return [one for one in posted if one.bot_id and not one.thread_ts and not one.ephemeral_for]

    def _ended(self, before: set[str]) -> Message | None:
        fresh = [one for one in self._runs() if one.ts not in before]
        return next((one for one in fresh if (found := self._outcome(one)) and found.is_final), None)

    def _outcome(self, message: Message) -> Outcome | None:
        text = self._slack.plain(message)
        return next((one for one in Outcome if one.chip in text), None)

    async def _difference(self, message: Message) -> str:
        def found() -> str:
            replies = self._slack.thread(message.channel, message.ts)
            files = [self._slack.files[one].content.decode() for reply in replies for one in reply.files]
            texts = "\n".join([*(self._slack.plain(reply) for reply in replies), *files])
            return "\n".join(line.lstrip("│ ") for line in texts.splitlines())

        return await self._slack.wait_for(found, TIMEOUT)
