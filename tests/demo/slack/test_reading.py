"""Reading what the local Slack shows: whom a text would notify, plain text, waiting for changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from demo.slack import LocalSlack, Mention, Message, mentions, pings, plain
from tests.demo.slack.calls import actions, button, rich, section, text

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from demo.slack import Channel, Person


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("hello", []),
        ("&lt;!channel&gt; @channel", []),
        ("<!channel> `<!here|here>`", [Mention("broadcast", "channel"), Mention("broadcast", "here")]),
        ("<@U1> <@U2|ben>", [Mention("user", "U1"), Mention("user", "U2")]),
        ("<!subteam^S1|@night>", [Mention("usergroup", "S1")]),
        ("<https://example.com|x> <#C1|plant> <!date^1^{date}|x>", []),
    ],
)
def test_mentions_says_whom_a_text_would_notify(words: str, found: list[Mention]) -> None:
    assert list(mentions(words)) == found


def test_pings_looks_into_text_and_blocks_but_not_into_plain_text() -> None:
    blocks = (
        {"type": "header", "text": text("<!channel>")},
        section("by <@U1>", fields=[text("<!here>")]),
        {"type": "markdown", "text": "<!subteam^S1>"},
        rich({"type": "broadcast", "range": "everyone"}, {"type": "user", "user_id": "U2"}),
        rich({"type": "text", "text": "<!channel>"}),
    )

    found = pings(Message("C1", "1.0", "U0", "for <@U3>", blocks=blocks))

    assert [one.target for one in found] == ["U3", "U1", "S1", "everyone", "U2"]


async def test_plain_writes_a_message_as_a_person_reads_it(slack: LocalSlack, anna: Person, plant_a: Channel) -> None:
    blocks = [
        {"type": "header", "text": text("Backup of core-sw1")},
        section("*Modified* by <@U02ANNA> in <#C0PLANTA> &amp; <!date^1^{date}|today>"),
        {
            "type": "table",
            "rows": [[{"type": "raw_text", "text": one} for one in row] for row in (["a", "long"], ["b", "c"])],
        },
        actions(button("Run again")),
    ]
    message = slack.workspace.post(plant_a, "fallback", blocks=tuple(blocks))

    assert slack.plain(message).splitlines() == [
        "Backup of core-sw1",
        "*Modified* by @anna in #plant-a & today",
        "a  long",
        "b  c",
        "[Run again]",
    ]
    assert plain(replace(message, blocks=(), text="only &lt;text&gt;")) == "only <text>"
    assert anna.id in slack.names()


async def test_waiting_wakes_on_a_change(slack: LocalSlack, web: AsyncWebClient, plant_a: Channel) -> None:
    with slack.changes() as seen:
        waiting = asyncio.ensure_future(slack.wait_for(lambda: len(slack.messages(plant_a)) == 1))
        await web.chat_postMessage(channel=plant_a.id, text="x")
        await waiting

        assert ("message", plant_a.id) in [(one.kind, one.where) for one in seen]

    with pytest.raises(TimeoutError):
        await slack.wait_for(lambda: False, timeout=0.01)


def test_a_time_in_a_cell_of_a_table_is_written_as_its_fallback() -> None:
    date = {"type": "date", "timestamp": 1, "format": "{date} {time}", "fallback": "1 January 1970"}
    rows = [[{"type": "raw_text", "text": "core-sw1"}, rich(date)]]

    message = Message("C1", "1.0", "U0", "", blocks=({"type": "table", "rows": rows},))
    assert plain(message) == "core-sw1  1 January 1970"
