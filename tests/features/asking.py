"""What the feature tests do and look at again and again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from domain.runs.queries import RunQuery
from storage.devices.versions import newest_version, version_of
from storage.runs.history import runs_page

if TYPE_CHECKING:
    from datetime import timedelta

    from demo.slack import Channel, Message, Person
    from domain.runs.outcomes import Outcome
    from domain.runs.run import Run
    from tests.support.serve_fixtures import Town


async def back_up(town: Town, device: str, *, person: Person | None = None) -> Message:
    """Type ``/backup now`` and wait for the last state of the message of that run."""
    before = latest(town)
    done = await town.command(person or town.anna, f"/backup now {device}")
    assert done.acked
    return await town.final(device, after=before)


def latest(town: Town, channel: Channel | None = None) -> Message | None:
    """The newest message of Plant A's channel, or of another."""
    seen = town.slack.messages(channel or town.plant_a)
    return seen[-1] if seen else None


async def until_shown(town: Town, device: str, outcome: Outcome, channel: Channel | None = None) -> Message:
    """Wait until the newest message of ``device`` shows ``outcome``."""

    def found() -> Message | None:
        seen = reversed(town.slack.messages(channel or town.plant_a))
        newest = next(
            (one for one in seen if town.slack.plain(one).find(f"*{device}*") >= 0 or device in one.text), None
        )
        return newest if newest and outcome.chip in town.slack.plain(newest) else None

    return await town.until(found)


async def until_reply(town: Town, parent: Message, text: str = "") -> Message:
    """Wait for a message in the thread of ``parent`` that holds ``text``."""

    def found() -> Message | None:
        replies = town.slack.thread(parent.channel, parent.ts)
        return next((one for one in replies if text in town.slack.plain(one)), None)

    return await town.until(found)


async def let_time_pass(town: Town, step: timedelta) -> None:
    """Move the clock on and let the watchdog look."""
    town.clock.advance(step)
    await town.serve.engine.dispatcher.watch()
    await town.serve.engine.dispatcher.settled()


def code_of(message: Message) -> str:
    """The preformatted text in a message."""
    parts = [part for block in message.blocks if block["type"] == "rich_text" for part in block["elements"]]
    return "".join(
        run["text"] for part in parts if part["type"] == "rich_text_preformatted" for run in part["elements"]
    )


def every_state(town: Town, message: Message) -> list[str]:
    """The text of each post and edit that made ``message`` what it is, as JSON."""
    calls = [one for one in town.slack.calls if one.method in {"chat.postMessage", "chat.update"} and one.error is None]
    return [json.dumps(one.args, ensure_ascii=False) for one in calls if one.answer.get("ts") == message.ts]


async def runs_of(device: str) -> list[Run]:
    """The runs of ``device``, newest first."""
    return await runs_page(RunQuery(sites=frozenset({"plant-a"}), device=device, limit=100))


async def last_run(device: str) -> Run:
    """The newest run of ``device``."""
    return (await runs_of(device))[0]


async def stored(town: Town, device: str, number: int | None = None) -> bytes:
    """The text of a version, the newest if no number is given."""
    version = await (version_of(device, number) if number else newest_version(device))
    assert version
    return await town.serve.core.archive.read(version.site, version.commit, device)
