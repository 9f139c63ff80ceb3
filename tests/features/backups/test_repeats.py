"""Row I1: what Slack delivers again is done once, and every delivery is acknowledged in time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.features.asking import back_up, runs_of

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_i1_command_and_mention_delivered_three_times_are_each_one_run_and_acked(town: Town, mode: str) -> None:
    await town.add_device("core-sw1")
    await town.add_device("core-sw2")
    await town.start(mode)
    town.slack.faults.duplicate("slash_commands", copies=2)
    town.slack.faults.duplicate("events_api", copies=2)

    done = await town.command(town.anna, "/backup now core-sw1")
    mention = await town.slack.mention(town.anna, town.plant_a, "now core-sw2")
    await town.slack.settled()
    await town.final("core-sw1")
    await town.final("core-sw2")
    await town.serve.settled()

    assert done.acked
    assert [len(await runs_of(device)) for device in ("core-sw1", "core-sw2")] == [1, 1]
    assert len(_about(town, "core-sw1")) == 1
    assert len([one for one in town.slack.thread(town.plant_a, mention.ts) if "run 2" in town.slack.plain(one)]) == 1
    assert _deliveries(town) == {"slash_commands": 3, "events_api": 3}
    assert _unacked(town) == []


async def test_i1_button_delivered_three_times_starts_one_run(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    message = await back_up(town, "core-sw1")
    town.slack.faults.duplicate("interactive", copies=2)

    done = await town.slack.press(town.anna, message, "do:now")
    await town.slack.settled()
    await town.final("core-sw1", after=message)
    await town.serve.settled()

    assert done.acked
    assert len(await runs_of("core-sw1")) == 2
    assert _deliveries(town)["interactive"] == 3
    assert _unacked(town) == []


def _about(town: Town, device: str) -> list[str]:
    seen = town.slack.messages(town.plant_a)
    return [one.ts for one in seen if device in one.text and one.thread_ts is None and one.bot_id]


def _deliveries(town: Town) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in town.slack.traffic:
        if one.direction == "to_bot" and one.kind in {"slash_commands", "events_api", "interactive"}:
            counts[one.kind] = counts.get(one.kind, 0) + 1
    return counts


def _unacked(town: Town) -> list[str]:
    """Deliveries without an ack; the local Slack hangs up after three seconds, as Slack does."""
    sent = [one.envelope_id for one in town.slack.traffic if one.direction == "to_bot" and one.envelope_id]
    acked = [one.envelope_id for one in town.slack.traffic if one.kind == "ack" and one.envelope_id]
    return sorted((Counter(sent) - Counter(acked)).elements())
