"""Configurations of Cisco IOS, NX-OS and Arista EOS."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from demo.fleet.configs.style import Moment, Style, description, fill, hexed, salted

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

_DESCRIPTION = re.compile(rb"^( +description ).*?(\r?\n)", re.MULTILINE)
_COMMUNITY = re.compile(rb"^(snmp-server community )\S+", re.MULTILINE)
_CLOCK_PERIOD = re.compile(rb"^(ntp clock-period )\d+", re.MULTILINE)


def _ios(dice: random.Random, lines: int, hostname: str) -> str:
    head = f"""\
version 15.2
service timestamps debug datetime msec
service timestamps log datetime msec
service password-encryption
!
hostname {hostname}
!
enable secret 5 $1${salted(dice, 4)}${salted(dice, 22)}
!
username admin privilege 15 secret 5 $1${salted(dice, 4)}${salted(dice, 22)}
username backup privilege 15 password 7 {hexed(dice, 18)}
aaa new-model
ip domain-name example.net
!
crypto isakmp key {salted(dice, 16)} address 198.51.100.9
!
vlan 10
 name OFFICE
!
"""
    tail = f"""\
router bgp 65010
 neighbor 192.0.2.1 remote-as 65020
 neighbor 192.0.2.1 password 7 {hexed(dice, 20)}
!
ip access-list extended MGMT
 permit tcp 192.0.2.0 0.0.0.255 any eq 22
 deny   ip any any log
!
snmp-server community {salted(dice, 12)} RO
snmp-server community {salted(dice, 12)} RW
snmp-server host 192.0.2.50 version 2c {salted(dice, 12)}
tacacs-server key 7 {hexed(dice, 22)}
banner motd ^C
*** {hostname}: authorised use only ***
^C
!
line con 0
line vty 0 4
 password 7 {hexed(dice, 16)}
 transport input ssh
!
ntp clock-period 17179869
ntp server 192.0.2.123
end
"""
    room = lines - head.count("\n") - tail.count("\n")
    return head + fill(_ios_ports(dice, "GigabitEthernet1/0/"), lines=room) + tail


def _ios_ports(dice: random.Random, stem: str) -> Iterator[str]:
    for number in count(1):
        yield f"""\
interface {stem}{number}
 description {description(dice)}
 switchport access vlan {dice.randint(2, 99)}
 switchport mode access
 storm-control broadcast level {dice.randint(1, 20)}.00
 spanning-tree portfast
!
"""


def _dress_ios(body: bytes, now: Moment, changed: Moment, _hostname: str) -> bytes:
    period = 17179869 + int(now.at.timestamp()) % 9973
    body = _CLOCK_PERIOD.sub(rb"\g<1>%d" % period, body)
    stamp = f"{changed.at:%H:%M:%S} UTC {changed.at:%a %b} {changed.at.day} {changed.at:%Y}"
    head = f"!\n! Last configuration change at {stamp} by {changed.by}\n!\n".encode()
    size = len(head) + len(body)
    return b"Building configuration...\n\nCurrent configuration : %d bytes\n" % size + head + body


def _nxos(dice: random.Random, lines: int, hostname: str) -> str:
    head = f"""\
version 9.3(10) Bios:version 05.45
hostname {hostname}
vdc {hostname} id 1
  limit-resource vlan minimum 16 maximum 4094

feature bgp
feature interface-vlan
feature lacp

username admin password 5 $5${salted(dice, 6)}${salted(dice, 43)}  role network-admin
ip domain-lookup
snmp-server user admin network-admin auth md5 0x{hexed(dice, 32).lower()} priv 0x{hexed(dice, 32).lower()} localizedkey
snmp-server community {salted(dice, 12)} group network-operator
snmp-server host 192.0.2.50 traps version 2c {salted(dice, 12)}
ntp server 192.0.2.123 use-vrf management
radius-server key 7 "{salted(dice, 14)}"

vlan 10
  name OFFICE

"""
    tail = f"""\
interface mgmt0
  vrf member management
  ip address 192.0.2.7/24

cli alias name wr copy running-config startup-config
line console
line vty
boot nxos bootflash:/nxos.9.3.10.bin
router bgp 65010
  neighbor 192.0.2.1
    password 3 {hexed(dice, 16).lower()}
    remote-as 65020
"""
    room = lines - head.count("\n") - tail.count("\n")
    return head + fill(_nxos_ports(dice), lines=room) + tail


def _nxos_ports(dice: random.Random) -> Iterator[str]:
    for number in count(1):
        yield f"""\
interface Ethernet1/{number}
  description {description(dice)}
  switchport
  switchport access vlan {dice.randint(2, 99)}
  spanning-tree port type edge
  no shutdown

"""


def _dress_nxos(body: bytes, now: Moment, changed: Moment, _hostname: str) -> bytes:
    lines = (
        "",
        "!Command: show running-config",
        f"!Running configuration last done at: {changed.at:%a %b %d %H:%M:%S %Y}",
        f"!Time: {now.at:%a %b %d %H:%M:%S %Y}",
        "",
        "",
    )
    return "\n".join(lines).encode() + body


def _eos(dice: random.Random, lines: int, hostname: str) -> str:
    head = f"""\
transceiver qsfp default-mode 4x10G
!
service routing protocols model multi-agent
!
hostname {hostname}
!
snmp-server community {salted(dice, 12)} ro
snmp-server host 192.0.2.50 version 2c {salted(dice, 12)}
!
username admin privilege 15 role network-admin secret sha512 $6${salted(dice, 16)}${salted(dice, 86)}
username backup privilege 15 secret sha512 $6${salted(dice, 16)}${salted(dice, 86)}
tacacs-server key 7 {hexed(dice, 20)}
!
vlan 10
   name OFFICE
!
"""
    tail = f"""\
interface Management1
   ip address 192.0.2.7/24
!
ip routing
!
router bgp 65010
   neighbor 192.0.2.1 remote-as 65020
   neighbor 192.0.2.1 password 7 {salted(dice, 20)}==
!
ntp server 192.0.2.123
!
end
"""
    room = lines - head.count("\n") - tail.count("\n")
    return head + fill(_eos_ports(dice), lines=room) + tail


def _eos_ports(dice: random.Random) -> Iterator[str]:
    for number in count(1):
        yield f"""\
interface Ethernet{number}
   description {description(dice)}
   switchport access vlan {dice.randint(2, 99)}
   spanning-tree portfast
!
"""


def _dress_eos(body: bytes, now: Moment, _changed: Moment, hostname: str) -> bytes:
    head = (
        f"! Command: show running-config\n! Time: {now.at:%a %b %d %H:%M:%S %Y}\n"
        f"! device: {hostname} (vEOS-lab, EOS-4.30.1F)\n!\n! boot system flash:/vEOS-lab.swi\n!\n"
    )
    return head.encode() + body


STYLES = {
    "cisco_ios": Style(_ios, _dress_ios, "vlan {n}\n name VLAN-{n}\n!\n", b"interface ", _DESCRIPTION, _COMMUNITY),
    "cisco_nxos": Style(_nxos, _dress_nxos, "vlan {n}\n  name VLAN-{n}\n\n", b"interface ", _DESCRIPTION, _COMMUNITY),
    "arista_eos": Style(_eos, _dress_eos, "vlan {n}\n   name VLAN-{n}\n!\n", b"interface ", _DESCRIPTION, _COMMUNITY),
}
