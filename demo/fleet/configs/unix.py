"""Configurations of VyOS, FRRouting and plain Linux."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from demo.fleet.configs.style import Moment, Style, description, fill, salted

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator


def _vyos(dice: random.Random, lines: int, hostname: str) -> str:
    head = "set interfaces ethernet eth0 address '192.0.2.7/24'\nset interfaces ethernet eth0 description 'uplink'\n"
    tail = f"""\
set interfaces loopback lo
set interfaces wireguard wg0 private-key '{salted(dice, 43)}='
set protocols bgp neighbor 192.0.2.1 password '{salted(dice, 16)}'
set protocols bgp system-as '65010'
set service ntp server 192.0.2.123
set service snmp community {salted(dice, 12)} authorization 'ro'
set service ssh port '22'
set system host-name '{hostname}'
set system login user admin authentication encrypted-password '$6${salted(dice, 16)}${salted(dice, 86)}'
set system login user backup authentication encrypted-password '$6${salted(dice, 16)}${salted(dice, 86)}'
set vpn ipsec authentication psk hq secret '{salted(dice, 20)}'
"""
    room = lines - head.count("\n") - tail.count("\n")
    return head + fill(_vyos_vifs(dice), lines=room) + tail


def _vyos_vifs(dice: random.Random) -> Iterator[str]:
    for number in count(2):
        vif = f"set interfaces ethernet eth1 vif {number}"
        address = f"10.{dice.randint(0, 255)}.{number % 256}.1/24"
        yield f"{vif} address '{address}'\n{vif} description '{description(dice)}'\n"


def _frr(dice: random.Random, lines: int, hostname: str) -> str:
    head = f"""\
frr version 8.4.4
frr defaults traditional
hostname {hostname}
log syslog informational
service integrated-vtysh-config
!
password 8 {salted(dice, 13)}
enable password 8 {salted(dice, 13)}
!
"""
    tail = f"""\
router bgp 65010
 neighbor 192.0.2.1 remote-as 65020
 neighbor 192.0.2.1 password {salted(dice, 14)}
 !
 address-family ipv4 unicast
  network 192.0.2.0/24
 exit-address-family
exit
!
end
"""
    room = lines - head.count("\n") - tail.count("\n")
    return head + fill(_frr_ports(dice), lines=room) + tail


def _frr_ports(dice: random.Random) -> Iterator[str]:
    for number in count(1):
        yield f"""\
interface eth{number}
 description {description(dice)}
 ip address 10.{dice.randint(0, 255)}.{number % 256}.1/24
 ip ospf message-digest-key 1 md5 {salted(dice, 12)}
exit
!
"""


def _dress_frr(body: bytes, _now: Moment, _changed: Moment, _hostname: str) -> bytes:
    return b"Building configuration...\n\nCurrent configuration:\n!\n" + body


def _linux(dice: random.Random, lines: int, hostname: str) -> str:
    head = f"# interfaces of {hostname}\nauto lo\niface lo inet loopback\n\n"
    tail = f"""\
auto wlan0
iface wlan0 inet dhcp
    wpa-ssid office
    wpa-psk = {salted(dice, 20)}
"""
    room = lines - head.count("\n") - tail.count("\n")
    return head + fill(_linux_ports(dice), lines=room) + tail


def _linux_ports(dice: random.Random) -> Iterator[str]:
    for number in count():
        yield f"""\
# {description(dice)}
auto eth{number}
iface eth{number} inet static
    address 10.{dice.randint(0, 255)}.{number % 256}.1/24

"""


def _as_it_is(body: bytes, _now: Moment, _changed: Moment, _hostname: str) -> bytes:
    return body


STYLES = {
    "vyos": Style(
        _vyos,
        _as_it_is,
        "set interfaces ethernet eth1 vif {n} description 'VLAN-{n}'\n",
        b"set interfaces loopback",
        re.compile(rb"^(set interfaces ethernet \S+ (?:vif \d+ )?description ').*?('\r?\n)", re.MULTILINE),
        re.compile(rb"(\bsecret ')[^']+"),
    ),
    "frr": Style(
        _frr,
        _dress_frr,
        "interface eth0.{n}\n description VLAN-{n}\nexit\n!\n",
        b"interface ",
        re.compile(rb"^( description ).*?(\r?\n)", re.MULTILINE),
        re.compile(rb"^( neighbor \S+ password )\S+", re.MULTILINE),
    ),
    "linux": Style(
        _linux,
        _as_it_is,
        "auto eth0.{n}\niface eth0.{n} inet manual\n\n",
        b"auto wlan0",
        re.compile(rb"^(# ).*?(\r?\n)(?=auto eth)", re.MULTILINE),
        re.compile(rb"^( +wpa-psk = )\S+", re.MULTILINE),
    ),
}
