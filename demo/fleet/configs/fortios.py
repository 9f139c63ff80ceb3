"""Configurations of Fortinet FortiOS, whose secrets look different each time they are shown."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import count
from typing import TYPE_CHECKING

from demo.fleet.configs.style import Moment, Style, description, fill, salted

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

_ENCRYPTED = re.compile(rb"(?<= ENC )\S+|(?<=ENCRYPTED PRIVATE KEY-----\n)[A-Za-z0-9+/]+")
_VLAN = (
    '    edit "VLAN-{n}"\n        set vdom "root"\n        set interface "internal"\n        set vlanid {n}\n    next\n'
)


def _fortios(dice: random.Random, lines: int, hostname: str) -> str:
    head = f"""\
config system global
    set admintimeout 30
    set hostname "{hostname}"
    set timezone "Europe/Berlin"
end
config system interface
"""
    tail = _rest(dice)
    room = lines - head.count("\n") - tail.count("\n")
    return head + fill(_ports(dice), lines=room) + tail


def _rest(dice: random.Random) -> str:
    """What stands behind the interfaces: everything that holds a secret, and a policy."""
    return f"""\
end
config system admin
    edit "admin"
        set accprofile "super_admin"
        set vdom "root"
        set password ENC SH2{salted(dice, 60)}
    next
end
config system snmp community
    edit 1
        set name "{salted(dice, 12)}"
        config hosts
            edit 1
                set ip 192.0.2.50 255.255.255.255
            next
        end
    next
end
config vpn certificate local
    edit "vpn"
        set password ENC {salted(dice, 40)}
        set private-key "-----BEGIN ENCRYPTED PRIVATE KEY-----
{salted(dice, 64).replace(".", "+")}
-----END ENCRYPTED PRIVATE KEY-----"
    next
end
config vpn ipsec phase1-interface
    edit "to-hq"
        set interface "port1"
        set remote-gw 198.51.100.9
        set psksecret ENC {salted(dice, 64)}
    next
end
config firewall policy
    edit 1
        set name "lan to internet"
        set action accept
        set comments "{description(dice)}"
    next
end
"""


def _ports(dice: random.Random) -> Iterator[str]:
    for number in count(1):
        yield f"""\
    edit "port{number}"
        set vdom "root"
        set ip 10.{dice.randint(0, 255)}.{number % 256}.1 255.255.255.0
        set allowaccess ping
        set description "{description(dice)}"
    next
"""


def _dress(body: bytes, now: Moment, _changed: Moment, _hostname: str) -> bytes:
    head = (
        f"#config-version=FGT60F-7.4.4-FW-build2662-240514:opmode=0:vdom=0:user={now.by}\n"
        f"#conf_file_ver={int(now.at.timestamp() * 1000)}\n#buildno=2662\n#global_vdom=1\n"
    )

    def salt_anew(found: re.Match[bytes]) -> bytes:
        seed = hashlib.sha512(found[0] + now.at.isoformat().encode()).digest()
        return base64.b64encode(seed)[: len(found[0])]

    return head.encode() + _ENCRYPTED.sub(salt_anew, body)


STYLES = {
    "fortinet_fortios": Style(
        _fortios,
        _dress,
        _VLAN,
        b'    edit "port1"',
        re.compile(rb'^( +set description ").*?("\r?\n)', re.MULTILINE),
        re.compile(rb'^(config system snmp community\n +edit 1\n +set name ")[^"]+', re.MULTILINE),
    )
}
