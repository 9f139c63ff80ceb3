"""Modals and the Home tab of the local Slack: trigger ids, the stack of three, hashes, what people enter."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from demo.slack import NoSuchElement
from demo.slack.blocks import limits
from tests.demo.slack.calls import Body, actions, button, modal, option, refusal, section, text, text_input

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from demo.slack import Channel, LocalSlack, Person, View
    from tests.support.clock import MovedClock


async def opened(slack: LocalSlack, web: AsyncWebClient, person: Person, view: Body) -> View:
    await web.views_open(trigger_id=slack.workspace.issue_trigger(person), view=view)
    return slack.views(person)[-1]


async def test_a_trigger_id_works_once_and_only_if_it_was_issued(
    slack: LocalSlack, web: AsyncWebClient, anna: Person
) -> None:
    trigger = slack.workspace.issue_trigger(anna)

    await web.views_open(trigger_id=trigger, view=modal(section()))
    codes = [await refusal(web.views_open(trigger_id=one, view=modal(section()))) for one in (trigger, "made.up")]

    assert codes == ["exchanged_trigger_id", "invalid_trigger_id"]
    assert len(slack.views(anna)) == 1


async def test_a_trigger_id_lives_three_seconds(
    slack: LocalSlack, web: AsyncWebClient, anna: Person, slack_clock: MovedClock
) -> None:
    good, late = slack.workspace.issue_trigger(anna), slack.workspace.issue_trigger(anna)

    await slack_clock.advance(limits.TRIGGER)
    await web.views_open(trigger_id=good, view=modal(section()))
    await slack_clock.advance(timedelta(milliseconds=1))

    assert await refusal(web.views_open(trigger_id=late, view=modal(section()))) == "expired_trigger_id"


async def test_a_bad_view_does_not_use_the_trigger_up(slack: LocalSlack, web: AsyncWebClient, anna: Person) -> None:
    trigger = slack.workspace.issue_trigger(anna)

    code = await refusal(web.views_open(trigger_id=trigger, view=modal({"type": "nope"})))
    await web.views_open(trigger_id=trigger, view=modal(section()))

    assert code == "invalid_arguments"


async def test_at_most_three_modals_stand_on_top_of_each_other(
    slack: LocalSlack, web: AsyncWebClient, anna: Person
) -> None:
    root = await opened(slack, web, anna, modal(section()))

    def from_top() -> str:
        return slack.workspace.issue_trigger(anna, view=slack.views(anna)[-1].id)

    await web.views_push(trigger_id=from_top(), view=modal(section("two")))
    await web.views_push(trigger_id=from_top(), view=modal(section("three")))
    full = await refusal(web.views_push(trigger_id=from_top(), view=modal(section("four"))))
    no_modal = await refusal(web.views_push(trigger_id=slack.workspace.issue_trigger(anna), view=modal(section())))

    stack = slack.views(anna)
    assert (full, no_modal) == ("push_limit_reached", "not_found")
    assert [one.root_id for one in stack] == [root.id] * 3
    assert [one.previous_id for one in stack] == [None, stack[0].id, stack[1].id]


async def test_an_update_needs_the_present_hash_and_keeps_what_was_entered(
    slack: LocalSlack, web: AsyncWebClient, anna: Person
) -> None:
    view = await opened(slack, web, anna, modal(text_input("host")))
    await slack.select(anna, view, "text", "10.1.0.1")

    await web.views_update(view_id=view.id, hash=view.hash, view=modal(text_input("host"), section("more")))
    late = await refusal(web.views_update(view_id=view.id, hash=view.hash, view=modal(section())))
    gone = await refusal(web.views_update(view_id="V0", view=modal(section())))

    after = slack.views(anna)[-1]
    assert (late, gone) == ("hash_conflict", "not_found")
    assert len(after.blocks) == 2
    assert after.state["host"]["text"]["value"] == "10.1.0.1"
    assert after.hash != view.hash


async def test_a_closed_modal_cannot_be_updated(slack: LocalSlack, web: AsyncWebClient, anna: Person) -> None:
    view = await opened(slack, web, anna, modal(section()))
    await slack.close_view(anna, view)

    assert await refusal(web.views_update(view_id=view.id, view=modal(section()))) == "not_found"


async def test_an_external_id_finds_a_view_and_is_unique(slack: LocalSlack, web: AsyncWebClient, anna: Person) -> None:
    await opened(slack, web, anna, modal(section(), external_id="add"))
    trigger = slack.workspace.issue_trigger(anna)

    twice = await refusal(web.views_open(trigger_id=trigger, view=modal(section(), external_id="add")))
    await web.views_update(external_id="add", view=modal(section("new"), external_id="add"))

    assert twice == "duplicate_external_id"
    assert slack.plain(slack.views(anna)[0]) == "new"


async def test_home_is_published_with_a_hash_against_races(
    slack: LocalSlack, web: AsyncWebClient, anna: Person
) -> None:
    first = await web.views_publish(user_id=anna.id, view={"type": "home", "blocks": [section("one")]})
    old = first["view"]["hash"]
    await web.views_publish(user_id=anna.id, hash=old, view={"type": "home", "blocks": [section("two")]})

    late = await refusal(web.views_publish(user_id=anna.id, hash=old, view={"type": "home", "blocks": []}))
    modal_there = await refusal(web.views_publish(user_id=anna.id, view=modal(section())))
    nobody = await refusal(web.views_publish(user_id="U0NOBODY", view={"type": "home", "blocks": []}))

    home = slack.home(anna)
    assert home is not None
    assert slack.plain(home) == "two"
    assert (late, modal_there, nobody) == ("hash_conflict", "invalid_arguments", "invalid_arguments")


@pytest.mark.usefixtures("on_socket")
@pytest.mark.parametrize(
    ("answer", "titles", "error"),
    [
        pytest.param({}, [], None, id="nothing closes it"),
        pytest.param({"response_action": "clear"}, [], None, id="clear"),
        pytest.param({"response_action": "update", "view": modal(section("b"))}, ["b"], None, id="update"),
        pytest.param({"response_action": "push", "view": modal(section("b"))}, ["a", "b"], None, id="push"),
        pytest.param({"response_action": "errors", "errors": {"host": "no"}}, ["a"], "field_errors", id="errors"),
        pytest.param({"response_action": "errors", "errors": {"sec": "no"}}, ["a"], "invalid_errors", id="no input"),
        pytest.param({"response_action": "update", "view": modal()}, [""], None, id="an empty view"),
        pytest.param(
            {"response_action": "update", "view": modal({"type": "nope"})}, ["a"], "invalid_arguments", id="bad view"
        ),
        pytest.param({"response_action": "dance"}, ["a"], "invalid_response_action", id="no such action"),
    ],
)
async def test_a_submission_is_answered_in_its_ack(
    slack: LocalSlack, bolt: AsyncApp, web: AsyncWebClient, anna: Person, answer: Body, titles: list[str], error: str
) -> None:
    @bolt.view("add")
    async def submitted(ack: AsyncAck) -> None:
        await ack(**answer)

    view = await opened(slack, web, anna, modal(section("a", block_id="sec"), text_input("host"), callback_id="add"))

    done = await slack.submit(anna, view, {"host": "x"})

    assert done.error == error
    assert [slack.plain(one).partition("\n")[0] for one in slack.views(anna)] == titles


async def test_the_client_refuses_what_slack_would_not_send(
    slack: LocalSlack, web: AsyncWebClient, anna: Person
) -> None:
    number = {"type": "number_input", "action_id": "n", "is_decimal_allowed": False, "max_value": "9"}
    view = await opened(
        slack,
        web,
        anna,
        modal(
            text_input("short", min_length=3),
            {"type": "input", "block_id": "count", "label": text(), "element": number},
            {"type": "input", "block_id": "mail", "label": text(), "element": {"type": "email_text_input"}},
            {"type": "input", "block_id": "free", "label": text(), "optional": True, "element": {"type": "datepicker"}},
        ),
    )

    done = await slack.submit(anna, view, {"short": "ab", "count": "10", "mail": "nobody"})

    assert set(done.field_errors) == {"short", "count", "mail"}
    assert not slack.traffic


async def test_a_person_can_use_only_what_is_there(
    slack: LocalSlack, web: AsyncWebClient, anna: Person, plant_a: Channel
) -> None:
    ben = slack.add_person("ben")
    mine = button("mine", visible_to_user_ids=[anna.id])
    pick = {"type": "static_select", "action_id": "pick", "options": [option("1")]}
    private = slack.add_channel("private", members=[anna], private=True)
    await web.chat_postMessage(channel=private.id, text="x", blocks=[actions(button("a"), mine, pick)])
    await web.chat_postMessage(channel=plant_a.id, text="x", blocks=[actions(button("a"), mine)])
    message, public = slack.messages(private)[0], slack.messages(plant_a)[0]
    gone = slack.add_person("gone", deleted=True)

    with pytest.raises(NoSuchElement, match="there are: a, mine, pick"):
        await slack.press(anna, message, "b")
    with pytest.raises(NoSuchElement, match="no option '2'"):
        await slack.select(anna, message, "pick", "2")
    with pytest.raises(NoSuchElement, match="does not see"):
        await slack.press(ben, message, "a")
    with pytest.raises(NoSuchElement, match="not shown"):
        await slack.press(ben, public, "mine")
    with pytest.raises(NoSuchElement, match="deactivated"):
        await slack.command(gone, plant_a, "/backup")
    with pytest.raises(NoSuchElement, match="not in"):
        await slack.command(ben, plant_a, "/backup")


@pytest.mark.usefixtures("connected")
async def test_actions_in_a_modal_carry_what_was_entered(
    slack: LocalSlack, bolt: AsyncApp, web: AsyncWebClient, anna: Person
) -> None:
    seen: list[Body] = []

    @bolt.action("go")
    async def pressed(ack: AsyncAck, body: Body) -> None:
        seen.append(body)
        await ack()

    @bolt.view_closed("add")
    async def closed(ack: AsyncAck, body: Body) -> None:
        seen.append(body)
        await ack()

    view = await opened(
        slack, web, anna, modal(text_input("host"), actions(button("go")), callback_id="add", notify_on_close=True)
    )
    await slack.select(anna, view, "text", "10.1.0.1")
    await slack.press(anna, view, "go")
    await slack.close_view(anna, view)

    assert seen[0]["view"]["state"]["values"]["host"]["text"]["value"] == "10.1.0.1"
    assert seen[0]["container"] == {"type": "view", "view_id": view.id}
    assert "message" not in seen[0]
    assert seen[1]["type"] == "view_closed"
    assert slack.views(anna) == []
