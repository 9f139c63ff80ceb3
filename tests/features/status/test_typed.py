"""What people type, as phones and editors write it, through commands, mentions, forms and pickers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.features.jobs.test_jobs import window

if TYPE_CHECKING:
    from demo.slack import Message
    from tests.support.serve_fixtures import Town

MENTIONS = {
    "code": "`devices core`",
    "block of code": "```devices core```",
    "with marks that nobody sees": "dev\u200bices\u2060 co\u00adre\ufe0f",
    "in full-width letters": "\uff44\uff45\uff56\uff49\uff43\uff45\uff53\u3000core",
}
SUBTYPES = ("thread_broadcast", "file_share", "me_message")


async def until_listed(town: Town, *, thread: Message | None = None) -> None:
    """Wait until the bot has listed its device, in the thread of that message if one is given."""

    def found() -> object:
        seen = town.slack.thread(thread.channel, thread.ts) if thread else town.slack.messages(town.plant_a)
        return next((one for one in seen if one.bot_id and "core-sw1" in town.slack.plain(one)), None)

    await town.until(found)


@pytest.mark.parametrize("text", MENTIONS.values(), ids=MENTIONS)
async def test_a_mention_is_read_however_it_is_set(town: Town, text: str) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)

    message = await town.slack.mention(town.anna, town.plant_a, text)

    await until_listed(town, thread=message)


async def test_a_mention_inside_bold_text_is_read(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)

    bot = town.slack.identity.bot_user
    message = await town.slack.say(town.anna, town.plant_a, f"*<@{bot}> devices core*")

    await until_listed(town, thread=message)


@pytest.mark.parametrize("subtype", SUBTYPES)
async def test_every_kind_of_message_that_a_person_writes_is_read(town: Town, subtype: str) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    parent = await town.slack.say(town.vera, town.plant_a, "which devices are there?")

    await town.slack.mention(town.anna, town.plant_a, "devices", thread_ts=parent.ts, subtype=subtype)

    await until_listed(town, thread=parent)


@pytest.mark.parametrize("subtype", SUBTYPES)
async def test_the_same_in_the_conversation_with_the_bot(town: Town, subtype: str) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    dm = town.slack.dm(town.anna)

    await town.slack.say(town.anna, dm, "devices", subtype=subtype)

    await town.until(lambda: any("core-sw1" in town.slack.plain(one) for one in town.slack.messages(dm) if one.bot_id))


async def test_what_others_write_is_not_read(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)

    for subtype in ("channel_join", "channel_topic", "bot_message", "message_changed", "tombstone"):
        await town.slack.mention(town.anna, town.plant_a, "devices", subtype=subtype)
    await town.slack.settled()
    await town.serve.front.task_pool.settled()

    assert not [one for one in town.slack.messages(town.plant_a) if one.bot_id]


async def test_a_form_takes_what_the_command_line_takes(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    await town.command(town.anna, "/backup add core-sw1")
    form = await window(town, "Name of the job")
    await town.slack.select(town.anna, form, "form:pattern", "cron")
    form = await window(town, "Cron line")

    await town.slack.select(town.anna, form, "form:cron", "0 2 * * 1\u20135\u200b")

    await window(town, "Weekdays at 02:00")


async def test_a_picker_finds_what_looks_like_the_name(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    await town.command(town.anna, "/backup now")
    picker = await town.private(town.anna, "What should be backed up?")

    found = await town.slack.options(town.anna, picker, "pick:now", "\u200bcore\u2011sw\uff11")

    assert [one["value"] for one in found] == ["core-sw1"]
