"""A change is counted by kind: what is nested in an interface is that interface, once."""

from __future__ import annotations

import pytest

from domain.configs.structure.kinds import Structure
from notifications.previews import ConfigDiff
from runners.platforms.reading import load_platforms
from tests.domain.configs.structure import samples

PLATFORMS = load_platforms()
IOS = samples.IOS + "ip access-list extended LAB\n permit tcp any any eq 22\n permit tcp any any eq 23\n"


@pytest.mark.parametrize(
    ("name", "text", "edits", "words"),
    [
        ("cisco_ios", IOS, {"to the lab": "to the roof", "no ip address": "ip address dhcp"}, "2 interfaces"),
        ("cisco_ios", IOS, {"to the lab": "x", "eq 22": "eq 24", "eq 23": "eq 25"}, "1 interface, 1 ACL"),
        ("cisco_ios", IOS, {"edge-3": "edge-4"}, ""),
        ("cisco_ios", IOS, {"edge-3": "x", "remote-as 65020": "remote-as 9"}, "1 routing process and 1 other line"),
        ("cisco_ios", IOS, {"192.0.2.254": "192.0.2.253", "trespassing": "entry"}, "1 banner, 1 route"),
        ("cisco_ios", IOS, {"interface GigabitEthernet0/2\n": "interface Gi9\n"}, "2 interfaces"),
        ("cisco_ios", IOS, {"class VOICE\n": "class DATA\n", "dscp ef": "dscp cs1"}, "2 policies"),
        ("arista_eos", samples.EOS, {"mtu 9214": "mtu 1500", "sflow enable": "sflow"}, "1 interface"),
        ("cisco_nxos", samples.NXOS, {"rack 9": "rack 8"}, "1 interface"),
        ("juniper_junos", samples.JUNOS, {"unit 7": "unit 8", "disable;": "mtu 9;"}, "2 interfaces"),
        ("fortinet_fortios", samples.FORTIOS, {"accept": "deny", "mtu 9000": "mtu 1", "ping": "ssh"},
         "1 interface, 1 firewall rule"),
        ("fortinet_fortios", samples.FORTIOS, {"192.0.2.0 ": "192.0.3.0 "}, "1 address object"),
        ("mikrotik_routeros", samples.ROUTEROS, {"chain=input": "chain=output", "name=bridge7": "name=bridge7 x=1"},
         "1 interface, 1 firewall rule"),
        ("vyos", samples.VYOS_SET, {"floor": "cellar", "roof": "attic", "loopback lo": "loopback l1"}, "3 interfaces"),
        ("vyos", samples.VYOS_SET, {"'admin'": "'operator'"}, "1 user"),
        ("braces", samples.VYOS_BRACES, {"vif 30": "vif 31"}, "1 interface"),
        ("set_lines", samples.JUNOS_SET, {"family inet6": "family mpls"}, "1 interface"),
        ("linux", samples.FILES, {"192.0.2.161": "192.0.2.162", "iburst": ""}, "1 interface and 1 other line"),
        ("flat", samples.FRR, {"activate": "shutdown"}, ""),
    ],
)  # fmt: skip
def test_d8_change_is_counted_by_kind(name: str, text: str, edits: dict[str, str], words: str) -> None:
    after = text
    for old, new in edits.items():
        assert old in after
        after = after.replace(old, new, 1)
    structure = PLATFORMS[name].structure if name in PLATFORMS else Structure(name)

    assert ConfigDiff.of(text, after, structure).subjects == words


def test_d8_nothing_is_counted_of_a_change_without_end_and_few_kinds_are_named() -> None:
    many = "".join(f"vlan {number}\n" for number in range(2, 3_000))
    kinds = "interface a\n!\nvlan 7\n!\nbanner x #y#\n!\nrouter rip\n!\nroute-map m\n!\nusername u\n"

    assert ConfigDiff.of("", many).subjects == ""
    assert ConfigDiff.of("", kinds).subjects == "1 interface, 1 VLAN, 1 banner, 1 routing process and more"


def test_d8_words_of_the_device_never_stand_in_the_count() -> None:
    hostile = "interface <!channel>\n vlan `x`\nvlan *y*\nbanner <@U0X> #\n"

    assert ConfigDiff.of("", hostile).subjects == "1 interface, 1 VLAN, 1 banner"
