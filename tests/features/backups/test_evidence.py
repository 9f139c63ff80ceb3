"""A run that failed shows what its device said last: in its message, its details and the history, and no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.fleet import Fault
from demo.fleet.device import DEMO_PASSWORD
from demo.slack import Mention, pings
from tests.features.asking import back_up, code_of, last_run
from tests.features.jobs.test_jobs import answer

if TYPE_CHECKING:
    from demo.slack import Message
    from tests.support.serve_fixtures import Town

RUDE = b"""% Line protocol of <!channel> `rm -rf` is *down*
snmp-server community Lindenallee7 RO
% your password was PASSWORD, was it not?
% Ambiguous command: "show runn"
"""


def whole(town: Town, *messages: Message) -> str:
    """All that anybody can see of ``messages``."""
    return "\n".join(town.slack.plain(one) for one in messages)


async def test_message_details_and_history_show_the_last_words_of_the_device_and_no_secret(town: Town) -> None:
    device = await town.add_device("core-sw1", retries=0)
    device.set_config(RUDE.replace(b"PASSWORD", DEMO_PASSWORD.encode()), exact=True)
    await town.start()

    message = await back_up(town, "core-sw1")
    details = await answer(town, f"/backup run {(await last_run('core-sw1')).id}", "Started by")
    history = await answer(town, "/backup history core-sw1", "History of")

    assert '% Ambiguous command: "show runn"' in code_of(message)
    assert "% Line protocol of <!channel> `rm -rf` is *down*" in code_of(details)
    assert "Reading the configuration: sent" in town.slack.plain(message)
    assert "show running-config" in town.slack.plain(details)
    assert "Ambiguous command" in town.slack.plain(history)
    seen = whole(town, message, details, history)
    assert DEMO_PASSWORD not in seen
    assert "Lindenallee7" not in seen
    assert {ping for one in (message, details, history) for ping in pings(one)} <= {Mention("user", town.anna.id)}
    assert town.slack.refused == []


async def test_a_site_that_shows_no_configuration_shows_our_own_words_alone(town: Town) -> None:
    device = await town.add_device("core-sw1", retries=0)
    device.set_config(b"% Lindenallee: no such command\n% Invalid input\n", exact=True)
    town.settings["sites"]["plant-a"]["link_only"] = True
    await town.start()

    message = await back_up(town, "core-sw1")
    details = await answer(town, f"/backup run {(await last_run('core-sw1')).id}", "Started by")
    history = await answer(town, "/backup history core-sw1", "History of")

    seen = whole(town, message, details, history)
    assert "Lindenallee" not in seen
    assert "core-sw1#" not in seen
    assert "Reading the configuration: sent" in seen


async def test_of_a_run_that_is_tried_again_the_last_words_of_the_last_attempt_are_kept(town: Town) -> None:
    device = await town.add_device("core-sw1", retries=1, limits={"running": "2m"})
    device.fail_next(Fault.DROPS, times=2)
    await town.start()

    await back_up(town, "core-sw1")

    run = await last_run("core-sw1")
    assert run.attempts == 2
    assert run.evidence
    assert (run.evidence.command, run.evidence.awaited) == ("show running-config", "the prompt core-sw1#")
