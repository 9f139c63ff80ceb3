"""The page around the messages: people, unread marks, threads, the inspector, keys, screen readers, safety."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from playwright.async_api import expect

from demo.page import Page
from tests.demo.slack.calls import actions, button, refusal, section

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from demo.slack import Channel, LocalSlack, Person
    from tests.page.browsing import Screen


async def test_a_message_in_another_channel_leaves_an_unread_mark_until_it_is_opened(
    screen: Screen, web: AsyncWebClient, slack: LocalSlack, anna: Person
) -> None:
    other = slack.add_channel("plant-b", members=[anna])
    await screen.open()
    entry = screen.page.get_by_role("button", name="plant-b")

    await web.chat_postMessage(channel=other.id, text="over here")
    await expect(entry).to_contain_text("1 unread")
    await entry.click()

    await expect(screen.message("over here")).to_be_visible()
    await expect(entry).not_to_contain_text("unread")


async def test_nobody_sees_a_channel_they_are_not_in_or_anothers_private_answer(
    screen: Screen, web: AsyncWebClient, slack: LocalSlack, plant_a: Channel, anna: Person
) -> None:
    ben = slack.add_person("ben")
    slack.happenings.joined(ben.id, plant_a.id)
    slack.add_channel("secret", members=[anna], private=True)
    await screen.open()
    await web.chat_postEphemeral(channel=plant_a.id, user=anna.id, text="for Anna alone")
    await expect(screen.message("for Anna alone")).to_contain_text("Only visible to you")

    await screen.act_as("Ben")

    await expect(screen.page.locator(".conversation-name")).to_have_text(["plant-a", "Lastgood"])
    await expect(screen.message("for Anna alone")).to_have_count(0)


async def test_a_reply_is_written_and_read_in_the_side_pane(
    screen: Screen, slack: LocalSlack, plant_a: Channel
) -> None:
    await screen.open()
    await screen.type("who is on call?")
    message = screen.message("who is on call?")

    await message.hover()
    await message.get_by_role("button", name="Reply in thread").click()
    await expect(screen.page.locator("#thread-field")).to_be_focused()
    await screen.page.keyboard.type("me")
    await screen.page.keyboard.press("Enter")

    await expect(screen.page.locator("#thread article")).to_have_count(2)
    await expect(message).to_contain_text("1 reply")
    assert slack.messages(plant_a)[-1].thread_ts == slack.messages(plant_a)[0].ts
    await screen.page.keyboard.press("Escape")
    await expect(screen.page.locator("#thread")).to_be_hidden()


async def test_a_command_is_completed_from_the_manifest_with_the_keyboard_alone(screen: Screen) -> None:
    await screen.open()
    box = screen.page.locator("#composer-field")
    await box.focus()

    await screen.page.keyboard.type("/b")
    await screen.page.keyboard.press("Tab")
    await expect(screen.page.locator(".suggestions").first.get_by_role("option")).to_have_count(3)
    await screen.page.keyboard.type("d")
    await screen.page.keyboard.press("Tab")

    await expect(box).to_have_value("/backup diff ")
    await expect(screen.page.locator(".composer-hint").first).to_have_text("/backup diff DEVICE [RUN]")


async def test_a_command_that_somebody_names_goes_into_the_message_box_with_one_click(
    screen: Screen, slack: LocalSlack, plant_a: Channel, anna: Person
) -> None:
    await slack.say(anna, plant_a, "try `/backup now fw1`, never `/nope now` or `fw1`")
    await screen.open()

    await screen.message("try").locator("button.types").click()

    await expect(screen.page.locator("#composer-field")).to_have_value("/backup now fw1")
    await expect(screen.page.locator("#composer-field")).to_be_focused()


async def test_an_unknown_command_and_a_bot_that_is_away_are_said_where_one_typed(screen: Screen) -> None:
    await screen.open()

    await screen.type("/nope")
    await expect(screen.message("not a command of this workspace")).to_be_visible()
    await screen.type("/backup now x")

    await expect(screen.message("Lastgood could not be reached")).to_be_visible()


@pytest.mark.usefixtures("on_socket")
async def test_the_inspector_shows_envelope_ack_and_calls_and_a_refusal_with_its_rule(
    screen: Screen, bolt: AsyncApp, web: AsyncWebClient, plant_a: Channel, slack: LocalSlack
) -> None:
    @bolt.action("again")
    async def again(ack: AsyncAck) -> None:
        await ack()
        await web.chat_update(channel=plant_a.id, ts=slack.messages(plant_a)[0].ts, text="after the click")

    await web.chat_postMessage(channel=plant_a.id, text="x", blocks=[section("before"), actions(button("again"))])
    await screen.open()
    await screen.page.get_by_role("button", name="Inspector").click()
    await screen.page.get_by_role("button", name="Since my last action").click()

    await screen.page.get_by_role("button", name="again").click()
    names = screen.page.locator(".entry-name").filter(has_not_text="auth.test")  # Bolt's own, now and then
    await expect(names).to_have_count(3)
    assert sorted(await names.all_inner_texts()) == ["ack", "chat.update", "interactive: block_actions"]
    await expect(screen.page.locator(".entry").last).to_contain_text(" ms")
    await screen.page.locator(".entry").last.locator("summary").click()
    await expect(screen.page.locator(".entry").last.locator("pre")).to_contain_text('"action_id": "again"')

    await refusal(web.chat_postMessage(channel=plant_a.id, text="x", blocks=[section("w" * 3_001)]))
    await screen.page.get_by_role("button", name="Refused").click()
    await expect(screen.page.locator(".entry.refused .broken")).to_contain_text("invalid_blocks")
    await expect(screen.page.locator(".broken li")).to_contain_text("/blocks/0/text/text")


async def test_the_inspector_is_narrowed_to_one_message(screen: Screen, web: AsyncWebClient, plant_a: Channel) -> None:
    await web.chat_postMessage(channel=plant_a.id, text="first")
    await web.chat_postMessage(channel=plant_a.id, text="second")
    await screen.open()

    await screen.message("second").hover()
    await screen.message("second").get_by_role("button", name="Inspect").click()

    await expect(screen.page.locator(".entry-name")).to_have_text(["chat.postMessage"])
    await screen.page.locator(".entry summary").click()
    await expect(screen.page.locator(".entry pre").first).to_contain_text("second")


NAMELESS = """() => [...document.querySelectorAll('button, input, select, textarea, a[href], dialog, aside, nav')]
    .filter(node => node.checkVisibility())
    .filter(node => !(node.getAttribute('aria-label') || node.labels?.length || node.textContent.trim()))
    .map(node => node.outerHTML.slice(0, 80))"""
PALE = """() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgb = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, place) => sum + v * [0.2126, 0.7152, 0.0722][place], 0);
    const ground = node => { for (; node; node = node.parentElement) { const c = rgb(getComputedStyle(node).backgroundColor); if (c[3] > 250) return c; } return [255, 255, 255]; };
    const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return [...document.querySelectorAll('body *')].filter(node => node.checkVisibility({ opacityProperty: true })
        && [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()) && !node.closest('.for-readers, .skip, option, noscript'))
        .map(node => [ratio(light(rgb(getComputedStyle(node).color)), light(ground(node))), node.className + ' ' + node.textContent.slice(0, 30)])
        .filter(([value]) => value < 4.5);
}"""  # noqa: E501 - JavaScript, read as one piece


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_every_control_has_a_name_and_every_text_contrast(
    screen: Screen, web: AsyncWebClient, plant_a: Channel, colours: str
) -> None:
    blocks = [
        section("*b* `code` <@U02ANNA> <https://example.com|link>"),
        actions(button("go", style="primary"), button("no", style="danger")),
    ]
    await web.chat_postMessage(channel=plant_a.id, text="x", blocks=blocks)
    await screen.page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
    await screen.open()
    await refusal(web.chat_postMessage(channel="C0NOPE", text="x"))
    for pane in ("Faults", "Inspector"):
        await screen.page.locator(f"[data-opens={pane.lower()}]").click()
        await expect(screen.page.locator("#side")).to_be_visible()

        assert await screen.page.evaluate(NAMELESS) == []
        assert await screen.page.evaluate(PALE) == []


async def test_the_focus_goes_in_reading_order_and_arrows_walk_the_messages(
    screen: Screen, web: AsyncWebClient, plant_a: Channel
) -> None:
    for words in ("one", "two"):
        await web.chat_postMessage(channel=plant_a.id, text=words)
    await screen.open()
    await screen.page.keyboard.press("Tab")
    await expect(screen.page.locator(".skip")).to_be_focused()
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator("#composer-field")).to_be_focused()

    await screen.message("two").focus()
    await screen.page.keyboard.press("ArrowUp")

    await expect(screen.message("one")).to_be_focused()


async def test_on_a_phone_the_conversations_are_behind_a_button(
    screen: Screen, web: AsyncWebClient, plant_a: Channel
) -> None:
    await web.chat_postMessage(channel=plant_a.id, text="hello")
    await screen.page.set_viewport_size({"width": 390, "height": 780})
    await screen.open()
    await expect(screen.message("hello")).to_be_in_viewport()
    await expect(screen.page.locator("#sidebar")).not_to_be_visible()

    await screen.page.get_by_role("button", name="Conversations").click()
    await screen.page.get_by_role("button", name="Lastgood").click()

    await expect(screen.page.locator("#home")).to_contain_text("Lastgood has not shown anything")
    await expect(screen.page.locator("#sidebar")).not_to_be_visible()


async def test_the_page_comes_back_when_the_local_slack_does(screen: Screen, slack: LocalSlack) -> None:
    await screen.open()
    before = slack.page
    assert before is not None
    owner: Page = before.__self__  # type: ignore[attr-defined]  # the page's own bound method

    await owner.__aexit__(None, None, None)
    await expect(screen.page.locator("#banner")).to_be_visible()
    await owner.__aenter__()

    await expect(screen.page.locator("#banner")).to_be_hidden()
    screen.errors.clear()  # the browser tells of the lost connection


async def test_answers_forbid_foreign_scripts_and_only_this_machine_gets_any(slack: LocalSlack, anna: Person) -> None:
    assert anna.id in slack.store.people
    async with Page(slack) as page, ClientSession() as client:
        async with client.get(page.url) as answer:
            policy = answer.headers["Content-Security-Policy"]
        async with client.get(page.url, headers={"Host": "evil.example"}) as answer:
            by_another_name = answer.status
        async with client.get(f"{page.url}page/../page.py") as answer:
            outside = answer.status
        with pytest.raises(WSServerHandshakeError) as foreign:
            await client.ws_connect(f"{page.url}page/socket", headers={"Origin": "https://evil.example"})

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert (by_another_name, outside, foreign.value.status) == (403, 404, 403)
