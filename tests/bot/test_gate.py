"""The last door: what may leave at the moment of sending."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from domain.errors import SlackTrouble
from domain.outbox import Message, MessageKind

if TYPE_CHECKING:
    from tests.serve_fixtures import Town

POST = Message(key="run:1", kind=MessageKind.POST, channel="C0PLANTA", content={}, sites=("plant-a",))


@pytest.mark.parametrize(
    ("message", "withheld"),
    [
        pytest.param(POST, None, id="into the site's own channel"),
        pytest.param(
            replace(POST, channel="C0ELSE"), "C0ELSE is not the channel of plant-a", id="into another channel"
        ),
        pytest.param(
            replace(POST, sites=("gone",)), "C0PLANTA is not the channel of gone", id="of a site that is gone"
        ),
        pytest.param(replace(POST, channel="U02ANNA"), None, id="to someone with a role"),
        pytest.param(replace(POST, channel="U05STAN"), "U05STAN may not see plant-a", id="to someone without"),
        pytest.param(replace(POST, channel="D1", person="U05STAN"), "U05STAN may not see plant-a", id="into their DM"),
        pytest.param(replace(POST, channel="U05STAN", sites=()), None, id="a refusal, which holds no facts"),
        pytest.param(replace(POST, shows_config=True), None, id="a diff into the site's own channel"),
    ],
)
async def test_a_message_leaves_only_for_those_who_may_read_it_now(
    town: Town, message: Message, withheld: str | None
) -> None:
    await town.start(keeps_time=False)

    assert await town.serve.slack.gate.verdict(message) == withheld


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
