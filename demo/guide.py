"""The guide: a person in the channel who says what to try. Its words are messages like anybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo.company import Company
    from demo.slack import LocalSlack

WELCOME = """\
Welcome! :wave: This is a local Slack. The bot in it, *Lastgood*, is the real one; the devices are simulated, but \
speak real SSH. Watch for a moment: Anna backs `core-sw1` up, somebody changes it, and she backs it up again."""
TO_TRY = (
    """\
:one: *Back a device up.* You are Anna, operator at Plant A. Type `/backup now fw1` below and follow its message: it \
changes while the agent works. Then press *View details*.""",
    """\
:two: *See what changed.* Open *Faults* at the top, choose `fw1`, press *Change its configuration*, and then \
*Run again* under the message. The difference comes in its thread.""",
    """\
:three: *Be somebody else.* Choose *Gus (guest)* or *Nora (no access)* under *Act as* and type the same command. \
As Anna again, open *Inspector*: it shows every envelope, answer and call of the bot.""",
)


class Guide:
    """Speaks in Plant A's channel."""

    def __init__(self, slack: LocalSlack, company: Company) -> None:
        self._slack = slack
        self._company = company

    async def welcome(self) -> None:
        """Say where one is."""
        await self._slack.say(self._company.guide, self._company.plant_a, WELCOME)

    async def suggest(self) -> None:
        """Say three things to try."""
        for words in TO_TRY:
            await self._slack.say(self._company.guide, self._company.plant_a, words)
