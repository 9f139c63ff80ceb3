"""Rows D1, D6 and D8: the same picture later, what is too large for a message, and what stands over a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.domain.configs.structure.samples import FORTIOS, IOS, VYOS_SET
from tests.features.asking import back_up, code_of, until_reply

if TYPE_CHECKING:
    from demo.slack import File
    from tests.support.serve_fixtures import Town

INLINE = 2_500  # characters of a diff that a message shows


async def test_d1_diff_opened_three_versions_later_equals_the_diff_of_the_day(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    await town.start()
    await back_up(town, "core-sw1")
    switch.change("add vlan 77")
    switch.rotate_secret()
    message = await back_up(town, "core-sw1")
    of_the_day = code_of(await until_reply(town, message))
    for vlan in (78, 79, 80):
        switch.change(f"remove vlan {vlan - 1}" if vlan % 2 else f"add vlan {vlan}")
        await back_up(town, "core-sw1")

    await town.command(town.vera, "/backup diff core-sw1 #2")
    by_run = code_of(await town.private(town.vera, "/backup diff core-sw1 #2"))
    await town.command(town.vera, "/backup diff core-sw1 v1..v2")
    by_versions = code_of(await town.private(town.vera, "/backup diff core-sw1 v1..v2"))

    assert "+vlan 77" in of_the_day
    assert by_run == of_the_day
    assert by_versions == of_the_day


async def test_d6_diff_over_the_limit_is_a_summary_with_first_hunks_and_a_file_in_the_thread(town: Town) -> None:
    switch = await town.add_device("core-sw1", lines=100)
    await town.start()
    await back_up(town, "core-sw1")
    routes = [f"ip route 10.{n // 250}.{n % 250}.0 255.255.255.0 192.0.2.1 name zurück-{n}" for n in range(3000)]
    switch.change("add line " + "\n".join(routes))

    message = await back_up(town, "core-sw1")

    summary = await until_reply(town, message, "and ")
    await town.until(lambda: next(iter(town.slack.files.values()), None))
    file = await town.until(lambda: _shared(town, message.ts))
    text = file.content.decode()
    assert "+3,000 \u22120 lines" in town.slack.plain(summary)
    assert "the file has the whole diff" in town.slack.plain(summary)
    assert 0 < len(code_of(summary)) <= INLINE
    assert text.startswith(code_of(summary).rstrip("\n"))
    assert text.count("\n+ip route") == 3000
    assert (file.name, file.snippet_type) == ("core-sw1-v1-v2.diff", "diff")
    assert "files.upload" not in {call.method for call in town.slack.calls}
    assert town.slack.refused == []


@pytest.mark.parametrize(
    ("platform", "text", "old", "new", "heading"),
    [
        pytest.param("cisco_ios", IOS, "fair-queue", "fair-queue 9", "policy-map QOS › class class-default", id="ios"),
        pytest.param(
            "fortinet_fortios", FORTIOS, "ip6-mode static", "ip6-mode dhcp",
            'config system interface › edit "port5" › config ipv6', id="fortios",
        ),
        pytest.param("vyos", VYOS_SET, "'lab to roof'", "'roof'", "interfaces ethernet eth3 vif", id="vyos"),
    ],
)  # fmt: skip
async def test_d8_thread_file_and_answer_name_the_real_parents_of_a_change(
    town: Town, platform: str, text: str, old: str, new: str, heading: str
) -> None:
    device = await town.add_device("lab-7", platform=platform, config=text.encode())
    await town.start()
    await back_up(town, "lab-7")
    device.set_config(text.replace(old, new).encode())
    message = await back_up(town, "lab-7")
    in_thread = code_of(await until_reply(town, message, new))

    await town.command(town.vera, "/backup diff lab-7")
    in_answer = code_of(await town.private(town.vera, "/backup diff lab-7"))

    assert in_thread.split("\n")[0].endswith(f" @@ {heading}")
    assert in_answer == in_thread
    assert in_thread.count("\n-") == in_thread.count("\n+") == 1


async def test_d8_post_of_a_site_that_shows_no_configuration_says_what_kind_of_change_it_is_and_no_line(
    town: Town,
) -> None:
    town.settings["sites"]["plant-a"]["link_only"] = True
    device = await town.add_device("lab-7", config=IOS.encode())
    await town.start()
    await back_up(town, "lab-7")
    device.set_config(IOS.replace("fair-queue", "fair-queue 9").replace("to the lab", "to the roof").encode())

    message = await back_up(town, "lab-7")
    below = await until_reply(town, message, "lastgood diff")

    assert "Changed: 1 interface, 1 policy." in town.slack.plain(message)
    assert "1 interface, 1 policy" in town.slack.plain(below)
    assert code_of(message) == code_of(below) == ""
    assert not any("roof" in str(call.args) for call in town.slack.calls)


def _shared(town: Town, thread: str) -> File | None:
    replies = town.slack.thread(town.plant_a, thread)
    shown = {file for one in replies for file in one.files}
    return next((file for file in town.slack.files.values() if file.id in shown), None)
