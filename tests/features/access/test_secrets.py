"""Row C4: what is secret in a configuration stays in the archive, where the exact text is."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from demo.fleet import Fault
from demo.fleet.device import LINUX_CONFIG
from domain.runs.outcomes import Outcome
from tests.features.asking import back_up, code_of, last_run, stored, until_reply

if TYPE_CHECKING:
    from demo.fleet import Device
    from demo.slack import Message
    from tests.features.sweep import Seeds
    from tests.support.serve_fixtures import Town

# Small configurations as the platforms print them. S1, S2, ... are where its secrets stand.
CONFIGS = {
    "cisco_ios": """\
        hostname c4
        enable secret 5 S1
        username admin privilege 15 secret 5 S2
        snmp-server community S3 RO
        snmp-server host 192.0.2.50 version 2c S4
        tacacs-server key 7 S5
        crypto isakmp key S6 address 198.51.100.9
        router bgp 65010
         neighbor 192.0.2.1 password 7 S7
        interface Vlan1
         ip ospf message-digest-key 1 md5 7 S8
        line vty 0 4
         password 7 S9
        end
        """,
    "cisco_nxos": """\
        version 9.3(10)
        hostname c4
        username admin password 5 S1  role network-admin
        snmp-server user admin network-admin auth md5 S2 priv S3 localizedkey
        snmp-server community S4 group network-operator
        snmp-server host 192.0.2.50 traps version 2c S5
        radius-server key 7 "S6"
        router bgp 65010
          neighbor 192.0.2.1
            password 3 S7
        interface mgmt0
          vrf member management
        """,
    "arista_eos": """\
        hostname c4
        snmp-server community S1 ro
        snmp-server host 192.0.2.50 version 2c S2
        username admin privilege 15 role network-admin secret sha512 S3
        tacacs-server key 7 S4
        router bgp 65010
           neighbor 192.0.2.1 password 7 S5
        interface Management1
        end
        """,
    "juniper_junos": """\
        version 21.4R3.15;
        system {
            host-name c4;
            root-authentication {
                encrypted-password "$6$S1"; ## SECRET-DATA
            }
            radius-server {
                192.0.2.60 secret "$9$S2"; ## SECRET-DATA
            }
        }
        snmp {
            community S3 {
                authorization read-only;
            }
        }
        security {
            ike {
                policy hq {
                    pre-shared-key ascii-text "S4"; ## SECRET-DATA
                }
            }
        }
        """,
    "mikrotik_routeros": """\
        # 2026-01-01 10:00:00 by RouterOS 7.15.3
        /interface wireless security-profiles
        add mode=dynamic-keys name=staff wpa2-pre-shared-key=S1
        /ip ipsec identity
        add peer=hq secret="S2"
        /snmp community
        add addresses=192.0.2.50/32 name=S3
        /ppp secret
        add name=anna password=S4 remote-address=10.9.0.2 service=l2tp
        /interface wireguard
        add listen-port=13231 name=wg0 private-key="S5"
        /system identity
        set name=c4
        """,
    "fortinet_fortios": """\
        config system global
            set hostname "c4"
        end
        config system admin
            edit "admin"
                set accprofile "super_admin"
                set password ENC S1
            next
        end
        config system snmp community
            edit 1
                set name "S2"
                config hosts
                    edit 1
                        set ip 192.0.2.50 255.255.255.255
                    next
                end
            next
        end
        config vpn ipsec phase1-interface
            edit "to-hq"
                set psksecret S3
            next
        end
        config user radius
            edit "radius1"
                set secret S4
            next
        end
        """,
    "vyos": """\
        set interfaces wireguard wg0 private-key 'S1'
        set protocols bgp neighbor 192.0.2.1 password 'S2'
        set service snmp community S3 authorization 'ro'
        set system host-name 'c4'
        set system login user admin authentication encrypted-password 'S4'
        set vpn ipsec authentication psk hq secret 'S5'
        """,
    "frr": """\
        frr version 8.4.4
        hostname c4
        password 8 S1
        enable password 8 S2
        router bgp 65010
         neighbor 192.0.2.1 remote-as 65020
         neighbor 192.0.2.1 password S3
        interface eth0
         ip ospf message-digest-key 1 md5 S4
        exit
        end
        """,
    "linux": """\
        auto wlan0
        iface wlan0 inet dhcp
            wpa-psk = S1
        password: S2
        API_KEY=S3
        -----BEGIN PRIVATE KEY-----
        S4
        -----END PRIVATE KEY-----
        """,
}
PLACES = 9  # the most that one of them has


async def test_c4_secrets_of_every_platform_leave_the_archive_in_no_form(town: Town, seeds: Seeds) -> None:
    devices = {platform: await _add(town, seeds, platform, round_=1) for platform in CONFIGS}
    await town.start()
    await town.command(town.anna, "/backup now plant-a")
    await town.until(lambda: _batch(town, "is done: every device is backed up"))
    for platform, device in devices.items():
        device.set_config(_seeded(seeds, platform, round_=2), exact=True)
    await town.command(town.anna, "/backup now plant-a")
    batch = await town.until(lambda: _batch(town, f"🟠 Modified {len(devices)}"))

    for name in devices:
        await town.command(town.vera, f"/backup show {name}")
        await town.private(town.vera, f"/backup show {name} v2")
        await town.command(town.vera, f"/backup diff {name} v1..v2")
        diff = await town.private(town.vera, f"/backup diff {name} v1..v2")
        assert "<secret " in code_of(diff)
        assert "<secret " in code_of(await until_reply(town, batch, f"*{name}*"))

    for name, device in devices.items():
        assert (await last_run(name)).outcome is Outcome.MODIFIED
        text = await stored(town, name)
        assert text == device.wire
        assert [secret for secret in _secrets(name, 2) if _used(name, secret) and secret.encode() not in text] == []
    sent = town.slack.everything_sent()
    assert [secret for secret in seeds.of_devices if secret in sent] == []


async def test_c4_long_configurations_and_diffs_go_up_as_files_without_secrets(town: Town, seeds: Seeds) -> None:
    switch = await _add(town, seeds, "cisco_ios", round_=1, padding=200)
    await town.start()
    await back_up(town, "cisco_ios")
    switch.set_config(_seeded(seeds, "cisco_ios", round_=2, padding=400), exact=True)
    message = await back_up(town, "cisco_ios")

    await town.command(town.vera, "/backup show cisco_ios")

    await town.until(lambda: len(town.slack.files) >= 2)
    await town.serve.settled()
    contents = {file.name: file.content.decode() for file in town.slack.files.values()}
    assert set(contents) == {"cisco_ios-v1-v2.diff", "cisco_ios-v2.txt"}
    assert contents["cisco_ios-v2.txt"].count("<secret ") == 9
    assert "<secret " in contents["cisco_ios-v1-v2.diff"]
    assert not [secret for secret in seeds.of_devices for text in contents.values() if secret in text]
    await until_reply(town, message, "the file has the whole diff")


@pytest.mark.parametrize(
    "fault", [Fault.REJECTS_CONFIG, Fault.NO_PROMPT, Fault.DROPS, Fault.TRUNCATED, Fault.WRONG_PASSWORD], ids=str
)
async def test_c4_failed_run_tells_no_secret_that_the_device_showed(town: Town, seeds: Seeds, fault: Fault) -> None:
    seeds.of_devices += ["Zq7motd1Vx", "Zq7banner2Vx"]
    switch = await town.add_device(
        "core-sw1",
        retries=0,
        limits={"running": "3s"},
        motd="snmp-server community Zq7motd1Vx RO\n",
        banner="enable secret 5 Zq7banner2Vx\n",
    )
    switch.fault = fault
    await town.start()

    message = await back_up(town, "core-sw1")
    await town.slack.press(town.anna, message, "do:run")

    details = town.slack.plain(await town.private(town.anna, "Attempts"))
    assert "🔴" in town.slack.plain(message)
    assert "Zq7" not in details


async def _add(town: Town, seeds: Seeds, platform: str, *, round_: int, padding: int = 0) -> Device:
    commands = [LINUX_CONFIG] if platform == "linux" else []
    device = await town.add_device(platform, platform=platform, commands=commands)
    device.set_config(_seeded(seeds, platform, round_=round_, padding=padding), exact=True)
    return device


def _seeded(seeds: Seeds, platform: str, *, round_: int, padding: int = 0) -> bytes:
    """The configuration of ``platform`` with secrets of this round, all of which are noted in ``seeds``."""
    text = dedent(CONFIGS[platform])
    more = "".join(f"ip host server-{number} 10.0.{number // 250}.{number % 250}\n" for number in range(padding))
    text = text.replace("hostname c4\n", f"hostname c4\n{more}")
    for place, secret in enumerate(_secrets(platform, round_), start=1):
        if f"S{place}" in text:
            text = text.replace(f"S{place}", secret)
            seeds.of_devices.append(secret)
    return text.encode()


def _secrets(platform: str, round_: int) -> list[str]:
    letters = platform.replace("_", "")
    return [f"Zq7{letters}{round_}{place}Vx" for place in range(1, PLACES + 1)]


def _used(platform: str, secret: str) -> bool:
    place = int(secret.removesuffix("Vx")[-1])
    return f"S{place}" in CONFIGS[platform]


def _batch(town: Town, text: str) -> Message | None:
    seen = town.slack.messages(town.plant_a)
    return next((one for one in seen if "is done" in town.slack.plain(one) and text in town.slack.plain(one)), None)
