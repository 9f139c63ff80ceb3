"""The last door: what may leave at the moment of sending."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from domain.errors import SlackTrouble
from domain.messages.outbox import Message, MessageKind
from domain.subscriptions.routes import RouteFields
from storage.subscriptions.routes import add_route, change_route

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town

POST = Message(key="run:1", kind=MessageKind.POST, channel="C0PLANTA", content={}, sites=("plant-a",))


VERDICTS: dict[str, tuple[Message, str | None]] = {
    "into the site's own channel": (POST, None),
    "into another channel": (replace(POST, channel="C0ELSE"), "C0ELSE is not the channel of plant-a"),
    "of a site that is gone": (replace(POST, sites=("gone",)), "C0PLANTA is not the channel of gone"),
    "to someone with a role": (replace(POST, channel="U02ANNA"), None),
    "to someone without": (replace(POST, channel="U05STAN"), "U05STAN may not see plant-a"),
    "into their DM": (replace(POST, channel="D1", person="U05STAN"), "U05STAN may not see plant-a"),
    "a refusal, which holds no facts": (replace(POST, channel="U05STAN", sites=()), None),
    "a diff into the site's own channel": (replace(POST, shows_config=True), None),
    "of several sites to someone with a role at one": (
        replace(POST, channel="U02ANNA", sites=("plant-a", "plant-b")),
        "U02ANNA may not see plant-b",
    ),
    "of two": (replace(POST, sites=("plant-a", "plant-b")), "C0PLANTA is not the channel of plant-b"),
    "of a restricted device into a channel": (
        replace(POST, devices=("vault-fw1",)),
        "vault-fw1 is hidden from some members of C0PLANTA",
    ),
    "of a restricted device to one person, where a whole channel reads it": (
        replace(POST, person="U02ANNA", devices=("vault-fw1",)),
        "vault-fw1 is hidden from some members of C0PLANTA",
    ),
    "of it to an owner": (replace(POST, channel="U03OLGA", devices=("vault-fw1",)), None),
    "of a device that is hidden from nobody": (replace(POST, devices=("core-sw1",)), None),
    "of it to someone for whom it is not there": (
        replace(POST, channel="U02ANNA", devices=("vault-fw1",)),
        "U02ANNA may not see vault-fw1",
    ),
}


async def test_a_message_leaves_only_for_those_who_may_read_it_now(town: Town) -> None:
    declared = {"site": "plant-a", "host": "192.0.2.1", "platform": "cisco_ios", "credential": "lab"}
    town.settings["devices"]["vault-fw1"] = {**declared, "only": ["U04VERA"]}
    town.settings["sites"]["plant-b"] = {"channel": "C0PLANTB"}
    await town.start(keeps_time=False)

    said = {name: await town.serve.slack.gate.verdict(message) for name, (message, _) in VERDICTS.items()}

    assert said == {name: withheld for name, (_, withheld) in VERDICTS.items()}


async def test_no_configuration_goes_into_a_channel_that_others_read(town: Town) -> None:
    town.slack.add_channel("plant-b", id="C0PLANTB", ext_shared=True)
    town.settings["sites"]["plant-b"] = {"channel": "C0PLANTB"}
    await town.start(keeps_time=False)
    diff = replace(POST, channel="C0PLANTB", sites=("plant-b",), shows_config=True)

    verdict = await town.serve.slack.gate.verdict(diff)

    assert verdict == "C0PLANTB is shared with others, so no configuration goes there"
    assert await town.serve.slack.gate.verdict(replace(diff, shows_config=False)) is None


async def test_when_slack_cannot_be_asked_the_message_waits(town: Town) -> None:
    await town.start(keeps_time=False)
    town.slack.faults.server_error("users.info", times=None)

    with pytest.raises(SlackTrouble):
        await town.serve.slack.gate.verdict(replace(POST, channel="U02ANNA"))


async def test_n9_a_route_of_the_site_may_carry_its_messages_while_it_is_active(town: Town) -> None:
    await town.start(keeps_time=False)
    elsewhere = replace(POST, channel="C0NOC")
    fields = RouteFields(site="plant-a", channel="C0NOC")
    before = await town.serve.slack.gate.verdict(elsewhere)

    route = await add_route(fields, by="U03OLGA", now=town.clock.now())
    while_active = await town.serve.slack.gate.verdict(elsewhere)
    await change_route(
        route.id, events=fields.events, active=False, expected_revision=1, by="U03OLGA", now=town.clock.now()
    )

    assert before == "C0NOC is not the channel of plant-a"
    assert while_active is None
    assert await town.serve.slack.gate.verdict(elsewhere) == before
