"""Modals on the page: errors at the field, update, push, clear, close, pickers, questions; over a small Bolt app."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from tests.demo.slack.calls import Body, actions, button, modal, option, refusal, section, text, text_input

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from demo.slack import Channel, LocalSlack, Person
    from tests.page.browsing import Screen

DEVICES = [f"sw-{number:05}" for number in range(10_000)]
pytestmark = pytest.mark.usefixtures("on_socket")


def opens(bolt: AsyncApp, view: Body) -> None:
    """Let ``/backup`` open ``view``."""

    async def command(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    bolt.command("/backup")(command)


def field(block_id: str, element: Body, **more: object) -> Body:
    """An input block."""
    return {"type": "input", "block_id": block_id, "label": text(block_id), "element": element, **more}


async def test_a_modal_shows_an_error_at_its_field_and_closes_once_it_is_right(bolt: AsyncApp, screen: Screen) -> None:
    opens(bolt, modal(text_input("Name"), text_input("Note"), callback_id="form"))

    @bolt.view("form")
    async def submitted(ack: AsyncAck, view: Body) -> None:
        if view["state"]["values"]["Name"]["text"]["value"] == "core-sw1":
            await ack()
        else:
            await ack(response_action="errors", errors={"Name": "There is no such device."})

    await screen.open()
    await screen.type("/backup")
    dialog = screen.page.get_by_role("dialog", name="Devices")
    await dialog.get_by_label("Name").fill("core-sw9")
    await dialog.get_by_label("Note").fill("kept")

    await dialog.get_by_role("button", name="Go", exact=True).click()

    await expect(dialog.get_by_role("alert").filter(has_text="There is no such device.")).to_be_visible()
    await expect(dialog.get_by_label("Name")).to_be_focused()
    await expect(dialog.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    await expect(dialog.get_by_label("Note")).to_have_value("kept")
    await dialog.get_by_label("Name").fill("core-sw1")
    await dialog.get_by_role("button", name="Go", exact=True).click()
    await expect(dialog).to_have_count(0)


async def test_a_required_field_left_empty_is_said_at_once_and_the_bot_hears_nothing(
    bolt: AsyncApp, screen: Screen, slack: LocalSlack
) -> None:
    opens(bolt, modal(text_input("Name"), callback_id="form"))
    await screen.open()
    await screen.type("/backup")

    await screen.page.get_by_role("button", name="Go", exact=True).click()

    await expect(screen.page.locator(".field-error")).to_have_text("Please complete this required field.")
    assert not [one for one in slack.traffic if one.body.get("payload", {}).get("type") == "view_submission"]


async def test_a_device_is_picked_among_ten_thousand_as_one_types(bolt: AsyncApp, screen: Screen) -> None:
    picker = {"type": "external_select", "action_id": "device", "min_query_length": 2}
    opens(bolt, modal(field("Device", picker), callback_id="form"))
    submitted: list[str] = []

    @bolt.options("device")
    async def offer(ack: AsyncAck, payload: Body) -> None:
        await ack(options=[option(name) for name in DEVICES if payload["value"] in name][:100])

    @bolt.view("form")
    async def take(ack: AsyncAck, view: Body) -> None:
        submitted.append(view["state"]["values"]["Device"]["device"]["selected_option"]["value"])
        await ack()

    await screen.open()
    await screen.type("/backup")
    dialog = screen.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Device").click()
    await expect(dialog.locator(".menu-note")).to_have_text("Type at least 2 characters.")

    await dialog.get_by_role("combobox").fill("sw-07")
    await expect(dialog.get_by_role("option")).to_have_count(100)
    await dialog.get_by_role("combobox").fill("sw-07777")
    await expect(dialog.get_by_role("option")).to_have_count(1)
    await screen.page.keyboard.press("Enter")
    await dialog.get_by_role("button", name="Go", exact=True).click()

    await expect(dialog).to_have_count(0)
    assert submitted == ["sw-07777"]


ANSWERS: dict[str, tuple[Body, list[str]]] = {
    "update": ({"response_action": "update", "view": modal(section("second"), title=text("Second"))}, ["Second"]),
    "push": (
        {"response_action": "push", "view": modal(section("second"), title=text("Second"))},
        ["Second", "Devices"],
    ),
    "clear": ({"response_action": "clear"}, []),
    "close": ({}, []),
}


@pytest.mark.parametrize("answer", ANSWERS)
async def test_a_submission_may_update_push_clear_or_close(bolt: AsyncApp, screen: Screen, answer: str) -> None:
    opens(bolt, modal(text_input("Name", initial_value="x"), callback_id="form"))
    body, titles = ANSWERS[answer]

    @bolt.view("form")
    async def submitted(ack: AsyncAck) -> None:
        await ack(**body)

    await screen.open()
    await screen.type("/backup")
    await screen.page.get_by_role("button", name="Go", exact=True).click()

    for title in titles:
        await expect(screen.page.locator("dialog h2")).to_have_text(title)
        await screen.page.get_by_role("button", name="Cancel").click()
    await expect(screen.page.locator("dialog")).to_have_count(0)


async def test_an_update_keeps_what_was_typed_and_a_stale_hash_is_refused_in_red(
    bolt: AsyncApp, screen: Screen, slack: LocalSlack, web: AsyncWebClient, anna: Person
) -> None:
    opens(bolt, modal(text_input("Name"), callback_id="form"))
    await screen.open()
    await screen.type("/backup")
    await screen.page.get_by_label("Name").fill("half a wo")
    view = slack.views(anna)[-1]

    await web.views_update(
        view_id=view.id, hash=view.hash, view=modal(text_input("Name"), section("new"), callback_id="form")
    )
    refused = await refusal(web.views_update(view_id=view.id, hash=view.hash, view=modal(section("late"))))

    assert refused == "hash_conflict"
    await expect(screen.page.locator("dialog .section")).to_have_text("new")
    await expect(screen.page.get_by_label("Name")).to_have_value("half a wo")
    await screen.page.keyboard.press("Escape")
    await screen.page.get_by_role("button", name="Inspector").click()
    await screen.page.get_by_role("button", name="Refused").click()
    await expect(screen.page.locator(".entry.refused")).to_contain_text("hash_conflict")
    await expect(screen.page.locator(".broken li")).not_to_be_empty()


async def test_escape_closes_a_modal_and_tells_the_bot_if_it_asked_for_that(bolt: AsyncApp, screen: Screen) -> None:
    opens(bolt, modal(section(), callback_id="form", notify_on_close=True))
    closed: list[bool] = []

    @bolt.view_closed("form")
    async def heard(ack: AsyncAck, body: Body) -> None:
        closed.append(body["is_cleared"])
        await ack()

    await screen.open()
    await screen.type("/backup")
    await screen.page.locator("dialog").wait_for()

    await screen.page.keyboard.press("Escape")

    await expect(screen.page.locator("dialog")).to_have_count(0)
    await expect(screen.page.locator("#composer-field")).to_be_focused()
    assert closed == [False]


INPUTS: dict[str, tuple[Body, str, Any]] = {
    "text": ({"type": "plain_text_input"}, "hello", {"value": "hello"}),
    "lines": ({"type": "plain_text_input", "multiline": True}, "a\nb", {"value": "a\nb"}),
    "mail": ({"type": "email_text_input"}, "anna@example.com", {"value": "anna@example.com"}),
    "address": ({"type": "url_text_input"}, "https://example.com", {"value": "https://example.com"}),
    "number": ({"type": "number_input", "is_decimal_allowed": False}, "42", {"value": "42"}),
    "date": ({"type": "datepicker"}, "2026-05-03", {"selected_date": "2026-05-03"}),
    "time": ({"type": "timepicker"}, "14:30", {"selected_time": "14:30"}),
    "moment": (
        {"type": "datetimepicker"},
        "2026-05-03T14:30",
        {"selected_date_time": int(datetime(2026, 5, 3, 12, 30, tzinfo=UTC).timestamp())},  # Berlin is two hours ahead
    ),
}
CHOICES: dict[str, tuple[Body, list[str], Any]] = {
    "one": ({"type": "static_select", "options": [option("a"), option("b")]}, ["b"], "b"),
    "many": (
        {"type": "multi_static_select", "options": [option("a"), option("b"), option("c")]},
        ["a", "c"],
        ["a", "c"],
    ),
    "person": ({"type": "users_select"}, ["Anna Berg"], "U02ANNA"),
    "channel": ({"type": "channels_select"}, ["#plant-a"], "C0PLANTA"),
}
TICKS: dict[str, tuple[Body, str, Any]] = {
    "boxes": ({"type": "checkboxes", "options": [option("left"), option("right")]}, "right", ["right"]),
    "radio": ({"type": "radio_buttons", "options": [option("up"), option("over")]}, "over", "over"),
}


async def test_what_is_entered_into_each_kind_of_input_reaches_the_bot(bolt: AsyncApp, screen: Screen) -> None:
    inputs = {name: spec[0] for name, spec in {**INPUTS, **CHOICES, **TICKS}.items()}
    opens(bolt, modal(*(field(name, {**one, "action_id": "it"}) for name, one in inputs.items()), callback_id="form"))
    entered: dict[str, Any] = {}

    @bolt.view("form")
    async def submitted(ack: AsyncAck, view: Body) -> None:
        entered.update({name: actions["it"] for name, actions in view["state"]["values"].items()})
        await ack()

    await screen.open()
    await screen.type("/backup")
    dialog = screen.page.get_by_role("dialog")
    for name, (_, typed, _) in INPUTS.items():
        await dialog.get_by_label(name, exact=True).fill(typed)
    for name, (_, picks, _) in CHOICES.items():
        await dialog.get_by_role("button", name=re.compile(f"^{name}:")).click()
        for pick in picks:
            await dialog.locator(".menu-text", has_text=re.compile(f"^{pick}$")).click()
        if len(picks) > 1:
            await screen.page.keyboard.press("Escape")  # a list of many stays open until one leaves it
    for _, pick, _ in TICKS.values():
        await dialog.get_by_label(pick).check()
    await dialog.get_by_role("button", name="Go", exact=True).click()

    await expect(dialog).to_have_count(0)
    for name, (_, _, value) in INPUTS.items():
        assert entered[name] == {"type": inputs[name]["type"], **value}
    for name, (_, _, wanted) in {**CHOICES, **TICKS}.items():
        assert _values(entered[name]) == wanted


def _values(entry: Body) -> Any:  # noqa: ANN401 - one value, or several
    held = next(value for key, value in entry.items() if key != "type")
    if isinstance(held, list):
        return [one["value"] for one in held]
    return held["value"] if isinstance(held, dict) else held


async def test_a_dangerous_button_asks_first(
    bolt: AsyncApp, screen: Screen, slack: LocalSlack, web: AsyncWebClient, plant_a: Channel
) -> None:
    pressed: list[str] = []

    @bolt.action("wipe")
    async def wipe(ack: AsyncAck, action: Body) -> None:
        pressed.append(action["value"])
        await ack()

    words = {"title": text("Really?"), "text": text("It is gone then."), "confirm": text("Wipe"), "deny": text("Keep")}
    await web.chat_postMessage(
        channel=plant_a.id, text="x", blocks=[actions(button("wipe", value="7", style="danger", confirm=words))]
    )
    await screen.open()
    dialog = screen.page.get_by_role("dialog", name="Really?")

    await screen.page.get_by_role("button", name="wipe").click()
    await dialog.get_by_role("button", name="Keep").click()
    assert pressed == []

    await screen.page.get_by_role("button", name="wipe").click()
    await dialog.get_by_role("button", name="Wipe").click()
    await slack.wait_for(lambda: pressed)
    assert pressed == ["7"]


async def test_an_overflow_menu_and_a_select_in_a_message_reach_the_bot(
    bolt: AsyncApp, screen: Screen, slack: LocalSlack, web: AsyncWebClient, plant_a: Channel
) -> None:
    heard: list[str] = []

    @bolt.action(re.compile("more|site"))
    async def take(ack: AsyncAck, action: Body) -> None:
        heard.append(action["selected_option"]["value"])
        await ack()

    more = {"type": "overflow", "action_id": "more", "options": [option("copy"), option("mute")]}
    sites = {"type": "static_select", "action_id": "site", "options": [option("plant-a"), option("plant-b")]}
    await web.chat_postMessage(channel=plant_a.id, text="x", blocks=[section("it", accessory=more), actions(sites)])
    await screen.open()

    await screen.page.get_by_role("button", name="More actions").click()
    await screen.page.get_by_role("menuitem", name="mute").click()
    await slack.wait_for(lambda: heard == ["mute"])
    await screen.page.get_by_role("button", name="Choose").click()
    await screen.page.get_by_role("combobox", name="Search").fill("b")
    await screen.page.keyboard.press("Enter")

    await slack.wait_for(lambda: heard == ["mute", "plant-b"])
