"""``make demo``: a local Slack, a small fleet and the real bot on this machine.

A page in the browser shows it all. The main job is shown first and then the rest of a day; after that commands are
taken from the page and from the keyboard until Ctrl-C. With ``--once`` it ends by itself, with exit status 0 only if
both outcomes of the main job were right and everything else came.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import threading
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from rich.console import Console

from bot.clock import SystemClock
from bot.settings.loading import Settings
from bot.slack.manifest import manifest
from demo.company import move_in, rack, secrets, write_settings
from demo.conversation import Conversation
from demo.day import Day
from demo.fleet import Fleet
from demo.gallery import pictures
from demo.guide import Guide
from demo.page import Page, slash_commands
from demo.process import BotProcess
from demo.slack import Identity, LocalSlack
from demo.story import TIMEOUT, Story

if TYPE_CHECKING:
    from demo.company import Company
    from demo.fleet import Device

WORKSPACE = Identity(escape_commands=True)  # as the manifest asks for: names in a command arrive with their ids
HELP = """
[bold]Your turn.[/] You are Anna, operator at Plant A, in #plant-a. Try:
  [cyan]/backup help[/]              what there is
  [cyan]/backup now plant-a[/]       the whole site
  [cyan]/backup now core-sw[/]       a mistyped name
  [cyan]/backup diff core-sw1[/]     the last change again
  [cyan]/backup summary[/]           what failed, changed or needs action
  [cyan]/backup subscriptions[/]     Anna's subscriptions
A number presses the button of that number. [cyan]change core-sw1[/] changes a device. Ctrl-C ends.
"""


async def run(console: Console, *, once: bool) -> int:
    """Run the demo and return its exit status."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lastgood-demo-")))
        slack = await stack.enter_async_context(LocalSlack(clock=SystemClock(), identity=WORKSPACE))
        console.print(f"Open [bold cyan]{slack.url}/[/] in a browser: the local Slack with its page.")
        fleet = await stack.enter_async_context(Fleet())
        company = move_in(slack)
        await rack(fleet)
        bot = BotProcess(folder, secrets(slack))
        write_settings(bot.config, slack, fleet)
        await stack.enter_async_context(_page(slack, fleet, company, bot))
        await Guide(slack, company).welcome()
        console.print(f"{len(fleet)} simulated devices; starting the bot ...")
        await stack.enter_async_context(bot)
        try:
            await slack.connected(timeout=TIMEOUT)
            right = await _tell(slack, fleet, company, console, once=once)
        except TimeoutError:
            console.print("[red]The bot did not answer in time.[/] Its log ends with:")
            console.print(bot.log_end(), markup=False)
            return 1
    return 0 if right else 1


def _page(slack: LocalSlack, fleet: Fleet, company: Company, bot: BotProcess) -> Page:
    async def declare(_device: Device) -> None:
        write_settings(bot.config, slack, fleet)
        await bot.restart()

    commands = slash_commands(yaml.safe_load(manifest(Settings.load(bot.config, secrets(slack)))))
    people = company.people
    return Page(slack, fleet=fleet, people=people, commands=commands, declare=declare, gallery=pictures)


async def _tell(slack: LocalSlack, fleet: Fleet, company: Company, console: Console, *, once: bool) -> bool:
    conversation = Conversation(slack, company.operator, console)
    following = asyncio.create_task(conversation.follow())
    try:
        story = Story(slack, fleet, company, conversation)
        right = await story.tell()
        console.print("\n[green]Both outcomes are right.[/]" if right else "\n[red]An outcome is wrong.[/]")
        if story.changed:
            await Day(slack, fleet, company, conversation).live(story.changed)
        if not once:
            await Guide(slack, company).suggest()
            console.print(HELP + f"All of it is at [bold cyan]{slack.url}/[/].\n")
            await _listen(slack, fleet, company, conversation)
    finally:
        following.cancel()
    return right


async def _listen(slack: LocalSlack, fleet: Fleet, company: Company, conversation: Conversation) -> None:
    """Carry out what is typed on the keyboard, until Ctrl-C."""
    lines = keyboard()
    while True:
        typed = (await lines.get()).strip()
        if typed.isdigit() and 0 < int(typed) <= len(conversation.buttons):
            message, action, label = conversation.buttons[int(typed) - 1]
            conversation.typed(f"({label})")
            await slack.press(company.operator, slack.message(message) or message, action)
        elif typed.startswith("change ") and (name := typed.removeprefix("change ").strip()) in fleet.devices:
            conversation.typed(f"(on {name} itself)  {fleet[name].change(by='anna')}")
        elif typed:
            conversation.typed(typed)
            await slack.command(company.operator, company.plant_a, typed)


def keyboard() -> asyncio.Queue[str]:
    """What is typed, line by line, read by a thread that holds nobody up when the program ends."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)

    threading.Thread(target=read, daemon=True, name="keyboard").start()
    return lines


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="Lastgood with a local Slack and no device.")
    parser.add_argument("--once", action="store_true", help="show the main job and the rest of a day, and end")
    arguments = parser.parse_args()
    console = Console()
    # Whatever ends the demo, the bot that it started ends with it. A shell's background job begins deaf to SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda _number, _frame: signal.raise_signal(signal.SIGINT))
    with suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(run(console, once=arguments.once)))
    console.print("\nGood-bye.")


if __name__ == "__main__":
    main()
