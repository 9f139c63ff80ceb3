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
:one: *Back a device up.* You are Anna, operator at Plant A. Click on `/backup now fw1` (each command here goes into \
the message box) and press Enter: the message changes while the agent works. Then press *View details*.""",
    """\
:two: *See what changed.* Open *Faults* at the top, choose `fw1`, press *Change its configuration*, and then \
*Run again* under the message. The difference comes in its thread.""",
    """\
:three: *Get notified.* Anna is subscribed to Plant B: `web1` failed a moment ago and recovered, and *Lastgood* on the \
left told her. `/backup subscriptions` shows what you get, `/backup subscribe` is one form for all of it, and \
`/backup mute 2h` pauses it.""",
    """\
:four: *Look back.* `/backup summary` counts today, `/backup graph plant-a` draws it, `/backup history failed` lists \
what went wrong, `/backup unreviewed` what nobody has looked at. The *Home* tab of Lastgood has it all on one page.""",
    """\
:five: *Be in charge.* Choose *Olga (owner)* under *Act as*. `/backup routes` shows which channel gets which events, \
`/backup access plant-a` who may do what, `/backup audit` who did what. Take some devices down and try \
`/backup now plant-a`: #netops gets one post for the storm.""",
    """\
:six: *Be somebody else.* As *Gus (guest)* or *Nora (no access)* type the same commands. As Anna again, open \
*Inspector*: it shows every envelope, answer and call of the bot. `/backup help` lists the rest.""",
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
        """Say what to try."""
        for words in TO_TRY:
            await self._slack.say(self._company.guide, self._company.plant_a, words)
