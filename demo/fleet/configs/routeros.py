"""Configurations of MikroTik RouterOS, in the form of ``/export``."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from demo.fleet.configs.style import Moment, Style, description, fill, salted

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator


def _routeros(dice: random.Random, lines: int, hostname: str) -> str:
    head = """\
/interface bridge
add name=bridge1 protocol-mode=none
/interface ethernet
"""
    tail = f"""\
/interface vlan
add interface=bridge1 name=office vlan-id=10
/interface wireless security-profiles
add authentication-types=wpa2-psk mode=dynamic-keys name=staff \\
    supplicant-identity=MikroTik wpa2-pre-shared-key={salted(dice, 16)}
/ip ipsec identity
add peer=hq secret="{salted(dice, 20)}"
/snmp community
add addresses=192.0.2.50/32 name={salted(dice, 12)}
/ip address
add address=192.0.2.7/24 interface=bridge1 network=192.0.2.0
/ppp secret
add local-address=10.9.0.1 name=anna password={salted(dice, 14)} remote-address=\\
    10.9.0.2 service=l2tp
/radius
add address=192.0.2.60 secret={salted(dice, 16)} service=login
/system identity
set name={hostname}
/system ntp client
set enabled=yes
"""
    room = lines - head.count("\n") - tail.count("\n")
    return head + fill(_ports(dice), lines=room) + tail


def _ports(dice: random.Random) -> Iterator[str]:
    for number in count(1):
        yield f"""\
set [ find default-name=ether{number} ] comment="{description(dice)}" \\
    l2mtu=1598
"""


def _dress(body: bytes, now: Moment, _changed: Moment, _hostname: str) -> bytes:
    head = f"# {now.at:%Y-%m-%d %H:%M:%S} by RouterOS 7.14.3\n# software id = AB12-CD34\n#\n# model = RB5009UG+S+\n"
    return head.encode() + b"# serial number = HE108ABCDEF\n" + body


STYLES = {
    "mikrotik_routeros": Style(
        _routeros,
        _dress,
        "add interface=bridge1 name=VLAN-{n} vlan-id={n}\n",
        b"add interface=bridge1 name=office",
        re.compile(rb'^(set \[ find default-name=\S+ \] comment=").*?(" \\\r?\n)', re.MULTILINE),
        re.compile(rb'(\bsecret=")[^"]+'),
    )
}
