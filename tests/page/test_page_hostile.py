"""Texts that try to become something else: everywhere they are shown as text, and the page keeps its form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from demo.slack import File, Message, View
from tests.demo.slack.calls import Body, text

if TYPE_CHECKING:
    from demo.slack import Channel, LocalSlack, Person
    from tests.page.browsing import Screen

BOT = "U0LASTGOOD"
WIDER = """async () => {
    const parts = ['html', '#conversation', '#scroller', 'dialog[open] .dialog-body'];
    const over = node => node && node.scrollWidth > node.clientWidth + 1;
    const wider = name => over(document.querySelector(name));
    for (let frame = 0; frame < 60 && parts.some(wider); frame += 1) await new Promise(requestAnimationFrame);
    return parts.filter(wider).map(name => [name, document.querySelector(name).scrollWidth]);
}"""
HOSTILE = {
    "script": "<script>window.broken = 1</script>",
    "picture": "<img src=x onerror='window.broken = 1'>",
    "attribute": "\"'><svg onload=window.broken=1>",
    "link": "<javascript:window.broken=1|press>",
    "template": "${window.broken = 1} {{ window.broken = 1 }}",
    "one long word": "W" * 2_900,
    "many marks": "*_~`<>&" * 400,
    "other way round": "\u202egnp.exe \u2066\u2067 \u0645\u0631\u062d\u0628\u0627",
    "stacked": "Z\u0351\u036b\u0343\u036a\u0302" * 200,
    "nothing to see": "\u200b\u00a0\u2063" * 50,
    "lines": "\n" * 300 + "end",
    "prototype": "__proto__ constructor toString",
}


def told(words: str) -> list[Body]:
    """Blocks of text."""
    return [
        {"type": "section", "text": text(words, "mrkdwn"), "fields": [text(words, "mrkdwn"), text(words)]},
        {"type": "header", "text": text(words)},
        {"type": "context", "elements": [text(words, "mrkdwn"), text(words)]},
        {"type": "markdown", "text": words},
        {"type": "table", "rows": [[{"type": "raw_text", "text": words}] * 3] * 2},
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": words}]},
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "link", "url": words, "text": words},
                        {"type": "emoji", "name": words},
                        {"type": words},
                    ],
                },
            ],
        },
    ]


def pressed(words: str) -> list[Body]:
    """A block of elements."""
    short = words[:70]
    option: Body = {"text": text(short), "value": short, "description": text(short)}
    return [
        {
            "type": "actions",
            "elements": [
                {"type": "button", "text": text(words), "action_id": "b", "url": words},
                {
                    "type": "static_select",
                    "action_id": "s",
                    "options": [option],
                    "initial_option": option,
                    "placeholder": text(words),
                },
                {"type": "overflow", "action_id": "o", "options": [option]},
            ],
        },
    ]


def shown(words: str) -> list[Body]:
    """Pictures, and a block of no known kind."""
    return [
        {"type": "image", "image_url": words, "alt_text": words, "title": text(words)},
        {
            "type": "data_visualization",
            "title": words,
            "chart": {"type": "pie", "segments": [{"label": words, "value": 1}]},
        },
        {"type": words, "text": words},
    ]


def everywhere(words: str, slack: LocalSlack, channel: Channel, person: Person) -> None:
    """Put ``words`` in every place that shows a text."""
    short = words[:70]
    blocks = (*told(words), *pressed(words), *shown(words))
    ids = [{**block, "block_id": f"b{place}"} for place, block in enumerate(blocks)]
    attachments = ({"title": words, "text": words, "color": words},)
    file = File("F1", short, words, words.encode(), snippet_type="diff", alt_txt=words, shares=((channel.id, "1"),))
    slack.store.put_file(file)
    slack.store.put_message(Message(channel.id, slack.store.next_ts(), BOT, words, files=(file.id,), bot_id="B0"))
    drawn = Message(channel.id, slack.store.next_ts(), BOT, words, tuple(ids), attachments, bot_id="B0")
    slack.store.put_message(drawn)
    entry = {
        "type": "input",
        "block_id": "i",
        "label": text(words),
        "hint": text(words),
        "element": {"type": "plain_text_input", "action_id": "t", "placeholder": text(words), "initial_value": words},
    }
    view = View("V1", person.id, "modal", (entry, *ids[:4]), "h1", title=short, submit=short, close=short)
    slack.store.put_view(view)
    slack.store.set_stack(person.id, (view.id,))


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_text_is_shown_as_text_and_breaks_nothing(
    screen: Screen, slack: LocalSlack, plant_a: Channel, anna: Person, name: str
) -> None:
    slack.add_person("mallory", real_name=HOSTILE[name][:200])
    everywhere(HOSTILE[name], slack, plant_a, anna)

    await screen.open(person=anna.id)
    await screen.page.locator("dialog[open]").wait_for()

    await fits(screen)
    await screen.page.evaluate("document.querySelector('dialog').close()")
    await fits(screen)
    await screen.page.set_viewport_size({"width": 390, "height": 800})
    await fits(screen)
    assert await screen.page.evaluate("window.broken") is None
    assert (
        await screen.page.locator("script:not([src]), img[onerror], svg[onload], iframe, [href^='javascript']").count()
        == 0
    )
    assert {one.split("/")[2] for one in screen.requests if one.startswith("http")} == {screen.url.split("/")[2]}


async def fits(screen: Screen) -> None:
    """Nothing makes the page, or the conversation, wider than the window; its parts stay where they are."""
    assert await screen.page.evaluate(WIDER) == []
    await expect(screen.page.locator("#composer-field")).to_be_in_viewport()
    await expect(screen.page.locator("#topbar")).to_be_in_viewport()


async def test_what_a_person_types_stays_text(screen: Screen, slack: LocalSlack, plant_a: Channel) -> None:
    await screen.open()

    await screen.type("<b>bold?</b> & <@U0LASTGOOD> <!channel> @anna")

    await expect(screen.page.locator("article .text")).to_have_text("<b>bold?</b> & <@U0LASTGOOD> <!channel> @anna")
    assert slack.messages(plant_a)[-1].text == (
        "&lt;b&gt;bold?&lt;/b&gt; &amp; &lt;@U0LASTGOOD&gt; &lt;!channel&gt; <@U02ANNA>"
    )
