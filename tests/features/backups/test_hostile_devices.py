"""Whatever a device says, from its banner to its last line, Slack takes the messages and nobody is notified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.fleet.configs import generate_config
from demo.gallery.subjects.hostile import TEXTS
from demo.slack import Mention, pings
from domain.runs.outcomes import Outcome
from tests.features.asking import back_up, code_of, last_run, latest, until_reply
from tests.features.jobs.test_jobs import answer

if TYPE_CHECKING:
    from demo.slack import Message
    from tests.support.serve_fixtures import Town

VERBATIM = ("mentions", "markup", "script", "template")  # one line of what every screen can show
PIECES = (
    *("<!channel>", "<!here|x>", "<@U05STAN>", "<!subteam^S03TEAM>", "<#C0PLANTA>", "<https://evil.example|sw>"),
    *(
        "```",
        "`",
        "*b*",
        "&lt;",
        "&",
        '"',
        "\\",
        "{{ 1 }}",
        "\r",
        "\n",
        "\t",
        "\x00",
        "\x1b[2J",
        "\x08",
        "\u202e",
        ":x:",
    ),
)
LINES = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), min_size=1, max_size=12).map("".join)


def config_of(name: str, text: str = "") -> bytes:
    """A short configuration with ``text`` before its end."""
    whole = generate_config("cisco_ios", lines=20, seed=1, hostname=name)
    head, end, tail = whole.rpartition(b"end")
    remarks = "".join(f"! {line}\n" for line in text.split("\n")) if text else ""
    return head + remarks.encode("utf-8", "surrogatepass") + end + tail


def sayable(text: str) -> str:
    """``text`` as SSH can carry it in a banner."""
    return text.encode("utf-8", "replace").decode()


def notified(town: Town, message: Message) -> set[Mention]:
    """Whom a message and its thread notify, beside the person who asked."""
    whole = (message, *town.slack.thread(message.channel, message.ts))
    return {one for part in whole for one in pings(part)} - {Mention("user", town.anna.id)}


async def test_what_a_device_says_reaches_slack_as_text_and_notifies_nobody(town: Town) -> None:
    devices = {}
    for number, (named, text) in enumerate(TEXTS.items(), start=1):
        name, words = f"sw{number}", sayable(text)
        devices[named] = await town.add_device(name, config=config_of(name), banner=words, motd=words)
    await town.start()
    await town.command(town.anna, "/backup now plant-a")
    await town.until(lambda: next((one for one in town.slack.messages(town.plant_a) if "is done" in one.text), None))

    for named, device in devices.items():
        device.set_config(config_of(device.name, TEXTS[named]))
        message = await back_up(town, device.name)

        assert (await last_run(device.name)).outcome is Outcome.MODIFIED, named
        shown = code_of(await until_reply(town, message))
        assert "\n+! " in shown, named
        if named in VERBATIM:
            assert f"+! {TEXTS[named]}\n" in f"{shown}\n"
        assert notified(town, message) == set(), named
        again = await answer(town, f"/backup diff {device.name}", f"/backup diff {device.name}")
        assert code_of(again) == shown
    assert town.slack.refused == []


async def test_what_a_device_refuses_with_and_who_it_says_changed_it_notify_nobody(town: Town) -> None:
    nasty = "<!channel> <@U05STAN> `now` *here*"
    rude = await town.add_device("core-sw1", config=config_of("core-sw1"))
    sly = await town.add_device("core-sw2", config=config_of("core-sw2"))
    await town.start()
    await back_up(town, "core-sw2")
    rude.set_config(f"% Invalid input detected {nasty}\n".encode(), exact=True)
    sly.change("add vlan 77", by="<!channel>")

    refused = await back_up(town, "core-sw1")
    changed = await back_up(town, "core-sw2")

    assert "🔴 Failed" in town.slack.plain(refused)
    assert "<!channel> <@U05STAN>" in town.slack.plain(refused)
    runs = [await last_run(name) for name in ("core-sw1", "core-sw2")]
    details = [await answer(town, f"/backup run {run.id}", run.device) for run in runs]
    for message in (refused, changed, *details):
        assert notified(town, message) == set()
    assert "Changed by" in town.slack.plain(details[1])
    assert town.slack.refused == []


@given(text=LINES)
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_configuration_becomes_a_message_that_notifies_nobody(town: Town, text: str) -> None:
    if not town.is_running:
        await town.add_device("core-sw1", config=config_of("core-sw1"))
        await town.start()
        await back_up(town, "core-sw1")
    town.fleet["core-sw1"].set_config(config_of("core-sw1", text))
    before = latest(town)

    message = await back_up(town, "core-sw1")

    assert before is None or message.ts != before.ts
    if (await last_run("core-sw1")).outcome is Outcome.MODIFIED:
        assert code_of(await until_reply(town, message))
    assert notified(town, message) == set()
    assert town.slack.refused == []
