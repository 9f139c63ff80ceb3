"""How the page draws what Slack draws: blocks, mrkdwn, dates, files, tables, and what it does not know."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from demo.slack import File, Message
from tests.demo.slack.calls import Body, rich, section, text

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from demo.slack import Channel, LocalSlack, Person
    from tests.page.browsing import Screen

MRKDWN = [
    ("*bold* and _it_ and ~no~", "<strong>bold</strong> and <em>it</em> and <s>no</s>"),
    ("`a*b*c`", "<code>a*b*c</code>"),
    ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
    ("a &lt;b&gt; &amp;amp;", "a &lt;b&gt; &amp;amp;"),
    (":tada: :no_such_thing:", "🎉 :no_such_thing:"),
    ("```\none\ntwo```", "<pre>one\ntwo</pre>"),
    ("&gt; said\nafter", "<blockquote>said</blockquote>after"),
    ("<@U02ANNA> <#C0PLANTA> <!here>", "@anna #plant-a @here"),
    ("<mailto:a@b.example|write>", "write"),
]


async def drawn(screen: Screen, web: AsyncWebClient, channel: Channel, *blocks: Body) -> None:
    """Post ``blocks`` and open the page on them."""
    await web.chat_postMessage(channel=channel.id, text="a message", blocks=list(blocks))
    await screen.open()


@pytest.mark.parametrize(("written", "shown"), MRKDWN, ids=[one for one, _ in MRKDWN])
async def test_mrkdwn_is_drawn_as_slack_does(
    screen: Screen, web: AsyncWebClient, plant_a: Channel, written: str, shown: str
) -> None:
    await drawn(screen, web, plant_a, section(written))

    node = screen.page.locator(".block-section .text")
    await expect(node).to_be_visible()
    by_tags = await node.inner_html()
    assert shown in (by_tags, await node.text_content())


async def test_a_date_is_shown_in_the_zone_of_whoever_reads_it(
    screen: Screen, web: AsyncWebClient, plant_a: Channel, slack: LocalSlack
) -> None:
    kim = slack.add_person("kim", tz="Asia/Kolkata")
    slack.happenings.joined(kim.id, plant_a.id)
    date = "<!date^1772431200^{date_num} {time}|in plain words>"  # 2 March 2026, 06:00 UTC
    await drawn(screen, web, plant_a, section(date))

    await expect(screen.page.locator(".block-section time")).to_have_text("2026-03-02 07:00")
    await screen.act_as("Kim")

    await expect(screen.page.locator(".block-section time")).to_have_text("2026-03-02 11:30")


async def test_only_addresses_that_a_page_may_follow_become_links(
    screen: Screen, web: AsyncWebClient, plant_a: Channel
) -> None:
    await drawn(
        screen, web, plant_a, section("<https://example.com/x|good> <javascript:alert(1)|bad> <data:text/html,x|worse>")
    )

    links = screen.page.locator(".block-section a")
    await expect(links).to_have_text(["good"])
    await expect(links).to_have_attribute("rel", "noopener noreferrer")


async def test_each_kind_of_block_is_drawn_and_none_is_taken_for_unknown(
    screen: Screen, web: AsyncWebClient, plant_a: Channel
) -> None:
    points = [{"label": "Mon", "value": 3}, {"label": "Tue", "value": 5}]
    line = {"type": "line", "series": [{"name": "runs", "data": points}], "axis_config": {"categories": ["Mon", "Tue"]}}
    rows = [[{"type": "raw_text", "text": name} for name in row] for row in (("Device", "State"), ("fw1", "ok"))]
    blocks: list[Body] = [
        {"type": "header", "text": text("Heading")},
        section("body", fields=[text("left"), text("right")]),
        {"type": "context", "elements": [text("small", "mrkdwn")]},
        {"type": "divider"},
        rich({"type": "text", "text": "code"}, kind="rich_text_preformatted"),
        {"type": "table", "rows": rows},
        {"type": "markdown", "text": "# Title\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |"},
        {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a graph"},
        {"type": "data_visualization", "title": "Runs", "chart": line},
        {
            "type": "plan",
            "title": "Plan",
            "tasks": [{"type": "task_card", "task_id": "1", "title": "do", "status": "complete"}],
        },
        {"type": "card", "title": text("Card"), "body": text("inside")},
        {"type": "container", "title": text("Box"), "child_blocks": [section("within")], "is_collapsible": True},
    ]

    await drawn(screen, web, plant_a, *blocks)

    shown = screen.page.locator("#messages .blocks > .block")
    await expect(shown).to_have_count(len(blocks))
    await expect(screen.page.locator(".unknown")).to_have_count(0)
    await expect(screen.page.get_by_role("heading", name="Heading")).to_be_visible()
    await expect(screen.page.locator(".block-table td")).to_have_text(["fw1", "ok"])
    await expect(screen.page.locator(".block-markdown td")).to_have_text(["1", "2"])
    await expect(screen.page.get_by_role("img", name="Runs")).to_be_visible()
    await expect(screen.page.get_by_role("img", name="a graph")).to_contain_text("not loaded")
    await expect(screen.page.locator("details .text")).to_have_text("within")


async def test_a_block_it_does_not_know_is_shown_as_json_with_a_warning(
    screen: Screen, slack: LocalSlack, plant_a: Channel
) -> None:
    strange = {"type": "hologram", "block_id": "b1", "depth": 3}
    slack.store.put_message(
        Message(plant_a.id, slack.store.next_ts(), "U0LASTGOOD", "x", blocks=(strange,), bot_id="B0")
    )

    await screen.open()

    await expect(screen.page.get_by_role("note")).to_contain_text("hologram: This page cannot show this kind of block")
    await expect(screen.page.locator(".unknown pre")).to_contain_text('"depth": 3')


async def test_a_snippet_shows_its_first_lines_in_colour_and_the_rest_on_demand(
    screen: Screen, slack: LocalSlack, plant_a: Channel
) -> None:
    lines = ["@@ -1,3 +1,40 @@", "-old", *(f"+new {number}" for number in range(38))]
    share(slack, plant_a, "\n".join(lines))
    await screen.open()
    file = screen.page.locator(".file")

    await expect(file.locator(".removed")).to_have_text("-old")
    await expect(file.locator(".line")).to_have_count(12)
    await file.get_by_role("button", name="Show more").click()

    await expect(file.locator(".line")).to_have_count(40)
    await expect(file.get_by_role("button", name="Show more")).to_have_count(0)
    await expect(file.get_by_role("link", name="Download core-sw1.diff")).to_be_visible()


async def test_an_edit_changes_the_message_in_place_and_a_deletion_takes_it_away(
    screen: Screen, web: AsyncWebClient, plant_a: Channel
) -> None:
    posted = await web.chat_postMessage(channel=plant_a.id, text="first words")
    await screen.open()
    await expect(screen.message("first words")).to_be_visible()

    await web.chat_update(channel=plant_a.id, ts=posted["ts"], text="other words")
    await expect(screen.message("other words")).to_contain_text("(edited)")
    await expect(screen.page.locator("article")).to_have_count(1)

    await web.chat_delete(channel=plant_a.id, ts=posted["ts"])
    await expect(screen.page.locator("article")).to_have_count(0)


def share(slack: LocalSlack, channel: Channel, content: str) -> Message:
    """Post a diff as a snippet."""
    ts = slack.store.next_ts()
    file = File("F1", "core-sw1.diff", "core-sw1", content.encode(), snippet_type="diff", shares=((channel.id, ts),))
    slack.store.put_file(file)
    message = Message(channel.id, ts, "U0LASTGOOD", "the difference", bot_id="B0", files=(file.id,))
    slack.store.put_message(message)
    return message


async def test_a_deactivated_author_and_an_unknown_one_are_still_shown(
    screen: Screen, slack: LocalSlack, plant_a: Channel, anna: Person
) -> None:
    ben = slack.add_person("ben")
    for person in (ben.id, "U0NOBODY"):
        slack.store.put_message(Message(plant_a.id, slack.store.next_ts(), person, f"from {person}"))
    slack.store.put_person(replace(ben, deleted=True))

    await screen.open(person=anna.id)

    await expect(screen.page.locator(".message-head strong")).to_have_text(["Ben", "U0NOBODY"])
